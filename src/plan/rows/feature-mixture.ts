/** How features are mixed over the rows: a matrix for each tap. */
import { sample } from '../curve.ts';
import type { Moment } from '../steps.ts';
import type { PlannedTap, RowLayout } from './rows.ts';
import { biasWeight } from './weights.ts';

/**
 * The mixing matrices of one moment, `[taps, R, C]` with C = guided + bias rows. R is the guided rows only where the bias
 * rows are remembered from an earlier pass, and all rows otherwise (bias rows map to themselves). Null where nothing
 * acts at this moment and every matrix would be the identity.
 *
 * For a guided row r and its bias rows j: M[r, r] = scale, M[r, j] = site weight x clause weight x curve x decay^step x
 * share of the picture (x the member's share, for an unconditional row fed by an ensemble).
 */
export function featureMixture(layout: RowLayout, moment: Moment, remembered: boolean): Float32Array | null {
    const { guided, bias, taps } = layout;
    const columns = guided.length + bias.length;
    const rows = remembered ? guided.length : columns;
    const mix = new Float32Array(taps.length * rows * columns);
    let identity = true;
    taps.forEach((tap, t) => {
        const at = (r: number, c: number) => (t * rows + r) * columns + c;
        for (let r = 0; r < rows; r++) mix[at(r, r)] = 1;
        const scale = scaleOf(tap, moment);
        if (scale !== 1) identity = false;
        guided.forEach((row, r) => {
            mix[at(r, r)] = scale;
            bias.forEach((source, b) => {
                const weight = biasWeight(layout, tap, row, source, moment);
                if (weight === 0) return;
                identity = false;
                mix[at(r, guided.length + b)] = weight;
            });
        });
    });
    return identity ? null : mix;
}

function scaleOf(tap: PlannedTap, { step, steps }: Moment): number {
    return tap.scales.reduce((product, curve) => product * sample(curve, step, steps), 1);
}
