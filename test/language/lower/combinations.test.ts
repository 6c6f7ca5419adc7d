/** Sweeps: every combination once, in an order that never changes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { combinations } from '../../../src/language/lower/combinations.ts';

const AXES = [
    { name: 'seed', values: [1, 2] },
    { name: 'guidance', values: [5, 7] },
] as const;

function rows(cells: readonly ReadonlyMap<string, unknown>[]): readonly string[] {
    return cells.map((cell) => [...cell].map(([name, value]) => `${name} ${value}`).join(', '));
}

test('all combinations, the last axis fastest', () => {
    expect(rows(combinations(AXES, 'product'))).toEqual([
        'seed 1, guidance 5',
        'seed 1, guidance 7',
        'seed 2, guidance 5',
        'seed 2, guidance 7',
    ]);
});

test('zipped', () => expect(rows(combinations(AXES, 'zipped'))).toEqual(['seed 1, guidance 5', 'seed 2, guidance 7']));
test('no axes make one cell of nothing', () => expect(combinations([], 'product')).toEqual([new Map()]));
test('no axes, zipped, make none', () => expect(combinations([], 'zipped')).toEqual([]));
test('an axis without values makes none', () => {
    expect(combinations([...AXES, { name: 'x', values: [] }], 'product')).toEqual([]);
});

test('zipped axes of other lengths are a broken promise', () => {
    const axes = [...AXES, { name: 'x', values: [1] }];
    expect(() => combinations(axes, 'zipped')).toThrow('of one length');
});

const anyAxes = fc
    .array(fc.uniqueArray(fc.integer(), { maxLength: 4 }), { maxLength: 4 })
    .map((lists) => lists.map((values, i) => ({ name: `axis ${i}`, values })));

test('there are as many cells as the product of the lengths, and no two alike', () => {
    fc.assert(
        fc.property(anyAxes, (axes) => {
            const cells = rows(combinations(axes, 'product'));
            expect(cells).toHaveLength(axes.reduce((product, { values }) => product * values.length, 1));
            expect(new Set(cells).size).toBe(cells.length);
        }),
    );
});

test('cell k has the digits of k in the lengths of the axes', () => {
    fc.assert(
        fc.property(anyAxes, (axes) => {
            combinations(axes, 'product').forEach((cell, k) => {
                let rest = k;
                for (const { name, values } of [...axes].reverse()) {
                    expect(cell.get(name)).toBe(values[rest % values.length]);
                    rest = Math.floor(rest / values.length);
                }
            });
        }),
    );
});
