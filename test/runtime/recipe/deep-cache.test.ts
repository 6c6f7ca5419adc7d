/** Cached steps: each is the whole U-Net with the kept feature put in by hand, whatever else the plan has. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Curve, constant } from '../../../src/plan/curve.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { SD } from '../../../src/plan/topology.ts';
import { openControlNet } from '../../../src/runtime/engine/controlnet.ts';
import type { StableDiffusion, Unet, UnetOptions } from '../../../src/runtime/engine/stable-diffusion.ts';
import type { RunEvent } from '../../../src/runtime/events.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import type { TensorSink } from '../../../src/runtime/tensor-sink.ts';
import { caseInfusion, prompt, siteWeights } from '../../parity/plans.ts';
import { MODELS } from '../engine/nano.ts';
import { latents, one, openNano, pictures, plan, worstError } from './nano-plans.ts';

/** A model that knows no branch: at cached steps all of the U-Net runs, and the kept feature takes the place of its own. */
async function plainModel(): Promise<StableDiffusion> {
    const model = await openNano();
    return {
        ...model,
        async unet({ keepAt, resumeAt, ...options }: UnetOptions = {}) {
            const at = keepAt ?? resumeAt;
            if (!at) return model.unet(options);
            const point = SD.blocks[SD.blocks.indexOf(at) - 1]!;
            if (resumeAt)
                return putInByHand(
                    await model.unet({ ...options, taps: [{ point, remembered: true }, ...(options.taps ?? [])] }),
                );
            const unet = await model.unet({ ...options, features: [point] });
            return {
                ...unet,
                async run(inputs) {
                    const output = await unet.run(inputs);
                    return { ...output, features: new Map(), deep: output.features.get(point)! };
                },
            };
        },
    };
}

/** The first tap takes the remembered rows alone; the others see them not at all. */
function putInByHand(unet: Unet): Unet {
    return {
        ...unet,
        run({ deep, mix, ...inputs }) {
            const rows = inputs.sample.dims[0]!;
            const matrices = 1 + (mix?.dims[0] ?? 0);
            const data = new Float32Array(matrices * rows * 2 * rows);
            for (let row = 0; row < rows; row++) {
                data[row * 2 * rows + rows + row] = 1;
                for (let m = 1; m < matrices; m++) {
                    const from = ((m - 1) * rows + row) * rows;
                    data.set(mix!.data.subarray(from, from + rows), (m * rows + row) * 2 * rows);
                }
            }
            return unet.run({ ...inputs, mix: tensor(data, [matrices, rows, 2 * rows]), remembered: [deep!] });
        },
    };
}

const every = (n: number): Partial<PicturePlan> => ({ deepCache: { every: n }, steps: 6 });
const fading: Curve = {
    keys: [
        { at: 0, value: 0 },
        { at: 1, value: 1 },
    ],
    easing: 'linear',
};
const members = [constant(1), fading].map((weight, k) => ({ prompt: prompt(['a castle', 'a boat'][k]!), weight }));
const picture = { kind: 'file', path: '1' } as const;

