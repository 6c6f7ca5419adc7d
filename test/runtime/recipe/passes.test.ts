/** The passes that hovers, hints and lenses show are the rows that a run sends through the U-Net. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { constant } from '../../../src/plan/curve.ts';
import type { MosaicPlan, MosaicTiles } from '../../../src/plan/mosaic/mosaic.ts';
import { cachedPassesOf, passesOf } from '../../../src/plan/passes/work.ts';
import type { Conditioning } from '../../../src/plan/phrases.ts';
import type { PicturePlan, Size, SweepPlan } from '../../../src/plan/plan.ts';
import type { PrintPlan, PrintStep, Refinement } from '../../../src/plan/prints/print.ts';
import { openUpscaler } from '../../../src/runtime/engine/upscaler.ts';
import { generate } from '../../../src/runtime/generate.ts';
import type { Rgb } from '../../../src/runtime/pictures/picture.ts';
import { encodePng } from '../../../src/runtime/pictures/save.ts';
import { runMemory } from '../../../src/runtime/recipe/run-memory.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import { caseInfusion, prompt, siteWeights } from '../../parity/plans.ts';
import { carry, specFolder } from '../run/carry.ts';
import { fakeWorkshop } from '../run/fake-workshop.ts';
import { openNano, pictures, plan, SITES } from './nano-plans.ts';

const UPSCALER = join(import.meta.dirname, '../../goldens/upscalers/compact-x2.safetensors');
/** The picture that mosaics and prints are made of. */
const SUBJECT: Size = { width: 64, height: 64 };

/** The nano model, and how many rows went through its U-Net. */
async function countingModel() {
    const model = await openNano();
    const counted = { rows: 0 };
    const counting: typeof model = {
        ...model,
        checkpoint: { ...model.checkpoint, scheduler: { ...model.checkpoint.scheduler, skip_prk_steps: true } },
        // What the pictures look like does not matter here.
        decode: async ({ dims: [, , height = 0, width = 0] }) =>
            tensor(new Float32Array(3 * 64 * height * width), [1, 3, 8 * height, 8 * width]),
        async unet(options) {
            const unet = await model.unet(options);
            return {
                ...unet,
                run(inputs) {
                    counted.rows += inputs.sample.dims[0]!;
                    return unet.run(inputs);
                },
            };
        },
    };
    return { model: counting, counted };
}

/** Rows that go through the U-Net while the plans are carried out, one after the other. */
async function rowsRun(plans: readonly PicturePlan[]): Promise<number> {
    const { model, counted } = await countingModel();
    const memory = plans.length > 1 ? { memory: runMemory(plans) } : {};
    for (const one of plans) await pictures(one, { openModel: async () => model, ...memory });
    return counted.rows;
}

/** Rows that go through the U-Net in a run, whose files are plain pictures: four quarters, each of its own colour. */
async function rowsOfRun(work: MosaicPlan | PrintPlan): Promise<number> {
    const { model, counted } = await countingModel();
    const workshop = fakeWorkshop(undefined, {
        generate,
        openModel: async () => model,
        openUpscaler: (place) => openUpscaler(place, { device: 'cpu', threads: 1 }),
    });
    const base = specFolder();
    for (const name of ['0', '1']) writeFileSync(join(base, name), await encodePng(quarters(SUBJECT)));
    copyFileSync(UPSCALER, join(base, 'up-x2.safetensors'));
    const { outcome } = await carry(base, { name: 'work', work, expect: [] }, workshop);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return counted.rows;
}

function quarters({ width, height }: Size): Rgb {
    const data = new Uint8Array(3 * width * height);
    for (let i = 0; i < width * height; i++) {
        const [right, down] = [i % width >= width / 2, i >= (width * height) / 2];
        data.set([right ? 255 : 0, down ? 255 : 0, 128], 3 * i);
    }
    return { width, height, data };
}

const sampler = (name: PicturePlan['sampler']['name']) =>
    ({ sampler: { name, schedule: 'normal', eta: 0 } }) as const satisfies Partial<PicturePlan>;

