/** Winograd's form of convolutions beside the plain one, on nano models: values, bits, rows of a batch; the file of their weights. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ConvolutionRule, fastConvolutions } from '../../../src/runtime/engine/fast-convolutions.ts';
import { relativeError } from '../../../src/runtime/engine/self-test.ts';
import { createSession, type Session } from '../../../src/runtime/engine/session.ts';
import { sessionPool } from '../../../src/runtime/engine/session-pool.ts';
import type { OperatorForms } from '../../../src/runtime/graph/forms/operator-forms.ts';
import type { TransformedConvolutions } from '../../../src/runtime/graph/forms/winograd-weights.ts';
import { sinusoidalTimeEmbedding } from '../../../src/runtime/graph/time-embedding.ts';
import { unetGraph } from '../../../src/runtime/graph/unet.ts';
import { packageRoot } from '../../../src/runtime/package-root.ts';
import { elementCount, rows, type Tensor } from '../../../src/runtime/tensor.ts';
import { openCheckpoint } from '../../../src/runtime/weights/checkpoint.ts';
import type { Overrides } from '../../../src/runtime/weights/parts.ts';
import { MODELS, noise, SD15, SD21 } from './nano.ts';

/** Every convolution that a form fits, or both forms by level: nano's finest is 8 latents wide. */
const ALL: ConvolutionRule = { leastSide: { '4x4': 1, '2x2': 1 }, leastWidth: 1 };
const SMALL_TILES: ConvolutionRule = { leastSide: { '4x4': 99, '2x2': 1 }, leastWidth: 1 };
const MIXED: ConvolutionRule = { leastSide: { '4x4': 4, '2x2': 2 }, leastWidth: 1 };
const PLAIN: OperatorForms = { linear: 'fused-matmul', attention: 'fused' };
const HALF = join(MODELS, 'nano-sd15.ldm-fp16.safetensors');
const { unet, vae, text_encoder, scheduler } = JSON.parse(readFileSync(join(MODELS, 'single_files.json'), 'utf8'))[
    'nano-sd15.ldm-fp16.safetensors'
];
const OVERRIDES: Overrides = { unet, vae, text_encoder, scheduler, tokenizer: join(SD15, 'tokenizer') };

const unetOf = (path: string) => openCheckpoint(path, path === HALF ? OVERRIDES : {}).unet;

let folder = '';
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sdspec-fast-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function convolutionsOf(path: string, rule = ALL): Promise<TransformedConvolutions> {
    const found = await fastConvolutions(unetOf(path), rule, { folder });
    if ('reason' in found) throw new Error(found.reason);
    return found.convolutions;
}

function sessionOf(path: string, forms: OperatorForms, threads: number): Promise<Session> {
    const graph = unetGraph(unetOf(path), forms);
    return createSession(graph, { backend: 'cpu', threads, optimisation: 'all', prepack: true });
}

function inputsOf(path: string, rowCount: number, height: number, width: number): Record<string, Tensor> {
    const { config } = unetOf(path);
    return {
        sample: noise(1, rowCount, config.inChannels, height, width),
        context: noise(2, rowCount, 77, config.contextWidth),
        waves: sinusoidalTimeEmbedding([500], config),
    };
}

test.each([
    ['SD1.5, tiles of 4x4', SD15, ALL],
    ['SD1.5, tiles of 2x2', SD15, SMALL_TILES],
    ['SD2.1', SD21, MIXED],
    ['a single file of 16 bits', HALF, MIXED],
])('%s: the same prediction to the last bits, also for sides that are no multiple of a tile', async (_, path, rule) => {
    const transformed = await convolutionsOf(path, rule);
    const plain = await sessionOf(path, PLAIN, 1);
    const fast = await sessionOf(path, { ...PLAIN, transformed }, 2);
    for (const [rowCount, height, width] of [
        [2, 8, 8],
        [1, 15, 13],
        [3, 24, 10],
    ] as const) {
        const inputs = inputsOf(path, rowCount, height, width);
        const expected = (await plain.run(inputs))['prediction']!;
        const { prediction } = await fast.run(inputs);
        expect(prediction!.dims).toEqual(expected.dims);
        expect(relativeError(prediction!.data, expected.data)).toBeLessThan(1e-5);
        // It is another order of sums: equal bits would mean that the plain form ran.
        expect(prediction!.data).not.toEqual(expected.data);
        expect((await fast.run(inputs))['prediction']!.data).toEqual(prediction!.data);
    }
    await plain.release();
    await fast.release();
});

