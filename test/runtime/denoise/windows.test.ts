/** Windows: one window is the whole picture, several are mixed, and no border between them shows. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { constant } from '../../../src/plan/curve.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { latentWindows, predictInWindows } from '../../../src/runtime/denoise/windows.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import type { Rgb } from '../../../src/runtime/events.ts';
import { generate } from '../../../src/runtime/generate.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import { latents, one, plan, worstError } from '../recipe/nano-plans.ts';

const SKETCH = join(import.meta.dirname, '../../../models/sketch');

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

test('windows are latents, and only for pictures that are larger', () => {
    expect(latentWindows({ side: 128, overlap: 32 }, { width: 32, height: 16 }, 8)).toEqual({ side: 16, overlap: 4 });
    expect(latentWindows({ side: 128, overlap: 32 }, { width: 16, height: 16 }, 8)).toBeUndefined();
    expect(latentWindows(undefined, { width: 99, height: 99 }, 8)).toBeUndefined();
});

/** Mean squared step from column to column, at the borders of windows (give or take two pixels) over that elsewhere. */
function borderEnergy({ width, height, data }: Rgb, borders: readonly number[]): number {
    const energy = Array.from({ length: width - 1 }, (_, x) => {
        let sum = 0;
        for (let y = 0; y < height; y++) {
            for (let k = 0; k < 3; k++)
                sum += (data[3 * (y * width + x + 1) + k]! - data[3 * (y * width + x) + k]!) ** 2;
        }
        return sum / height;
    });
    const near = (x: number) => borders.some((border) => Math.abs(x + 1 - border) <= 2);
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    return mean(energy.filter((_, x) => near(x))) / mean(energy.filter((_, x) => !near(x)));
}

test('no border of a window shows: the energy of gradients across them is at most 1.05 of that elsewhere', async () => {
    const model = await openModel(SKETCH, { device: 'cpu' });
    const base = plan([]);
    const wide: PicturePlan = {
        ...base,
        model: { kind: 'builtin', name: 'sketch' },
        conditioning: { kind: 'prompt', prompt: { phrases: [{ text: 'photo of a forest', weight: 1 }] } },
        negative: { phrases: [] },
        size: { width: 512, height: 128 },
        windows: { side: 128, overlap: 64 },
        sampler: { name: 'dpmpp-2m', schedule: 'normal', eta: 0 },
        steps: 10,
        guidance: { scale: constant(5), rescale: 0 },
        seeds: [1, 2],
    };
    const energies: number[] = [];
    const context = { openModel: async () => model, picture: () => Promise.reject(new Error('none')), emit: () => {} };
    for await (const { picture } of generate(wide, context)) {
        expect([picture.width, picture.height]).toEqual([512, 128]);
        // Windows of 16 latents begin at every eighth latent: their borders are 64 pixels apart.
        energies.push(borderEnergy(picture, [64, 128, 192, 256, 320, 384, 448]));
    }
    await model.close();
    expect(energies).toHaveLength(2);
    expect(energies.reduce((a, b) => a + b, 0) / energies.length).toBeLessThanOrEqual(1.05);
}, 300_000);
