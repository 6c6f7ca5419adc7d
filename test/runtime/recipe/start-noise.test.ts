/** What a run starts from never moves the picture's own noise, unless diffusers' order is asked for. */
import { expect, test } from 'vitest';
import type { Start } from '../../../src/plan/plan.ts';
import { openNoise } from '../../../src/runtime/noise/open.ts';
import { createSamplers } from '../../../src/runtime/recipe/sampling.ts';
import { one, openNano, plan, worstError } from './nano-plans.ts';

const start = (more: Partial<Start>, ...weights: readonly number[]): Start => ({
    pictures: weights.map((weight, k) => ({ picture: { kind: 'file', path: String(k) }, weight })),
    mixing: 'linear',
    latent: 'mean',
    strength: 0.75,
    ...more,
});

/** The latents that a run starts from, without sigma x the picture's own noise: alpha x the clean latents. */
async function cleanPart(given: Start, seed: number): Promise<Float32Array> {
    const noise = openNoise('torch-cpu', seed).normal(4 * 9 * 8);
    let begun: Float32Array | undefined;
    const sink = {
        sites: [],
        add: (name: string, { data }: { readonly data: Float32Array }) => {
            if (name === 'start') begun = data.slice();
        },
    };
    const model = await openNano();
    const work = plan([], { start: given, seeds: [seed] });
    const [sampler] = createSamplers(work, model.checkpoint.scheduler, 1);
    await one(work, { sink });
    const sigma = sampler!.addNoise(new Float32Array(1), new Float32Array([1]), sampler!.startCall)[0]!;
    return begun!.map((value, i) => value - sigma * noise[i]!);
}

test('a picture of weight 0 changes nothing, and neither does the order of pictures', async () => {
    for (const latent of ['mean', 'sampled'] as const) {
        const alone = await one(plan([], { start: start({ latent }, 1) }));
        expect(await one(plan([], { start: start({ latent }, 1, 0) }))).toEqual(alone);
    }
    const { pictures } = start({}, 1, 3);
    const turned = start({ pictures: [...pictures].reverse() });
    expect(
        worstError(await one(plan([], { start: turned })), await one(plan([], { start: start({}, 1, 3) }))),
    ).toBeLessThan(1e-4);
});

test('with one picture or two the noise is that of the seed, as without a start', async () => {
    for (const given of [start({}, 1), start({}, 1, 1)]) {
        const [three, five] = [await cleanPart(given, 3), await cleanPart(given, 5)];
        expect(worstError(three, five)).toBeLessThan(1e-4);
    }
    const drawn = [await cleanPart(start({ latent: 'sampled' }, 1), 3), await cleanPart(start({}, 1), 3)] as const;
    expect(worstError(...drawn)).toBeGreaterThan(1e-6);
    expect(worstError(...drawn)).toBeLessThan(0.1);
});

test("diffusers' order moves the noise", async () => {
    const given = start({ latent: 'diffusers' }, 1);
    expect(worstError(await cleanPart(given, 3), await cleanPart(given, 5))).toBeGreaterThan(1e-2);
});
