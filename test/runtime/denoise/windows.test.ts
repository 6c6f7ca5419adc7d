/** Windows: one window is the whole picture, and several are mixed with weights of sum 1. */
import { expect, test } from 'vitest';
import { predictInWindows } from '../../../src/runtime/denoise/windows.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import { latents, one, plan, worstError } from '../recipe/nano-plans.ts';

test('a picture within one window is bitwise the plain one', async () => {
    const plain = await one(plan([]));
    const windowed = await one(plan([], { windows: { side: 72, overlap: 16 } }));
    expect(Buffer.from(windowed.buffer)).toEqual(Buffer.from(plain.buffer));
});

test('a batch in windows is each of its pictures, and they differ from the picture in one piece', async () => {
    const windows = { side: 48, overlap: 16 };
    const [a, b] = await latents(plan([], { seeds: [4, 5], windows }));
    const [alone] = await latents(plan([], { seeds: [5], windows }));
    expect(worstError(b!, alone!)).toBeLessThan(1e-5);
    expect(worstError(a!, alone!)).toBeGreaterThan(0.1);
    expect(worstError(alone!, (await latents(plan([], { seeds: [5] })))[0]!)).toBeGreaterThan(1e-3);
});

test('an operator that sees single pixels is the same in windows: predictions are mixed with weights of sum 1', async () => {
    const rows = tensor(
        Float32Array.from({ length: 2 * 4 * 19 * 23 }, (_, i) => Math.sin(i)),
        [2, 4, 19, 23],
    );
    const seen: string[] = [];
    const mixed = await predictInWindows(rows, { side: 8, overlap: 3 }, async (part, place) => {
        seen.push(`${place?.top},${place?.left}`);
        return tensor(
            part.data.map((value) => 2 * value + 1),
            part.dims,
        );
    });
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(4 * 4);
    expect(Math.max(...mixed.data.map((value, i) => Math.abs(value - (2 * rows.data[i]! + 1))))).toBeLessThan(1e-5);
});