test.each([
    ['4x4', ALL],
    ['2x2', SMALL_TILES],
])('tiles of %s: a row alone is bitwise the row of a batch', async (_, rule) => {
    const session = await sessionOf(SD15, { ...PLAIN, transformed: await convolutionsOf(SD15, rule) }, 2);
    for (const [height, width] of [
        [16, 16],
        [15, 13],
    ] as const) {
        const { waves, sample, context } = inputsOf(SD15, 3, height, width) as Record<string, Tensor>;
        const whole = (await session.run({ waves: waves!, sample: sample!, context: context! }))['prediction']!;
        for (const row of [0, 1, 2]) {
            const alone = { sample: rows(sample!, row, row + 1), context: rows(context!, row, row + 1) };
            const { prediction } = await session.run({ waves: waves!, ...alone });
            expect(prediction!.data).toEqual(rows(whole, row, row + 1).data);
        }
    }
    await session.release();
});

test('the rule takes the finer levels of large models, and none of the built-in one', async () => {
    const found = await convolutionsOf(SD15, MIXED);
    const levels = new Map<string, Set<string>>();
    for (const [name, { form, level }] of found) {
        const key = `${level} ${form}`;
        levels.set(key, (levels.get(key) ?? new Set()).add(name.replace(/\.resnets.*|\.upsamplers.*/, '')));
    }
    // The upsampler of a block works at the next finer level.
    expect(Object.fromEntries([...levels].map(([key, blocks]) => [key, [...blocks].sort()]))).toEqual({
        '0 4x4': ['down_blocks.0', 'up_blocks.2', 'up_blocks.3'],
        '1 4x4': ['down_blocks.1', 'up_blocks.1', 'up_blocks.2'],
        '2 2x2': ['down_blocks.2', 'up_blocks.0', 'up_blocks.1'],
    });
    expect([...found.keys()].filter((name) => /downsamplers|conv_in|conv_out|shortcut/.test(name))).toEqual([]);
    const sketch = openCheckpoint(join(packageRoot(), 'models', 'sketch')).unet;
    expect(await fastConvolutions(sketch, undefined, { folder })).toEqual({ convolutions: new Map() });
});

test('weights are transformed once, found again by a copy, and made again where the file is damaged', async () => {
    const own = mkdtempSync(join(tmpdir(), 'sdspec-once-'));
    try {
        const part = unetOf(SD15);
        const find = async () => {
            const found = await fastConvolutions(part, ALL, { folder: own });
            if ('reason' in found) throw new Error(found.reason);
            return [...found.convolutions.values()][0]!.location.file;
        };
        const file = await find();
        const made = statSync(file).ino;
        expect(await find()).toBe(file);
        // Without what is remembered of the model's files, the digest of its tensors leads to the same file.
        rmSync(join(own, 'index.json'));
        expect(await find()).toBe(file);
        expect(statSync(file).ino).toBe(made);
        truncateSync(file, statSync(file).size - 4);
        expect(await find()).toBe(file);
        expect(statSync(file).ino).not.toBe(made);
        expect(readdirSync(own).sort()).toEqual([file.split(/[\\/]/).at(-1), 'index.json'].sort());
    } finally {
        rmSync(own, { recursive: true, force: true });
    }
});

test('where there is no room, convolutions run as they are, and the report says so', async () => {
    const part = unetOf(SD15);
    const notices: string[] = [];
    const pool = await sessionPool({
        requested: 'cpu',
        threads: 1,
        weights: { unet: part.weights },
        convolutions: { unet: () => fastConvolutions(part, ALL, { folder, limit: 1000 }) },
        notice: (text) => notices.push(text),
    });
    await pool.session('unet', 'plain', (forms) => unetGraph(part, forms));
    expect(pool.report.sessions[0]).not.toHaveProperty('convolutions');
    expect(notices).toEqual([expect.stringMatching(/plain form.*take \d+ [kM]B/)]);
    expect(pool.report.fallbacks).toEqual(notices);
    await pool.release('unet');
});

test('the report names the form, and the first use the file that it made', async () => {
    const part = unetOf(SD15);
    const own = join(folder, 'first');
    const notices: string[] = [];
    const pool = await sessionPool({
        requested: 'cpu',
        threads: 1,
        weights: { unet: part.weights },
        convolutions: { unet: () => fastConvolutions(part, ALL, { folder: own }) },
        notice: (text) => notices.push(text),
    });
    const session = await pool.session('unet', 'fast', (forms) => unetGraph(part, forms));
    expect(pool.report.sessions[0]).toMatchObject({ convolutions: 'winograd', weights: 'prepacked' });
    const { prediction } = await session.run(inputsOf(SD15, 1, 8, 8));
    expect(prediction!.data).toHaveLength(elementCount(prediction!.dims));
    expect(notices).toEqual([expect.stringMatching(/^Weights of the unet were prepared once, \d+ \wB on disk/)]);
    expect(pool.report.fallbacks).toEqual([]);
    expect(await fastConvolutions(part, ALL, { folder: own })).not.toHaveProperty('madeBytes');
    await pool.release('unet');
});
