/** What must hold of mixtures whatever the model: neutrality, symmetry, independence of the batch. */
import { expect, test } from 'vitest';
import { type Curve, constant } from '../../../src/plan/curve.ts';
import type { Conditioning } from '../../../src/plan/phrases.ts';
import { SD } from '../../../src/plan/topology.ts';
import { featureMemory } from '../../../src/runtime/denoise/features.ts';
import type { RunEvent } from '../../../src/runtime/events.ts';
import { runMemory } from '../../../src/runtime/recipe/run-memory.ts';
import type { TensorSink } from '../../../src/runtime/tensor-sink.ts';
import { caseInfusion, prompt, siteWeights } from '../../parity/plans.ts';
import { latents, one, plan, SITES, worstError } from './nano-plans.ts';

test('an infusion of weight 0 is bitwise the plan without it', async () => {
    const without = await one(plan([]));
    const sites = siteWeights({ mid: 0, 'skip.0': 0 });
    expect(await one(plan([caseInfusion([0], sites)]))).toEqual(without);
    expect(await one(plan([caseInfusion([0], SITES, { weight: constant(0) })]))).toEqual(without);
});

test('an infusion whose window has passed leaves the rest of the run alone', async () => {
    const early = { from: 0, to: 0.25 };
    const never = { from: 0.15, to: 0.2 };
    const without = await one(plan([]));
    expect(await one(plan([caseInfusion([0], SITES, { window: never })]))).toEqual(without);
    expect(worstError(await one(plan([caseInfusion([0], SITES, { window: early })])), without)).toBeGreaterThan(1e-3);
});

test('two clauses in windows that meet are the clause without a window, whatever the number of steps', async () => {
    for (const steps of [3, 5]) {
        const halves = [
            { from: 0, to: 0.5 },
            { from: 0.5, to: 1 },
        ].map((window) => caseInfusion([0], SITES, { window }));
        const whole = await one(plan([caseInfusion([0], SITES)], { steps }));
        expect(worstError(await one(plan(halves, { steps })), whole)).toBeLessThan(1e-5);
    }
    const early = await one(plan([caseInfusion([0], SITES, { window: { firstStep: 1, lastStep: 2 } })]));
    expect(early).toEqual(await one(plan([caseInfusion([0], SITES, { window: { from: 0, to: 0.5 } })])));
});

test('rows that are left out change nothing: with all of them the picture is bitwise the same', async () => {
    const faded: Curve = {
        keys: [
            { at: 0, value: 1 },
            { at: 1, value: 0 },
        ],
        easing: 'linear',
    };
    const conditioning: Conditioning = {
        kind: 'ensemble',
        over: 'predictions',
        members: [constant(1), faded].map((weight, k) => ({ prompt: prompt(['a castle', 'a boat'][k]!), weight })),
    };
    const guidance = { scale: constant(5), rescale: 0.5, window: { from: 0.25, to: 0.75 } };
    const infusion = caseInfusion([0, 1], SITES, { text: { kind: 'rows' } });
    const work = plan([infusion], { guidance, conditioning, steps: 5 });
    const widths = new Set<number>();
    const sink: TensorSink = {
        sites: [],
        add: (name, { dims }) => {
            if (name.startsWith('predictions.')) widths.add(dims[0]!);
        },
    };
    const latent = await one(work);
    expect(await one(work, { sink })).toEqual(latent);
    // All rows in every pass: one negative, two prompts, and a bias row for each of two pictures and three texts.
    expect([...widths]).toEqual([9]);
    const whole = { scale: constant(5), rescale: 0.5 };
    expect(worstError(await one({ ...work, guidance: whole }), latent)).toBeGreaterThan(1e-3);
});

test('guidance outside of its window is 1', async () => {
    const curve: Curve = {
        keys: [
            { at: 0, value: 1 },
            { at: 0.25, value: 5 },
            { at: 0.75, value: 1 },
        ],
        easing: 'hold',
    };
    const held = await one(plan([], { guidance: { scale: curve, rescale: 0 } }));
    const window = { from: 0.25, to: 0.75 };
    expect(await one(plan([], { guidance: { scale: constant(5), rescale: 0, window } }))).toEqual(held);
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
    const { bytes } = memory.features(SD);
    expect(bytes).toBeGreaterThan(0);
    expect(await latents({ ...work, seeds: [5] }, { memory })).toEqual([inOnePass[1]]);
    expect(memory.features(SD).bytes).toBe(bytes);
});

test('bias features that do not fit are computed again, and nothing changes', async () => {
    const work = plan([caseInfusion([0, 1], SITES)]);
    const features = featureMemory([], 1000);
    const memory = { ...runMemory([]), features: () => features };
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

test('a stopped run says so, and a run that leaves the numbers says the step', async () => {
    const stop = new AbortController();
    const emit = (event: RunEvent) => event.kind === 'step' && event.step === 1 && stop.abort();
    await expect(latents(plan([]), { signal: stop.signal, emit })).rejects.toMatchObject({ code: 'run/cancelled' });
    const wild = plan([caseInfusion([0], siteWeights({ mid: 3e38 }), { rows: 'cond' })]);
    await expect(latents(wild)).rejects.toMatchObject({
        code: 'run/not-a-number',
        message: expect.stringMatching(/step \d/),
    });
});

const guided = (scale: number | Curve, text: string, negative: string) =>
    plan([], {
        guidance: { scale: typeof scale === 'number' ? constant(scale) : scale, rescale: 0 },
        conditioning: { kind: 'prompt', prompt: prompt(text) },
        negative: prompt(negative),
    });

test('guidance is u + g (c − u) for every g: at 0 the negative prompt alone, at 1 the prompt alone', async () => {
    const negative = await one(guided(1, 'blurry', ''));
    const positive = await one(guided(1, 'a castle', ''));
    expect(worstError(await one(guided(0, 'a castle', 'blurry')), negative)).toBeLessThan(1e-5);
    expect(await one(guided(1, 'a castle', 'blurry'))).toEqual(positive);
    // A curve that ends in 1 has an unconditional row at every step: the same but for rounding.
    const almost: Curve = {
        keys: [
            { at: 0, value: 1 },
            { at: 1, value: 1.000001 },
        ],
        easing: 'linear',
    };
    expect(worstError(await one(guided(almost, 'a castle', 'blurry')), positive)).toBeLessThan(1e-4);
    expect(worstError(negative, positive)).toBeGreaterThan(1e-3);
});

test('a guidance between 0 and 1 is the mean of both prompts in these shares', async () => {
    const members = ['blurry', 'a castle'].map((text, k) => ({
        prompt: prompt(text),
        weight: constant([0.7, 0.3][k]!),
    }));
    const conditioning: Conditioning = { kind: 'ensemble', over: 'predictions', members };
    const mean = await one(plan([], { conditioning, guidance: { scale: constant(1), rescale: 0 } }));
    const between = await one(guided(0.3, 'a castle', 'blurry'));
    expect(worstError(between, mean)).toBeLessThan(1e-4);
    expect(worstError(between, await one(guided(1, 'a castle', 'blurry')))).toBeGreaterThan(1e-3);
});