const ensemble = (over: 'predictions' | 'latents' | 'embeddings'): Conditioning => ({
    kind: 'ensemble',
    over,
    members: ['a tower', 'a boat'].map((text) => ({ prompt: prompt(text), weight: constant(1) })),
});
/** Steps 2 and 3 of 4. */
const inWindow = (scale: number) => ({ scale: constant(scale), rescale: 0, window: { from: 0.25, to: 0.75 } });
/** The second member's weight is 0 in the last step. */
const fading = (over: 'predictions' | 'latents'): Conditioning => ({
    kind: 'ensemble',
    over,
    members: ['a tower', 'a boat'].map((text, k) => ({
        prompt: prompt(text),
        weight:
            k === 0
                ? constant(1)
                : {
                      keys: [
                          { at: 0, value: 1 },
                          { at: 1, value: 0 },
                      ],
                      easing: 'linear',
                  },
    })),
});
const start = (strength: number) =>
    ({
        pictures: [{ picture: { kind: 'file', path: '0' }, weight: 1 }],
        mixing: 'linear',
        latent: 'mean',
        strength,
    }) as const;
const bias = (more: Parameters<typeof caseInfusion>[2] = {}) => [caseInfusion([0, 1], SITES, more)];
const trace = (more: Partial<NonNullable<PicturePlan['trace']>>) => ({
    trace: { after: [0, 2], completed: false, finish: 0, attention: [], ...more },
});
const seeds = [3, 4, 5];
/** Two columns and two rows. */
const windows = { windows: { side: 48, overlap: 16 } };

const cached = { deepCache: { every: 3 } } satisfies Partial<PicturePlan>;

const cases: Readonly<Record<string, readonly [PicturePlan, number]>> = {
    'one prompt and its negative': [plan([]), 8],
    'guidance 1 needs no negative row': [plan([], { guidance: { scale: constant(1), rescale: 0 } }), 4],
    'guidance in a window needs the negative row there': [plan([], { guidance: inWindow(5) }), 6],
    'guidance 0 needs the negative row alone': [plan([], { guidance: { scale: constant(0), rescale: 0 } }), 4],
    'guidance 0 that is rescaled needs both': [plan([], { guidance: { scale: constant(0), rescale: 0.7 } }), 8],
    'guidance 0 in a window, then 1': [plan([], { guidance: inWindow(0) }), 4],
    'a member that fades to 0': [plan([], { conditioning: fading('predictions') }), 11],
    'a member that fades to 0 keeps its history over latents': [plan([], { conditioning: fading('latents') }), 12],
    'bias rows of what is left out are left out too': [
        plan(bias({ text: { kind: 'rows' } }), { guidance: inWindow(5) }),
        18,
    ],
    'an ensemble over predictions': [plan([], { conditioning: ensemble('predictions') }), 12],
    'an ensemble over latents': [plan([], { conditioning: ensemble('latents') }), 12],
    'an ensemble over embeddings is one row': [plan([], { conditioning: ensemble('embeddings') }), 8],
    'an infusion': [plan(bias()), 16],
    'an infusion with a row per text': [plan(bias({ text: { kind: 'rows' } })), 24],
    'an ensemble with an infusion': [plan(bias(), { conditioning: ensemble('predictions') }), 28],
    'an ensemble with an infusion by text rows': [
        plan(bias({ text: { kind: 'rows' } }), { conditioning: ensemble('predictions') }),
        36,
    ],
    'an infusion in a window': [plan(bias({ window: { from: 0, to: 0.5 } })), 12],
    'an infusion of weight 0': [plan(bias({ weight: constant(0) })), 8],
    'several seeds share clean bias rows': [plan(bias(), { seeds }), 32],
    'noised bias rows belong to a seed': [plan(bias({ latent: 'matched' }), { seeds }), 48],
    heun: [plan([], sampler('heun')), 14],
    'heun with an infusion': [plan(bias(), sampler('heun')), 28],
    pndm: [plan([], sampler('pndm')), 10],
    'image to image': [plan([], { start: start(0.5) }), 4],
    'image to image by heun': [plan([], { start: start(0.5), ...sampler('heun') }), 6],
    'image to image by pndm': [plan([], { start: start(0.5), ...sampler('pndm') }), 6],
    'frames that are finished': [plan(bias(), trace({ finish: 2 })), 32],
    'each window is a pass': [plan([], windows), 4 * 8],
    'one window is the whole picture': [plan([], { windows: { side: 72, overlap: 16 } }), 8],
    'windows of several seeds': [plan([], { ...windows, seeds }), 4 * 24],
    'windows of an outpainted picture': [
        plan([], { ...windows, start: start(1), outpaint: { left: 0, right: 32, top: 0, bottom: 0 } }),
        6 * 8,
    ],
    'an infusion in windows': [plan(bias(), windows), 4 * 16],
    'windows by heun with a row per text': [
        plan(bias({ text: { kind: 'rows' } }), { ...windows, ...sampler('heun') }),
        4 * 42,
    ],
    'frames that are finished in windows': [plan(bias(), { ...windows, ...trace({ finish: 2 }) }), 4 * 32],
    'attention in windows': [plan(bias(), { ...windows, ...trace({ attention: ['castle'] }) }), 4 * 24],
    // Whole at steps 1 and 4 of 4.
    'cached steps': [plan([], cached), 8],
    'bias pictures run at whole steps': [plan(bias(), cached), 2 * 4 + 2 * 2],
    'bias pictures in the branch run at all of them': [
        plan([caseInfusion([0, 1], siteWeights({ OUT11: 0.1 }))], { ...cached, seeds }),
        4 * 8,
    ],
    'a row that a cached step needs is in the whole step before it': [
        plan([], { ...cached, guidance: { scale: constant(5), rescale: 0, window: { firstStep: 2, lastStep: 2 } } }),
        2 + 2 + 1 + 1,
    ],
    'attention of cached steps is that of the whole': [
        plan(bias(), { ...cached, ...trace({ attention: ['castle'] }) }),
        4 + 2 + 2 + 4 + 4 + 4,
    ],
    'frames of cached steps are finished by the whole': [plan(bias(), { ...cached, ...trace({ finish: 2 }) }), 12 + 16],
    'attention is read in a pass of its own': [plan(bias(), trace({ attention: ['castle'] })), 24],
};

