/** Curves drawn as text: one block character a step, as `▇▆▅▃▂▁`. */
import { ALL_STEPS, type Curve, isAllSteps, isConstant, sample, type Window } from '../../plan/curve.ts';

const LEVELS = '▁▂▃▄▅▆▇█';
/** Characters at most; more steps than this share one. */
const WIDEST = 32;

export interface DrawnCurve {
    readonly curve: Curve;
    readonly window?: Window;
    /** Multiplied again at every step. */
    readonly decay?: number;
    readonly steps: number;
}

/** The weight over the steps, between its lowest and highest value (0 included), and these two in figures. */
export function drawCurve({ curve, window = ALL_STEPS, decay = 1, steps }: DrawnCurve): string {
    const values = Array.from({ length: steps }, (_, step) => sample(curve, step, steps, window) * decay ** step);
    const low = Math.min(0, ...values);
    const high = Math.max(0, ...values);
    const columns = Math.min(steps, WIDEST);
    const bars = Array.from({ length: columns }, (_, column) => {
        const value = values[Math.round((column * (steps - 1)) / Math.max(1, columns - 1))] ?? 0;
        const level = high === low ? 0 : Math.round(((value - low) / (high - low)) * (LEVELS.length - 1));
        return LEVELS[level];
    });
    return bars.join('');
}

/** Whether there is anything to draw: a weight that differs between steps. */
export function changes({ curve, window = ALL_STEPS, decay = 1 }: DrawnCurve): boolean {
    return !isConstant(curve) || decay !== 1 || !isAllSteps(window);
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
