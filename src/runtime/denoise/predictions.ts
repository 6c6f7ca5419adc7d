/** Predictions mixed: guidance, and ensembles over predictions. */
import type { GuidedRow, RowLayout } from '../../plan/rows/rows.ts';
import { memberShares, scaleAt } from '../../plan/rows/weights.ts';
import type { Moment } from '../../plan/steps.ts';
import { mixture, type Term } from '../mixture.ts';
import type { Tensor } from '../tensor.ts';

/**
 * The guided prediction of every picture, `[pictures, 4, h, w]`: u + g (Σ m_k p_k − u), classifier-free guidance (Ho &
 * Salimans 2022) over the ensemble's mean. `apart`: for an ensemble over latents, one prediction a member, u + g (p_k − u).
 */
export function guide(
    layout: RowLayout,
    predictions: Tensor,
    moment: Moment,
    { apart }: { readonly apart: boolean },
): readonly Float32Array[] {
    const { plan, members } = layout;
    const scale = scaleAt(plan, moment);
    const shares = memberShares(members, moment);
    const mixes = apart ? members.map((_, k) => members.map((_, j) => (j === k ? 1 : 0))) : [shares];
    return mixes.map((mix) => guideAll(layout, predictions, mix, scale));
}

function guideAll(layout: RowLayout, predictions: Tensor, shares: readonly number[], scale: number): Float32Array {
    const { guidance } = layout.plan;
    const [, ...shape] = predictions.dims;
    const size = shape.reduce((product, side) => product * side, 1);
    const pictures = 1 + Math.max(...layout.guided.map((row) => row.picture));
    const result = new Float32Array(pictures * size);
    for (let picture = 0; picture < pictures; picture++) {
        const terms = (wanted: GuidedRow['role'], factor: number): Term[] =>
            layout.guided.flatMap((row, r): Term[] => {
                if (row.picture !== picture || row.role !== wanted) return [];
                const weight = row.role === 'prompt' ? shares[row.member]! : 1;
                return [[factor * weight, predictions.data.subarray(r * size, (r + 1) * size)]];
            });
        const unconditional = terms('empty', 1 - scale);
        const guided = mixture(...unconditional, ...terms('prompt', unconditional.length > 0 ? scale : 1));
        const rescaled =
            guidance.rescale > 0 && unconditional.length > 0
                ? rescale(guided, mixture(...terms('prompt', 1)), guidance.rescale)
                : guided;
        result.set(rescaled, picture * size);
    }
    return result;
}

/** What all members together predict, for one-step completion. */
export function meanPrediction(layout: RowLayout, guided: readonly Float32Array[], moment: Moment): Float32Array {
    if (guided.length === 1) return guided[0]!;
    return mean(guided, memberShares(layout.members, moment));
}

export function mean(parts: readonly Float32Array[], shares: readonly number[]): Float32Array {
    return mixture(...parts.map((part, k): Term => [shares[k]!, part]));
}

/**
 * Guidance rescale (Lin et al. 2023, arXiv 2305.08891, equations 15 and 16): brings the guided prediction of one picture
 * back towards the standard deviation of the conditional one. phi 0 changes nothing, 0.7 is the paper's value. The
 * deviation is the sample one (divided by n − 1) over all values of the picture.
 */
export function rescale(guided: Float32Array, conditional: Float32Array, phi: number): Float32Array {
    const factor = phi * (deviation(conditional) / deviation(guided)) + (1 - phi);
    const out = new Float32Array(guided.length);
    for (let i = 0; i < out.length; i++) out[i] = factor * guided[i]!;
    return out;
}

function deviation(values: Float32Array): number {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i]!;
    const mean = sum / values.length;
    let squares = 0;
    for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
    return Math.sqrt(squares / (values.length - 1));
}
