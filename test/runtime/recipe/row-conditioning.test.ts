/** Conditioning of rows: stacked, cut and mixed field by field. */
import { expect, test } from 'vitest';
import { conditioningRows, mixConditioning, stackConditioning } from '../../../src/runtime/row-conditioning.ts';
import { tensor } from '../../../src/runtime/tensor.ts';

const row = (value: number) => ({
    context: tensor(Float32Array.of(value, value + 1), [1, 2, 1]),
    pooled: tensor(Float32Array.of(10 * value), [1, 1]),
});

test('rows are stacked and cut with every field that they have', () => {
    const all = stackConditioning([row(1), row(2), row(3)]);
    expect(all).toEqual({
        context: tensor(Float32Array.of(1, 2, 2, 3, 3, 4), [3, 2, 1]),
        pooled: tensor(Float32Array.of(10, 20, 30), [3, 1]),
    });
    expect(conditioningRows(all, 1, 3)).toEqual(stackConditioning([row(2), row(3)]));
    const plain = stackConditioning([{ context: row(1).context }]);
    expect(plain).not.toHaveProperty('pooled');
});

test('a mixture mixes every field', () => {
    expect(mixConditioning([row(1), row(3)], [0.25, 0.75])).toEqual({
        context: tensor(Float32Array.of(2.5, 3.5), [1, 2, 1]),
        pooled: tensor(Float32Array.of(25), [1, 1]),
    });
});

test('rows of different families or lengths are refused', () => {
    expect(() => stackConditioning([row(1), { context: row(2).context }])).toThrow('pooled');
    const long = { ...row(1), context: tensor(new Float32Array(3), [1, 3, 1]) };
    expect(() => stackConditioning([row(1), long])).toThrow("can't be stacked");
    expect(() => stackConditioning([])).toThrow('no text');
});
