/** Curves: known values, and what holds for every curve. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
    ALL_STEPS,
    type Curve,
    constant,
    type Easing,
    isConstant,
    isZero,
    sample,
    stepsOf,
    valueAt,
    type Window,
} from '../../src/plan/curve.ts';

const EASINGS: readonly Easing[] = ['linear', 'cosine', 'hold'];

function curve(easing: Easing, ...keys: readonly (readonly [at: number, value: number])[]): Curve {
    return { keys: keys.map(([at, value]) => ({ at, value })), easing };
}

test.each([
    [curve('linear', [0, 1], [1, 0]), [1, 0.75, 0.5, 0.25, 0]],
    [curve('cosine', [0, 1], [1, 0]), [1, (1 + Math.SQRT1_2) / 2, 0.5, (1 - Math.SQRT1_2) / 2, 0]],
    [curve('hold', [0, 1], [0.5, 3], [1, 0]), [1, 1, 3, 3, 0]],
    [curve('linear', [0, 0], [0.5, 1], [1, 0]), [0, 0.5, 1, 0.5, 0]],
    [curve('linear', [0.25, 1], [0.75, 2]), [1, 1, 1.5, 2, 2]],
    [constant(0.3), [0.3, 0.3, 0.3, 0.3, 0.3]],
] as const)('%j', (given, values) => {
    values.forEach((value, i) => {
        expect(valueAt(given, i / 4)).toBeCloseTo(value, 12);
    });
});

test.each<[Window, number, number, number]>([
    [ALL_STEPS, 25, 0, 25],
    [{ from: 0, to: 0.6 }, 25, 0, 15],
    [{ from: 0.2, to: 0.6 }, 10, 2, 6],
    [{ from: 0.25, to: 0.75 }, 10, 3, 7],
    [{ from: 0.5, to: 0.5 }, 10, 5, 5],
    [{ from: 0.52, to: 0.58 }, 10, 6, 6],
    [{ from: 0, to: 1 }, 1, 0, 1],
])('the window %j of %i steps', (window, steps, first, end) => expect(stepsOf(window, steps)).toEqual({ first, end }));

test.each([
    [constant(1), ALL_STEPS, 4, [1, 1, 1, 1]],
    [curve('linear', [0, 0], [1, 3]), ALL_STEPS, 4, [0, 1, 2, 3]],
    [curve('linear', [0, 1], [1, 0]), { from: 0.25, to: 1 }, 4, [0, 1, 0.5, 0]],
    [curve('linear', [0, 1], [1, 0]), { from: 0, to: 0.5 }, 2, [1, 0]],
    [constant(2), { from: 0.5, to: 0.5 }, 2, [0, 0]],
] as const)('%j within %j of %i steps is %j', (given, window, steps, values) => {
    expect(values.map((_, step) => sample(given, step, steps, window))).toEqual(values);
});

test('a curve without keys is a broken promise', () => {
    expect(() => valueAt({ keys: [], easing: 'linear' }, 0)).toThrow('at least one key');
});

// ── What holds for every curve ─────────────────────────────────────────

const position = fc.double({ min: 0, max: 1, noNaN: true });
const anyCurve = fc
    .record({
        positions: fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 6 }),
        values: fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 6, maxLength: 6 }),
        easing: fc.constantFrom(...EASINGS),
    })
    .map(({ positions, values, easing }): Curve => {
        const sorted = [...positions].sort((a, b) => a - b);
        return { keys: sorted.map((at, i) => ({ at: at / 100, value: values[i]! })), easing };
    });
const anyWindow = fc.tuple(position, position).map(([a, b]): Window => ({ from: Math.min(a, b), to: Math.max(a, b) }));

test('a curve stays between its lowest and its highest key', () => {
    fc.assert(
        fc.property(anyCurve, position, (given, at) => {
            const values = given.keys.map(({ value }) => value);
            const value = valueAt(given, at);
            return value >= Math.min(...values) - 1e-9 && value <= Math.max(...values) + 1e-9;
        }),
    );
});

test('a curve goes through its keys', () => {
    fc.assert(
        fc.property(anyCurve, (given) => {
            for (const { at, value } of given.keys) expect(valueAt(given, at)).toBeCloseTo(value, 9);
        }),
    );
});

test('a linear curve is linear in its values', () => {
    fc.assert(
        fc.property(anyCurve, position, fc.double({ min: -3, max: 3, noNaN: true }), (given, at, factor) => {
            const scaled = { ...given, keys: given.keys.map((key) => ({ ...key, value: key.value * factor })) };
            expect(valueAt(scaled, at)).toBeCloseTo(valueAt(given, at) * factor, 9);
        }),
    );
});

test('outside its window a curve is 0, inside it runs from its first to its last value', () => {
    fc.assert(
        fc.property(anyCurve, anyWindow, fc.integer({ min: 1, max: 60 }), (given, window, steps) => {
            const { first, end } = stepsOf(window, steps);
            expect(first).toBeGreaterThanOrEqual(0);
            expect(end).toBeGreaterThanOrEqual(first);
            expect(end).toBeLessThanOrEqual(Math.max(steps, first));
            for (let step = 0; step < steps; step++) {
                if (step < first || step >= end) expect(sample(given, step, steps, window)).toBe(0);
            }
            if (end > first) expect(sample(given, first, steps, window)).toBe(valueAt(given, 0));
            if (end > first + 1) expect(sample(given, end - 1, steps, window)).toBe(valueAt(given, 1));
        }),
    );
});

test('two windows that meet share the steps between them', () => {
    fc.assert(
        fc.property(fc.integer({ min: 0, max: 20 }), (cut) => {
            // Where the cut falls between two steps, every step belongs to one of the two windows.
            const steps = 20;
            const at = Math.min(cut, steps) / steps;
            const before = stepsOf({ from: 0, to: at }, steps);
            const after = stepsOf({ from: at, to: 1 }, steps);
            expect([before.first, before.end, after.first, after.end]).toEqual([0, after.first, before.end, steps]);
        }),
    );
});

test('constants are constant, and 0 is zero', () => {
    fc.assert(
        fc.property(fc.double({ min: -5, max: 5, noNaN: true }), position, (value, at) => {
            expect(valueAt(constant(value), at)).toBe(value);
            expect(isConstant(constant(value))).toBe(true);
            expect(isZero(constant(value))).toBe(value === 0);
        }),
    );
    fc.assert(fc.property(anyCurve, (given) => !isZero(given) || isConstant(given)));
});
