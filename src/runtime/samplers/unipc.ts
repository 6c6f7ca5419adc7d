/** UniPC: a unified predictor-corrector (Zhao et al. 2023, arXiv 2302.04867) over predicted clean latents. */

import { mixture, type Term } from '../mixture.ts';
import { preservingBase } from './base.ts';
import { originalWeights } from './original.ts';
import { type Sampler, SamplerError, type SamplerOptions, type SchedulerConfig } from './sampler.ts';
import { type Level, solverSchedule } from './schedules/solver.ts';

/** Each call corrects the step that led to it with its own prediction, then predicts the next one. */
export function unipc(config: SchedulerConfig, options: SamplerOptions): Sampler {
    if (config.predict_x0 === false) {
        throw new SamplerError('sampler/config', 'UniPC over predicted noise (predict_x0 false) is not known.');
    }
    const end = config.final_sigmas_type === 'sigma_min' ? 'smallest-laid-out' : 'zero';
    const schedule = solverSchedule(config, options, { zeroSnr: 'nudge', end });
    const {
        steps,
        levels,
        training: { prediction },
    } = schedule;
    const highest = config.solver_order ?? 2;
    const uncorrected = new Set(config.disable_corrector ?? []);
    const kind = config.solver_type === 'bh1' ? 'bh1' : 'bh2';
    /** Clean latents predicted so far, newest first; the latents and the order of the last prediction. */
    let originals: Float32Array[] = [];
    let last: { readonly latents: Float32Array; readonly order: number } | undefined;

    /** The latents at `to` of a step from `from`, by the clean latents before and, when correcting, `now`. */
    function update(from: number, x: Float32Array, order: number, now?: Float32Array): Float32Array {
        const [s, t] = [levels[from]!, levels[from + 1]!];
        const m0 = originals[0]!;
        const { phi, scale, rhos, ratios } = coefficients(levels, from, order, kind, now ? 'corrector' : 'predictor');
        let ofM0 = -t.alpha * phi;
        const terms: Term[] = [];
        for (let k = 0; k < order - 1; k++) {
            const weight = (-t.alpha * scale * rhos[k]!) / ratios[k]!;
            terms.push([weight, originals[k + 1]!]);
            ofM0 -= weight;
        }
        if (now) {
            const weight = -t.alpha * scale * rhos[order - 1]!;
            terms.push([weight, now]);
            ofM0 -= weight;
        }
        return mixture([t.sigma / s.sigma, x], [ofM0, m0], ...terms);
    }

    return {
        ...preservingBase('unipc', schedule, options),
        step(model, call, latents) {
            const { alpha, sigma } = levels[call]!;
            const [a, b] = originalWeights(prediction, alpha, sigma);
            const original = mixture([a, latents], [b, model]);
            const corrects = last !== undefined && !uncorrected.has(call - 1);
            const x = corrects ? update(call - 1, last!.latents, last!.order, original) : latents;

            originals = [original, ...originals.slice(0, highest - 1)];
            const allowed = (config.lower_order_final ?? true) ? Math.min(highest, steps - call) : highest;
            const order = Math.min(allowed, originals.length);
            last = { latents: x, order };
            return update(call, x, order);
        },
    };
}

interface Coefficients {
    /** e^−h − 1. */
    readonly phi: number;
    /** B(h) of the paper. */
    readonly scale: number;
    readonly rhos: readonly number[];
    /** (lambda_k − lambda_0) / h of the earlier steps. */
    readonly ratios: readonly number[];
}

/** Appendix of the paper: rhos solve R rho = b; order 2 predictors and order 1 correctors use 1/2. */
function coefficients(
    levels: readonly Level[],
    from: number,
    order: number,
    kind: 'bh1' | 'bh2',
    role: 'predictor' | 'corrector',
): Coefficients {
    const s = levels[from]!;
    const h = levels[from + 1]!.lambda - s.lambda;
    const phi = Math.expm1(-h);
    const scale = kind === 'bh1' ? -h : phi;
    const ratios = Array.from({ length: order - 1 }, (_, k) => (levels[from - k - 1]!.lambda - s.lambda) / h);
    const simple = role === 'predictor' ? order <= 2 : order === 1;
    if (simple) return { phi, scale, ratios, rhos: [0.5] };

    const nodes = role === 'predictor' ? ratios : [...ratios, 1];
    const matrix = nodes.map((_, row) => nodes.map((node) => node ** row));
    const right: number[] = [];
    let factorial = 1;
    let part = phi / -h - 1;
    for (let i = 1; i <= nodes.length; i++) {
        right.push((part * factorial) / scale);
        factorial *= i + 1;
        part = part / -h - 1 / factorial;
    }
    return { phi, scale, ratios, rhos: solve(matrix, right) };
}

/** Gaussian elimination with pivoting, for the 2 or 3 unknowns there are. */
function solve(matrix: number[][], right: number[]): number[] {
    const rows = matrix.map((row, i) => [...row, right[i]!]);
    const n = rows.length;
    for (let column = 0; column < n; column++) {
        let pivot = column;
        for (let i = column; i < n; i++) if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
        [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
        for (let i = 0; i < n; i++) {
            if (i === column) continue;
            const factor = rows[i]![column]! / rows[column]![column]!;
            rows[i] = rows[i]!.map((value, j) => value - factor * rows[column]![j]!);
        }
    }
    return rows.map((row, i) => row[n]! / row[i]!);
}