const cases: Readonly<Record<string, PicturePlan>> = {
    'every second step': plan([], every(2)),
    'every third step, from an earlier block': plan([], { ...every(3), deepCache: { every: 3, at: 'OUT09' } }),
    'in a window': plan([], { ...every(2), deepCache: { every: 2, window: { from: 0.3, to: 0.8 } } }),
    'two calls per step': plan([], { ...every(2), sampler: { name: 'heun', schedule: 'karras', eta: 0 } }),
    'an ensemble whose second member comes in at a cached step': plan([], {
        ...every(3),
        conditioning: { kind: 'ensemble', over: 'predictions', members },
    }),
    'an ensemble over latents': plan([], {
        ...every(3),
        conditioning: { kind: 'ensemble', over: 'latents', members: members.slice(0, 1).concat(members[0]!) },
    }),
    'guidance that begins at a cached step': plan([], {
        ...every(3),
        guidance: { scale: constant(5), rescale: 0.5, window: { firstStep: 3, lastStep: 5 } },
    }),
    'image to image': plan([], {
        ...every(2),
        start: { pictures: [{ picture, weight: 1 }], mixing: 'linear', latent: 'mean', strength: 0.7 },
    }),
    'an infusion below and in the branch': plan(
        [caseInfusion([0, 1], siteWeights({ mid: 0.2, OUT11: 0.1, 'skip[0]': 0.05 }), { latent: 'matched' })],
        { ...every(3), scales: siteWeights({ 'up.0': 0.9, OUT11: 1.1 }) },
    ),
    'an infusion that begins in the branch at a cached step': plan(
        [caseInfusion([0], siteWeights({ OUT11: 0.2 }), { window: { firstStep: 2, lastStep: 3 } })],
        every(3),
    ),
    'a ControlNet': plan([], {
        ...every(3),
        controls: [{ net: { path: 'net' }, picture, weight: constant(1), window: { from: 0, to: 0.6 } }],
    }),
    'windows of a large picture': plan([], { ...every(2), windows: { side: 48, overlap: 16 } }),
};
const openNet = () => openControlNet(join(MODELS, 'nano-controlnet'), { device: 'cpu' });

test.each(Object.entries(cases))('%s', async (_, work) => {
    const cached = await one(work, { openControlNet: openNet });
    const model = await plainModel();
    const byHand = await one(work, { openControlNet: openNet, openModel: async () => model });
    expect(worstError(cached, byHand)).toBeLessThan(1e-5);
    const { deepCache: _cache, ...exact } = work;
    expect(worstError(cached, await one(exact, { openControlNet: openNet }))).toBeGreaterThan(1e-4);
});

test('with every 1 the picture is bitwise the exact one', async () => {
    expect(await one(plan([], every(1)))).toEqual(await one(plan([], { steps: 6 })));
});

test('steps before the window are bitwise those of the exact picture', async () => {
    const window = { firstStep: 4, lastStep: 6 };
    const [cached] = await pictures(plan([], { steps: 6, deepCache: { every: 2, window } }));
    const [exact] = await pictures(plan([], { steps: 6 }));
    const equal = cached!.latentDigests.map((digest, k) => digest === exact!.latentDigests[k]);
    expect(equal).toEqual([true, true, true, true, true, false, false]);
});

test('a picture of a batch is bitwise the picture alone', async () => {
    const work = plan([caseInfusion([0], siteWeights({ mid: 0.2, OUT11: 0.1 }))], { ...every(3), seeds: [3, 8] });
    const together = await latents(work);
    expect(together[1]).toEqual(await one({ ...work, seeds: [8] }));
});

test('features of layers that do not run at cached steps are saved at whole ones, and a notice says so', async () => {
    const notices: string[] = [];
    const saved: string[] = [];
    const sink: TensorSink = { sites: ['M00', 'OUT11'], add: (name: string) => void saved.push(name) };
    const emit = (event: RunEvent) => void (event.kind === 'notice' && notices.push(event.text));
    const latent = await one(plan([], every(3)), { sink, emit });
    expect(latent).toEqual(await one(plan([], every(3))));
    expect(saved.filter((name) => name.startsWith('features.M00'))).toEqual(['features.M00.0', 'features.M00.3']);
    expect(saved.filter((name) => name.startsWith('features.OUT11'))).toHaveLength(6);
    expect(notices.join()).toContain('M00 is saved at whole steps');
});

test('a traced run ends bitwise where the plain one ends, and reads attention of the whole U-Net', async () => {
    const trace = { after: [1, 2], completed: true, finish: 2, attention: ['castle'] };
    const [traced] = await pictures(plan([], { ...every(3), trace }));
    expect(traced!.latents).toEqual(await one(plan([], every(3))));
    // The first step is whole: after it the run is at the exact state, of which the maps are the same with and without a cache.
    const [exact] = await pictures(plan([], { steps: 6, trace }));
    expect(traced!.trace[0]!.noisy).toEqual(exact!.trace[0]!.noisy);
    expect(traced!.trace[0]!.finished).toEqual(exact!.trace[0]!.finished);
});
