/** Steps that take what the text adds from an earlier one: which rows run, what they are given, whatever else the plan has. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { constant } from '../../../src/plan/curve.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { openControlNet } from '../../../src/runtime/engine/controlnet.ts';
import type {
    StableDiffusion,
    UnetInputs,
    UnetOptions,
    UnetOutputs,
} from '../../../src/runtime/engine/stable-diffusion.ts';
import { rows } from '../../../src/runtime/tensor.ts';
import { caseInfusion, prompt, siteWeights } from '../../parity/plans.ts';
import { MODELS } from '../engine/nano.ts';
import { latents, one, openNano, pictures, plan, worstError } from './nano-plans.ts';

interface Call {
    readonly options: UnetOptions;
    readonly inputs: UnetInputs;
    readonly outputs: UnetOutputs;
}

/** The nano model, with a list of what its U-Nets are given and return. */
async function watched(calls: Call[]): Promise<StableDiffusion> {
    const model = await openNano();
    return {
        ...model,
        async unet(options: UnetOptions = {}) {
            const unet = await model.unet(options);
            const run = async (inputs: UnetInputs) => {
                const outputs = await unet.run(inputs);
                calls.push({ options, inputs, outputs });
                return outputs;
            };
            return { ...unet, run };
        },
    };
}

const textCache = { window: { from: 0.5, to: 1 } };
const late = (more: Partial<PicturePlan> = {}) => plan([], { steps: 4, textCache, ...more });

test('as in the paper: both rows before, then the prompt alone, with the mean of both', async () => {
    const calls: Call[] = [];
    const model = await watched(calls);
    const [picture] = await pictures(late(), { openModel: async () => model });
    expect(calls.map(({ options, inputs }) => [options.text, inputs.sample.dims[0]])).toEqual([
        ...Array.from({ length: 2 }, () => ['handed-out', 2]),
        ...Array.from({ length: 2 }, () => ['given', 1]),
    ]);
    const kept = calls[1]!.outputs.text!;
    for (const { inputs } of calls.slice(2)) {
        for (const [block, part] of kept) {
            const [empty, own] = [rows(part, 0, 1).data, rows(part, 1, 2).data];
            const mean = own.map((value, at) => (value + empty[at]!) / 2);
            expect(inputs.text!.get(block)!.data).toEqual(mean);
        }
    }
    const [exact] = await pictures(plan([], { steps: 4 }));
    const equal = picture!.latentDigests.map((digest, k) => digest === exact!.latentDigests[k]);
    expect(equal).toEqual([true, true, true, false, false]);
});

test('behind its window the text is read again, and the negative prompt with it', async () => {
    const calls: Call[] = [];
    const model = await watched(calls);
    await one(late({ textCache: { window: { firstStep: 2, lastStep: 3 } } }), { openModel: async () => model });
    const rowCounts = calls.map(({ options, inputs }) => `${options.text ?? 'text'} ${inputs.sample.dims[0]}`);
    expect(rowCounts).toEqual(['handed-out 2', 'given 1', 'given 1', 'text 2']);
});

const picture = { kind: 'file', path: '1' } as const;
const fading = { keys: [0, 1].map((at) => ({ at, value: at })), easing: 'linear' } as const;
const members = [constant(1), fading].map((weight, k) => ({ prompt: prompt(['a castle', 'a boat'][k]!), weight }));
const cases: Readonly<Record<string, PicturePlan>> = {
    'cached steps of another kind': late({ deepCache: { every: 2 } }),
    'a branch of several blocks': late({ deepCache: { every: 4, at: 'OUT09' } }),
    'two calls per step': late({ sampler: { name: 'heun', schedule: 'karras', eta: 0 } }),
    'an ensemble': late({ conditioning: { kind: 'ensemble', over: 'predictions', members } }),
    'an ensemble over latents': late({ conditioning: { kind: 'ensemble', over: 'latents', members } }),
    'guidance at the first steps only': late({
        guidance: { scale: constant(5), rescale: 0.5, window: { firstStep: 1, lastStep: 1 } },
    }),
    'image to image': late({
        start: { pictures: [{ picture, weight: 1 }], mixing: 'linear', latent: 'mean', strength: 0.7 },
    }),
    'a ControlNet': late({
        controls: [{ net: { path: 'net' }, picture, weight: constant(1), window: { from: 0, to: 1 } }],
    }),
    'windows of a large picture': late({ windows: { side: 48, overlap: 16 } }),
    'an infusion': { ...late(), infusions: [caseInfusion([0, 1], siteWeights({ mid: 0.2, OUT11: 0.1 }))] },
    'scaled features': late({ scales: siteWeights({ 'up.0': 0.9 }) }),
};
const openNet = () => openControlNet(join(MODELS, 'nano-controlnet'), { device: 'cpu' });

test.each(Object.entries(cases))(
    '%s: another picture, of which one in a batch is bitwise the one alone',
    async (_, work) => {
        const together = await latents({ ...work, seeds: [3, 8] }, { openControlNet: openNet });
        expect(together[1]).toEqual(await one({ ...work, seeds: [8] }, { openControlNet: openNet }));
        const { textCache: _cache, ...exact } = work;
        expect(
            worstError(together[1]!, await one({ ...exact, seeds: [8] }, { openControlNet: openNet })),
        ).toBeGreaterThan(1e-4);
    },
);

test('a traced run ends bitwise where the plain one ends, and reads attention of the whole U-Net', async () => {
    const trace = { after: [1, 3], completed: true, finish: 2, attention: ['castle'] };
    const [traced] = await pictures(late({ trace }));
    const [plain] = await pictures(late());
    expect(traced!.latents).toEqual(plain!.latents);
    expect(traced!.trace.map(({ attention }) => Object.keys(attention ?? {}))).toEqual([['castle'], ['castle']]);
});

test('saved tensors change nothing', async () => {
    const saved: string[] = [];
    const sink = { sites: ['OUT11'], add: (name: string) => void saved.push(name) } as const;
    expect(await one(late(), { sink })).toEqual(await one(late()));
    expect(saved).toContain('predictions.3');
});
