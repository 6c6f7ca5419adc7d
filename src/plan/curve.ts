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

/** The part of the steps during which something acts, as fractions 0…1. */
export interface Window {
    readonly from: number;
    readonly to: number;
}

export const ALL_STEPS: Window = { from: 0, to: 1 };

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
 * The curve's value at `position` 0…1. Before the first and after the last key the nearest key's value holds; `cosine`
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
 * First step inside the window and first step after it, of `steps` steps: a step belongs to the window when all of it
 * lies inside, as diffusers counts for ControlNets.
 */
export function stepsOf(window: Window, steps: number): { readonly first: number; readonly end: number } {
    // A hair of slack, so that 60% of 25 steps is 15 in floating point too.
    const first = Math.max(0, Math.ceil(window.from * steps - 1e-9));
    return { first, end: Math.max(first, Math.min(steps, Math.floor(window.to * steps + 1e-9))) };
}

/**
 * The weight at step `step` of `steps` (0-based): the curve runs from the window's first step to its last, and is 0
 * outside the window.
 */
export function sample(curve: Curve, step: number, steps: number, window: Window = ALL_STEPS): number {
    const { first, end } = stepsOf(window, steps);
    if (step < first || step >= end) return 0;
    return valueAt(curve, end - first > 1 ? (step - first) / (end - first - 1) : 0);
}
