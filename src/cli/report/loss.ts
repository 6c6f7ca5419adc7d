/** The loss of a learning as a chart. */
import { type CurvePoint, parseCurve } from '../../plan/learn.ts';
import { chartOf } from './charts.ts';

/** Lines of a curve, of ten steps each, that are drawn as one mean: a single loss depends on the times that were drawn. */
const LINES = 5;
/** A few hundred points draw the same line as thousands. */
const MAX_POINTS = 300;

/** The chart of a `curve.csv`. */
export function lossChart(csv: string): string {
    const points = meanLosses(parseCurve(csv));
    const every = Math.ceil(points.length / MAX_POINTS);
    const drawn = points.filter((_, k) => k % every === 0 || k === points.length - 1);
    const ticks = drawn
        .filter((_, k) => k % Math.ceil(drawn.length / 6) === 0)
        .map(({ x }) => ({ x, label: String(x) }));
    return chartOf({
        title: 'Mean loss of 50 steps',
        across: 'step',
        ticks,
        lines: [{ name: '', points: drawn }],
        marks: false,
    });
}

/** Means over the last 50 steps of each point, or over those that there are. */
export function meanLosses(curve: readonly CurvePoint[]): readonly { readonly x: number; readonly y: number }[] {
    return curve.map(({ step }, k) => {
        const last = curve.slice(Math.max(0, k + 1 - LINES), k + 1);
        return { x: step, y: last.reduce((sum, { loss }) => sum + loss, 0) / last.length };
    });
}
