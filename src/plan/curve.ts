/** Curves: a weight that changes over the steps. */

/** Keys at rising positions 0…1 of the window; between keys the easing rules. One key is a constant. */
export interface Curve {
    readonly keys: readonly CurveKey[];
    readonly easing: Easing;
}

export interface CurveKey {
    /** Position within the window, 0…1. */
    readonly at: number;
    readonly value: number;
}

export type Easing = 'linear' | 'cosine' | 'hold';

/** The steps during which something acts: a part of them as fractions 0…1, or step numbers from 1, both included. */
export type Window =
    | { readonly from: number; readonly to: number }
    | { readonly firstStep: number; readonly lastStep: number };

export const ALL_STEPS = { from: 0, to: 1 } as const satisfies Window;

/** Whether a window is the whole run, however many steps it has. */
export function isAllSteps(window: Window): boolean {
    return 'from' in window && window.from <= 0 && window.to >= 1;
}

/**
 * The one rule of percentages: the part p of n steps is the point after round(p · n) of them (halves up). 0 is before the
 * first step, n after the last. Windows, keys of curves and traces all count this way.
 */
export function pointAt(part: number, steps: number): number {
    // A hair of slack, so that 58% of 25 steps (14.5) is 15 in floating point too.
    return Math.min(steps, Math.max(0, Math.floor(part * steps + 0.5 + 1e-9)));
}

/** The curve that has one value at every step. */
export function constant(value: number): Curve {
    return { keys: [{ at: 0, value }], easing: 'linear' };
}

/** Whether a curve never changes. */
export function isConstant(curve: Curve): boolean {
    return curve.keys.every((key) => key.value === curve.keys[0]?.value);
}

/** Whether a curve is 0 at every step. */
export function isZero(curve: Curve): boolean {
    return curve.keys.every((key) => key.value === 0);
}

/**
 * The curve's value at a position on the scale of its keys. Before the first and after the last key the nearest key's value holds; `cosine`
 * eases in and out, `hold` keeps a key's value until the next key.
 */
export function valueAt(curve: Curve, position: number): number {
    const { keys, easing } = curve;
    const first = keys[0];
    if (!first) throw new Error('A curve has at least one key.');
    let before = first;
    for (const key of keys) {
        if (key.at > position) return position <= first.at ? first.value : between(before, key, position, easing);
        before = key;
    }
    return before.value;
}

function between(a: CurveKey, b: CurveKey, position: number, easing: Easing): number {
    if (easing === 'hold') return a.value;
    const share = (position - a.at) / (b.at - a.at);
    const eased = easing === 'cosine' ? (1 - Math.cos(Math.PI * share)) / 2 : share;
    return a.value * (1 - eased) + b.value * eased;
}

/**
 * First step inside the window and first step after it, of `steps` steps (0-based). Windows are half open: where one ends
 * the next begins, so that neighbours lose no step and share none.
 */
export function stepsOf(window: Window, steps: number): { readonly first: number; readonly end: number } {
    const [first, end] =
        'from' in window
            ? [pointAt(window.from, steps), pointAt(window.to, steps)]
            : [Math.min(steps, window.firstStep - 1), Math.min(steps, window.lastStep)];
    return { first, end: Math.max(first, end) };
}

/** The weight at step `step` of `steps` (0-based): the curve over the window's steps, and 0 outside the window. */
export function sample(curve: Curve, step: number, steps: number, window: Window = ALL_STEPS): number {
    const { first, end } = stepsOf(window, steps);
    if (step < first || step >= end) return 0;
    return valueAt(onSteps(curve, end - first), step - first);
}

/**
 * The curve with its keys at steps 0 … steps − 1: a key belongs to the step that begins at its point, the key at 100 % to
 * the last step. Of keys that meet in one step the later wins, unless it only got there for want of further steps.
 */
function onSteps(curve: Curve, steps: number): Curve {
    const keys: CurveKey[] = [];
    for (const { at, value } of curve.keys) {
        const point = pointAt(at, steps);
        const step = Math.min(point, steps - 1);
        if (curve.easing === 'hold' && at < 1 && point === steps && keys.length > 0) continue;
        if (keys.at(-1)?.at === step) {
            if (point > step) continue;
            keys.pop();
        }
        keys.push({ at: step, value });
    }
    return { ...curve, keys };
}