test.each(Object.entries(cases))('%s', async (_, [work, expected]) => {
    expect(passesOf(work)).toBe(expected);
    expect(await rowsRun([work])).toBe(expected);
});

test('rows of cached steps are counted by themselves', () => {
    expect(cachedPassesOf(plan([], cached))).toBe(4);
    expect(cachedPassesOf(plan([]))).toBe(0);
});

test('several batches remember bias features, heun within one batch too', async () => {
    // 16 pictures of this size go together.
    const seeds = Array.from({ length: 17 }, (_, k) => k);
    for (const more of [sampler('euler'), sampler('heun')]) {
        const work = plan(bias(), { seeds, size: { width: 256, height: 256 }, steps: 2, ...more });
        expect(await rowsRun([work])).toBe(passesOf(work));
    }
});

test('windows remember no bias features over the cells of a sweep', async () => {
    const work = plan(bias(), { ...windows, steps: 1 });
    const cells = [6, 7].map((scale) => ({ ...work, guidance: { scale: constant(scale), rescale: 0 } }));
    const sweep: SweepPlan = {
        kind: 'sweep',
        axes: [],
        cells: cells.map((one, k) => ({ labels: { cell: `${k}` }, plan: one })),
        animate: false,
    };
    expect(passesOf(sweep)).toBe(2 * 4 * 4);
    expect(await rowsRun(cells)).toBe(2 * 4 * 4);
});

test('a sweep remembers what its cells share', async () => {
    const guidance = (scale: number) => ({ guidance: { scale: constant(scale), rescale: 0 } });
    const plans = [
        plan(bias(), guidance(2)),
        plan(bias(), guidance(3)),
        plan(bias(), { ...guidance(3), negative: prompt('dark') }),
        plan([caseInfusion([0], SITES, { window: { from: 0.5, to: 1 } })]),
        plan(bias(), { ...guidance(3), steps: 5 }),
    ];
    const cells = plans.map((one, k) => ({ labels: { cell: `${k}` }, plan: one }));
    const sweep: SweepPlan = { kind: 'sweep', axes: [], cells, animate: false };
    expect(passesOf(sweep)).toBe(8 + 8 + 8 + 8 + 10 + 2 * (4 + 5));
    // Timesteps of 4 and 5 steps that happen to be equal are remembered too.
    const rows = await rowsRun(plans);
    expect(rows).toBeLessThanOrEqual(passesOf(sweep));
    expect(await rowsRun(plans.slice(0, 4))).toBe(passesOf({ ...sweep, cells: cells.slice(0, 4) }));
});

