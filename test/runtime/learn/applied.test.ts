/** What a learnt file does to a picture when it is applied: the same as the model whose weights it was merged into. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LearnPlan } from '../../../src/plan/plan.ts';
import type { ReadAdapter } from '../../../src/runtime/adapters/apply.ts';
import { exportModel } from '../../../src/runtime/adapters/export.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import { SD15 } from '../engine/nano.ts';
import { relativeError } from '../graph/gradient/relative-error.ts';
import { pictures, plan } from '../recipe/nano-plans.ts';
import { temporaryFolder } from '../weights/write-safetensors.ts';
import { LORA, learnOnNano, planFor, WEIGHTS } from './nano-learning.ts';

/** Latents and pixels of two seeds, 64x72 pixels in 4 steps. */
async function made(path: string, adapters: readonly ReadAdapter[]) {
    const model = await openModel(path, { device: 'cpu', threads: 1, adapters });
    const found = await pictures(plan([], { seeds: [1, 2] }), { openModel: async () => model });
    await model.close();
    return found;
}

test.each([
    ['a LoRA of layers and convolutions, at part of its weight', LORA, 0.05, 0.6],
    ['weights', WEIGHTS, 0.01, 1],
] as const satisfies readonly (readonly [string, LearnPlan['target'], number, number])[])(
    '%s: applied to a generate, the picture is that of the weights changed in place',
    async (_, target, rate, weight) => {
        const { outcome } = await learnOnNano(planFor(target, { rate, steps: 6 }), temporaryFolder());
        const adapters = [{ path: outcome.file, weight }];
        const merged = join(temporaryFolder(), 'merged');
        exportModel(SD15, adapters, merged);
        const [plain, applied, inPlace] = [await made(SD15, []), await made(SD15, adapters), await made(merged, [])];
        for (const [index, { latents, picture }] of applied.entries()) {
            const same = inPlace[index]!;
            expect(error(latents, same.latents)).toBeLessThan(1e-4);
            expect(error(latents, plain[index]!.latents)).toBeGreaterThan(1e-2);
            const steps = picture.data.map((value, at) => Math.abs(value - same.picture.data[at]!));
            expect(Math.max(...steps)).toBeLessThanOrEqual(1);
        }
    },
);

function error(a: Float32Array, b: Float32Array): number {
    return relativeError({ data: a, dims: [a.length] }, { data: b, dims: [b.length] });
}
