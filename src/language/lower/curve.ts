/** `0.3 -> 0.1 cosine` and `0@0% -> 0.7@40%` to curves; `0%..60%` to windows. */
import { ALL_STEPS, type Curve, constant, type Window } from '../../plan/curve.ts';
import type * as ast from '../generated/ast.ts';
import type { RangeName } from '../meaning/ranges.ts';
import { shareOf } from '../meaning/values.ts';
import { amountOf, type Lowering } from './context.ts';

export function curveOf(curve: ast.Curve, context: Lowering, range?: RangeName): Curve {
    const values = curve.keys.map(({ value }) => amountOf(value, context, range));
    if (values.length < 2) return constant(values[0] ?? 0);
    const positions = positionsOf(curve.keys.map(({ at }) => (at === undefined ? undefined : shareOf(at))));
    return { keys: values.map((value, i) => ({ at: positions[i]!, value })), easing: curve.easing ?? 'linear' };
}

/** Keys without a position are spread evenly between those with one; the first begins at 0, the last ends at 1. */
export function positionsOf(given: readonly (number | undefined)[]): readonly number[] {
    const last = given.length - 1;
    const at = given.map((position, i) => position ?? (i === 0 ? 0 : i === last ? 1 : undefined));
    return at.map((position, i) => {
        if (position !== undefined) return position;
        const before = findLast(at, i);
        const after = at.findIndex((p, j) => j > i && p !== undefined);
        const from = at[before]!;
        return from + ((at[after]! - from) * (i - before)) / (after - before);
    });
}

function findLast(at: readonly (number | undefined)[], below: number): number {
    for (let i = below - 1; i > 0; i--) if (at[i] !== undefined) return i;
    return 0;
}

export function windowOf(window: ast.Window | undefined): Window {
    if (!window) return ALL_STEPS;
    if (window.firstStep !== undefined) {
        return { firstStep: window.firstStep, lastStep: window.lastStep ?? window.firstStep };
    }
    return { from: shareOf(window.from ?? '0%'), to: shareOf(window.to ?? '100%') };
}