const TILE = { width: 64, height: 64 };
/** 2x2 tiles, each by two steps of four. */
const mosaic = (more: Partial<MosaicTiles> = {}, depth = 1): MosaicPlan => ({
    kind: 'mosaic',
    of: { kind: 'file', path: '0' },
    grid: { columns: 2, rows: 2 },
    tiles: { via: plan([], { size: TILE }), strength: 0.5, colour: 1, vary: 16, pool: 0, size: TILE, ...more },
    depth,
});
const infused = { via: plan(bias(), { size: TILE }) };
/** Upscaled, redone, or both. */
const print = (...steps: readonly PrintStep[]): PrintPlan => ({
    kind: 'print',
    of: { kind: 'file', path: '0' },
    steps,
    paper: { width: 2.54, height: 2.54, dpi: 96, bleed: 0, fit: 'cover', marks: false },
});
const upscaled: PrintStep = { kind: 'upscaler', file: { path: 'up-x2.safetensors' } };
const redone = (more: Partial<Refinement> = {}): Refinement => ({
    kind: 'refine',
    via: plan([]),
    strength: 0.5,
    by: 1,
    tile: 64,
    overlap: 16,
    ...more,
});

const runs: Readonly<Record<string, readonly [MosaicPlan | PrintPlan, number]>> = {
    'tiles from their cells': [mosaic(), 4 * 4],
    'pictures of the pool take all steps': [mosaic({ pool: 5 }), 5 * 8 + 4 * 4],
    'with strength 0 the pool is all': [mosaic({ pool: 5, strength: 0 }), 5 * 8],
    'tiles remember bias features': [mosaic(infused), 4 * 4 + 2 * 2],
    'tiles and pool remember bias features': [mosaic({ ...infused, pool: 5 }), 5 * 8 + 4 * 4 + 4 * 2],
    'tiles with bias rows of their own': [
        mosaic({ via: plan(bias({ latent: 'matched' }), { size: TILE }) }),
        4 * 4 + 4 * 4,
    ],
    'tiles in windows': [mosaic({ via: plan([], { size: TILE, ...windows }) }), 4 * 4 * 4],
    'tiles of tiles': [mosaic({}, 2), (4 + 16) * 4],
    'tiles of tiles from a pool': [mosaic({ pool: 2 }, 2), 2 * 8 + (4 + 16) * 4],
    'a print in one window': [print(redone()), 4],
    'a print in windows': [print(redone({ by: 2 })), 9 * 4],
    'a print in windows with an infusion': [print(redone({ by: 2, via: plan(bias()) })), 9 * 8],
    'a print that is upscaled, then redone': [print(upscaled, redone()), 9 * 4],
    'a print that is redone, then upscaled': [print(redone(), upscaled), 4],
    'a print that is upscaled alone': [print(upscaled), 0],
};

test.each(Object.entries(runs))('%s', async (_, [work, expected]) => {
    expect(passesOf(work, SUBJECT)).toBe(expected);
    expect(await rowsOfRun(work)).toBe(expected);
});

test('passes of a print are known where the size of its picture is, and how large upscalers make it', () => {
    expect(passesOf(print(redone()))).toBeUndefined();
    expect(passesOf(print(upscaled))).toBe(0);
    const unnamed: PrintStep = { kind: 'upscaler', file: { path: 'up.safetensors' } };
    expect(passesOf(print(unnamed, redone()), SUBJECT)).toBeUndefined();
    expect(passesOf(print(redone(), unnamed), SUBJECT)).toBe(4);
    const builtin: PrintStep = { kind: 'upscaler', file: { path: 'builtin:sketch-up' } };
    expect(passesOf(print(builtin, redone({ tile: 256 })), SUBJECT)).toBe(4);
});
