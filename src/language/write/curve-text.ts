/** Curves drawn as text: one block character per step, as `▇▆▅▃▂▁`. */
import { ALL_STEPS, type Curve, sample, type Window } from '../../plan/curve.ts';
import type { Guidance } from '../../plan/plan.ts';
import { windowText } from './value-text.ts';

const LEVELS = '▁▂▃▄▅▆▇█';
/** Characters at most; more steps than this share one. */
const WIDEST = 32;

export interface DrawnCurve {
    readonly curve: Curve;
    readonly window?: Window;
    readonly steps: number;
}

/** The weight over the steps, between its lowest and highest value (0 included), and these two in figures. */
export function drawCurve({ curve, window = ALL_STEPS, steps }: DrawnCurve): string {
    return drawValues(Array.from({ length: steps }, (_, step) => sample(curve, step, steps, window)));
}

/** Some values, one after the other, drawn likewise. */
export function drawValues(values: readonly number[]): string {
    const low = Math.min(0, ...values);
    const high = Math.max(0, ...values);
    const columns = Math.min(values.length, WIDEST);
    const bars = Array.from({ length: columns }, (_, column) => {
        const value = values[Math.round((column * (values.length - 1)) / Math.max(1, columns - 1))] ?? 0;
        const level = high === low ? 0 : Math.round(((value - low) / (high - low)) * (LEVELS.length - 1));
        return LEVELS[level];
    });
    return bars.join('');
}

/** A number as people write it: at most four decimals, none without need. */
export function figure(value: number): string {
    return String(Number(value.toFixed(4)));
}

/** A curve in the language's own words: `0.3 -> 0.1 cosine`. */
export function curveWords({ keys, easing }: Curve): string {
    if (keys.length === 1) return figure(keys[0]!.value);
    const even = keys.every(({ at }, index) => Math.abs(at - index / (keys.length - 1)) < 1e-9);
    const words = keys.map(({ at, value }) => (even ? figure(value) : `${figure(value)}@${figure(at * 100)}%`));
    return words.join(' -> ') + (easing === 'linear' ? '' : ` ${easing}`);
}

/** The guidance scale, how far it is brought back, and the steps that are guided. */
export function guidanceWords({ scale, rescale, window }: Guidance): string {
    return `${curveWords(scale)}${rescale > 0 ? `, rescale ${figure(rescale)}` : ''}${window ? windowText(window) : ''}`;
}
