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
    pointAt,
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
    [{ from: 0.25, to: 0.75 }, 10, 3, 8],
    [{ from: 0.5, to: 0.5 }, 10, 5, 5],
    [{ from: 0, to: 0.5 }, 25, 0, 13],
    [{ from: 0.5, to: 1 }, 25, 13, 25],
    [{ from: 0.33, to: 0.34 }, 3, 1, 1],
    [{ from: 0, to: 0.34 }, 3, 0, 1],
    [{ from: 0, to: 1 }, 1, 0, 1],
    [{ firstStep: 1, lastStep: 5 }, 25, 0, 5],
    [{ firstStep: 3, lastStep: 3 }, 10, 2, 3],
    [{ firstStep: 8, lastStep: 20 }, 10, 7, 10],
    [{ firstStep: 12, lastStep: 20 }, 10, 10, 10],
])('the window %j of %i steps', (window, steps, first, end) => expect(stepsOf(window, steps)).toEqual({ first, end }));

test.each([
    [constant(1), ALL_STEPS, 4, [1, 1, 1, 1]],
    [curve('linear', [0, 0], [1, 3]), ALL_STEPS, 4, [0, 1, 2, 3]],
    [curve('linear', [0, 1], [1, 0]), { from: 0.25, to: 1 }, 4, [0, 1, 0.5, 0]],
    [curve('linear', [0, 1], [1, 0]), { from: 0, to: 0.5 }, 2, [1, 0]],
    [constant(2), { from: 0.5, to: 0.5 }, 2, [0, 0]],
    [curve('linear', [0, 0], [0.5, 4], [1, 0]), ALL_STEPS, 6, [0, 4 / 3, 8 / 3, 4, 2, 0]],
    [curve('hold', [0, 1], [0.5, 3], [1, 0]), ALL_STEPS, 4, [1, 1, 3, 0]],
    [curve('linear', [0, 1], [1, 0]), ALL_STEPS, 1, [1]],
    [curve('linear', [0, 0], [0.1, 1], [1, 2]), ALL_STEPS, 2, [1, 2]],
] as const)('%j within %j of %i steps is %j', (given, window, steps, values) => {
    values.forEach((value, step) => {
        expect(sample(given, step, steps, window)).toBeCloseTo(value, 12);
    });
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
const anyWindow = fc.oneof(
    fc.tuple(position, position).map(([a, b]): Window => ({ from: Math.min(a, b), to: Math.max(a, b) })),
    fc
        .tuple(fc.integer({ min: 1, max: 70 }), fc.nat({ max: 70 }))
        .map(([firstStep, more]): Window => ({ firstStep, lastStep: firstStep + more })),
);

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
    const ends = fc.tuple(position, position, fc.constantFrom(...EASINGS));
    fc.assert(
        fc.property(ends, anyWindow, fc.integer({ min: 1, max: 60 }), ([a, b, easing], window, steps) => {
            const given = curve(easing, [0, a], [1, b]);
            const { first, end } = stepsOf(window, steps);
            expect(first).toBeGreaterThanOrEqual(0);
            expect(end).toBeGreaterThanOrEqual(first);
            expect(end).toBeLessThanOrEqual(steps);
            for (let step = 0; step < steps; step++) {
                if (step < first || step >= end) expect(sample(given, step, steps, window)).toBe(0);
            }
            if (end > first) expect(sample(given, first, steps, window)).toBe(a);
            if (end > first + 1) expect(sample(given, end - 1, steps, window)).toBe(b);
        }),
    );
});

test('windows that meet tile the steps: none is lost, none is counted twice', () => {
    fc.assert(
        fc.property(position, fc.integer({ min: 1, max: 200 }), (cut, steps) => {
            const before = stepsOf({ from: 0, to: cut }, steps);
            const after = stepsOf({ from: cut, to: 1 }, steps);
            expect([before.first, before.end, after.first, after.end]).toEqual([0, after.first, before.end, steps]);
            expect(before.end).toBe(pointAt(cut, steps));
        }),
    );
});

test('a curve that holds 1 up to a part and 0 from there on is the window up to that part', () => {
    fc.assert(
        fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 100 }), (percent, steps) => {
            const cut = percent / 100;
            const held = curve('hold', [0, 1], [cut, 0]);
            for (let step = 0; step < steps; step++) {
                expect(sample(held, step, steps)).toBe(sample(constant(1), step, steps, { from: 0, to: cut }));
            }
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
