/** What must hold of mixtures whatever the model: neutrality, symmetry, independence of the batch. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { constant } from '../../../src/plan/curve.ts';
import type { Infusion, PicturePlan } from '../../../src/plan/plan.ts';
import type { RunEvent } from '../../../src/runtime/events.ts';
import { type GenerateContext, generate } from '../../../src/runtime/generate.ts';
import { plain } from '../../../src/runtime/pictures/picture.ts';
import { featureMemory } from '../../../src/runtime/recipe/features.ts';
import { runMemory } from '../../../src/runtime/recipe/run-memory.ts';
import { worstError as worst } from '../../parity/golden.ts';
import { caseInfusion, casePlan, nanoModel, siteWeights } from '../../parity/plans.ts';

const ROOT = join(import.meta.dirname, '../../goldens');
const SCHEDULER = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', steps_offset: 1 };
const PICTURES = {
    '0': plain(64, 64, [220, 40, 30]),
    '1': plain(90, 70, [20, 160, 90]),
    '2': plain(64, 96, [30, 40, 200]),
};
const SITES = siteWeights({ 'down.1': 0.2, mid: 0.3, OUT04: 0.1, 'skip.2': -0.1 });

function plan(infusions: readonly Infusion[], more: Partial<PicturePlan> = {}): PicturePlan {
    const options = {
        prompt: 'a castle on a mountain',
        negative: 'blurry',
        width: 64,
        height: 72,
        steps: 4,
        guidance: 6,
        sampler: { name: 'euler', schedule: 'normal', eta: 0 },
    } as const;
    return casePlan(options, { infusions, ...more });
}

async function latents(work: PicturePlan, more: Partial<GenerateContext> = {}): Promise<Float32Array[]> {
    const model = await nanoModel(ROOT, 'nano-sd15', SCHEDULER);
    const context: GenerateContext = {
        openModel: async () => model,
        picture: async (source) => PICTURES[(source as { path: '0' }).path],
        emit: () => {},
        ...more,
    };
    const made: Float32Array[] = [];
    for await (const picture of generate(work, context)) made.push(picture.latents);
    return made;
}

/** The largest difference in parts of the largest value: the nano model's latents run into the hundreds. */
const worstError = (a: Float32Array, b: Float32Array) => worst(a, b) / Math.max(...b.map(Math.abs));

const one = async (work: PicturePlan, more?: Partial<GenerateContext>) => (await latents(work, more))[0]!;

test('an infusion of weight 0 is bitwise the plan without it', async () => {
    const without = await one(plan([]));
    const sites = siteWeights({ mid: 0, 'skip.0': 0 });
    expect(await one(plan([caseInfusion([0], sites)]))).toEqual(without);
    expect(await one(plan([caseInfusion([0], SITES, { weight: constant(0) })]))).toEqual(without);
});

test('an infusion whose window has passed leaves the rest of the run alone', async () => {
    const early = { from: 0, to: 0.25 };
    const never = { from: 0.1, to: 0.2 };
    const without = await one(plan([]));
    expect(await one(plan([caseInfusion([0], SITES, { window: never })]))).toEqual(without);
    expect(worstError(await one(plan([caseInfusion([0], SITES, { window: early })])), without)).toBeGreaterThan(1e-3);
});

test('a picture averaged with itself is the picture alone, and the order of pictures does not matter', async () => {
    const alone = await one(plan([caseInfusion([0], SITES)]));
    const twice = await one(plan([caseInfusion([0, 0], SITES)]));
    expect(worstError(twice, alone)).toBeLessThan(1e-4);
    const order = await one(plan([caseInfusion([0, 1, 2], SITES)]));
    const reverse = await one(plan([caseInfusion([2, 1, 0], SITES)]));
    expect(worstError(order, reverse)).toBeLessThan(1e-4);
    expect(worstError(order, alone)).toBeGreaterThan(1e-3);
});

test('two clauses with half the weight are one clause with the whole', async () => {
    const whole = await one(plan([caseInfusion([1], SITES)]));
    const half = caseInfusion([1], SITES, { weight: constant(0.5) });
    expect(worstError(await one(plan([half, half])), whole)).toBeLessThan(1e-4);
});

test('a picture of a batch is bitwise the picture of its seed alone', async () => {
    const seeds = [3, 5, 8];
    for (const infusions of [[], [caseInfusion([0, 1], SITES, { latent: 'matched' })]]) {
        const batch = await latents(plan(infusions, { seeds }));
        for (const [k, seed] of seeds.entries())
            expect(await one(plan(infusions, { seeds: [seed] }))).toEqual(batch[k]);
    }
});

test('remembered bias features give bitwise the same pictures, and are computed once', async () => {
    const seeds = [3, 5];
    const work = plan([caseInfusion([0, 1], SITES, { decay: 0.9 })], { seeds });
    const inOnePass = await latents(work);
    const memory = runMemory([work]);
    expect(await latents(work, { memory })).toEqual(inOnePass);
    const { bytes } = memory.features;
    expect(bytes).toBeGreaterThan(0);
    expect(await latents({ ...work, seeds: [5] }, { memory })).toEqual([inOnePass[1]]);
    expect(memory.features.bytes).toBe(bytes);
});

test('bias features that do not fit are computed anew, and nothing changes', async () => {
    const work = plan([caseInfusion([0, 1], SITES)]);
    const features = featureMemory([], 1000);
    const memory = { ...runMemory([]), features };
    expect(await one(work, { memory })).toEqual(await one(work));
    expect(features.bytes).toBeLessThanOrEqual(1000);
    expect(features.overflow).toBeGreaterThan(0);
});

test('match-std gives another picture than raw features, remembered or not', async () => {
    const matched = plan([caseInfusion([0], SITES, { normalise: 'match-std' })]);
    const latentsMatched = await one(matched);
    expect(await one(matched, { memory: runMemory([matched]) })).toEqual(latentsMatched);
    expect(worstError(latentsMatched, await one(plan([caseInfusion([0], SITES)])))).toBeGreaterThan(1e-3);
});

test('every sampler takes an infusion', async () => {
    for (const name of [
        'ddim',
        'pndm',
        'lms',
        'euler-a',
        'heun',
        'dpm2-a',
        'dpmpp-2m',
        'dpmpp-sde',
        'unipc',
    ] as const) {
        const sampler = { name, schedule: 'normal', eta: 0 } as const;
        const plainly = await one(plan([], { sampler }));
        const infused = await one(plan([caseInfusion([0], SITES)], { sampler }));
        expect(infused.every(Number.isFinite), name).toBe(true);
        expect(worstError(infused, plainly), name).toBeGreaterThan(1e-3);
    }
});

test('a stopped run says so, and a run that leaves the numbers tells the step', async () => {
    const stop = new AbortController();
    const emit = (event: RunEvent) => event.kind === 'step' && event.step === 1 && stop.abort();
    await expect(latents(plan([]), { signal: stop.signal, emit })).rejects.toMatchObject({ code: 'run/cancelled' });
    const wild = plan([caseInfusion([0], siteWeights({ mid: 3e38 }), { rows: 'cond' })]);
    await expect(latents(wild)).rejects.toMatchObject({
        code: 'run/not-a-number',
        message: expect.stringMatching(/step \d/),
    });
});
