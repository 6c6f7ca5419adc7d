/** `0.3 -> 0.1 cosine` and `0@0% -> 0.7@40%` to curves; `0%..60%` to windows. */
import { ALL_STEPS, type Curve, constant, type Window } from '../../plan/curve.ts';
import type * as ast from '../generated/ast.ts';
import type { ValueOf } from '../meaning/param-values.ts';
import { quantityText, stepNumber, wrongQuantity, wrongWindow } from '../meaning/quantities.ts';
import type { RangeName } from '../meaning/ranges.ts';
import { shareOf } from '../meaning/values.ts';
import { amountOf, type Lowering, reportWrong, valuesIn } from './context.ts';

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
    const positions: number[] = [];
    for (const [i, position] of at.entries()) {
        if (position === undefined) continue;
        const before = positions.length - 1;
        const from = positions[before] ?? 0;
        for (let j = before + 1; j < i; j++) positions.push(from + ((position - from) * (j - before)) / (i - before));
        positions.push(position);
    }
    return positions;
}

/** With the values that params are declared with, or have in a run; see `windowIn`. */
export function windowOf(window: ast.Window | undefined, valueIn?: ValueOf): Window {
    if (!window) return ALL_STEPS;
    const { firstStep, lastStep = firstStep } = window;
    if (firstStep && lastStep) {
        return { firstStep: stepNumber(firstStep, valueIn), lastStep: stepNumber(lastStep, valueIn) };
    }
    return {
        from: shareOf(quantityText(window.from, valueIn) || '0%'),
        to: shareOf(quantityText(window.to, valueIn) || '100%'),
    };
}

/** A window of a plan; what params bring that is none is reported. */
export function windowIn(window: ast.Window | undefined, context: Lowering): Window {
    const valueIn = valuesIn(context);
    if (window) {
        for (const end of [window.from, window.to]) if (end) reportWrong(wrongQuantity(end, valueIn), end, context);
        reportWrong(wrongWindow(window, valueIn), window, context);
    }
    return windowOf(window, valueIn);
}
