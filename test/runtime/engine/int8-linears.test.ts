/** Linear layers in 8 bits on nano models: the arithmetic, bits, rows of a batch, the file of their weights, what is recorded. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { int8Linears } from '../../../src/runtime/engine/int8-linears.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import { relativeError } from '../../../src/runtime/engine/self-test.ts';
import { createSession } from '../../../src/runtime/engine/session.ts';
import { channelScales, type QuantisedLinears, quantiseWeights } from '../../../src/runtime/graph/forms/int8-linear.ts';
import { Graph } from '../../../src/runtime/graph/graph.ts';
import { Layers } from '../../../src/runtime/graph/layers.ts';
import { rows } from '../../../src/runtime/tensor.ts';
import { openCheckpoint } from '../../../src/runtime/weights/checkpoint.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { writeSafetensors } from '../../../src/runtime/weights/write-safetensors.ts';
import { noise, SD15, SD21 } from './nano.ts';

let folder = '';
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sdspec-int8-'));
    vi.stubEnv('SDSPEC_CACHE', folder);
});
afterEach(() => vi.stubEnv('SDSPEC_CACHE_GB', undefined));
afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
});

async function linearsOf(path: string): Promise<QuantisedLinears> {
    const found = await int8Linears(openCheckpoint(path).unet.weights, { folder });
    if ('reason' in found) throw new Error(found.reason);
    return found.linears;
}

test.each([
    ['SD1.5', SD15, 4],
    ['SD2.1', SD21, 4],
])(
    '%s: a prediction close to the exact one, the same on every run, and of a row alone as in a batch',
    async (_, path, channels) => {
        const model = await openModel(path, { device: 'cpu', threads: 2 });
        const width = model.checkpoint.unet.config.contextWidth;
        const exact = await model.unet();
        const reduced = await model.unet({ precision: 'int8' });
        for (const [height, side] of [
            [8, 8],
            [9, 13],
        ] as const) {
            const inputs = {
                sample: noise(1, 3, channels, height, side),
                timestep: 500,
                context: noise(2, 3, 77, width),
            };
            const { prediction } = await reduced.run(inputs);
            const error = relativeError(prediction.data, (await exact.run(inputs)).prediction.data);
            expect(error).toBeGreaterThan(1e-5);
            expect(error).toBeLessThan(0.03);
            expect((await reduced.run(inputs)).prediction.data).toEqual(prediction.data);
            for (const row of [0, 2]) {
                const alone = {
                    ...inputs,
                    sample: rows(inputs.sample, row, row + 1),
                    context: rows(inputs.context, row, row + 1),
                };
                expect((await reduced.run(alone)).prediction.data).toEqual(rows(prediction, row, row + 1).data);
            }
        }
        expect(model.device.sessions.map(({ part, linears }) => [part, linears])).toEqual([
            ['unet', undefined],
            ['unet int8', 'int8'],
        ]);
        await model.close();
    },
);

const LAYER = 'a.transformer_blocks.0.ff.net.2';

test('a layer is the product of rounded values and rounded weights, with a scale for each token and each channel', async () => {
    const [tokens, from, to] = [5, 7, 3];
    const weights = noise(3, to, from);
    const bias = noise(5, to);
    const x = noise(4, 1, tokens, from);
    x.data.set(
        x.data.subarray(0, from).map((value) => 1000 * value),
        from,
    );
    x.data.fill(0, 2 * from, 3 * from);
    const bytes = quantiseWeights(weights.data, to, from);
    const scales = channelScales(weights.data, to, from);
    const expected = Float32Array.from({ length: tokens * to }, (_, at) => {
        const [token, channel] = [Math.floor(at / to), at % to];
        const values = x.data.subarray(token * from, (token + 1) * from);
        const scale = Math.max(...values.map(Math.abs)) / 127 || 1;
        const sum = values.reduce((all, v, k) => all + Math.round(v / scale) * (bytes[k * to + channel]! - 128), 0);
        return sum * scale * scales[channel]! + bias.data[channel]!;
    });

    const file = join(folder, 'layer.safetensors');
    writeSafetensors(
        file,
        new Map([
            [`${LAYER}.weight`, weights],
            [`${LAYER}.bias`, bias],
        ]),
        {},
    );
    const part = { source: file, tensors: readSafetensors(file).tensors };
    const found = await int8Linears(part, { folder });
    if ('reason' in found) throw new Error(found.reason);
    // As prepared, and as computed from weights that an adapter changes.
    const computed: QuantisedLinears = new Map([[LAYER, { kind: 'computed' }]]);
    for (const quantised of [found.linears, computed]) {
        const graph = new Graph('layer');
        const layers = new Layers(graph, part, { linear: 'fused-matmul', attention: 'fused', quantised });
        graph.output('y', layers.linear(graph.input('x', ['R', 'n', from]), LAYER, from, to));
        const session = await createSession(graph, { backend: 'cpu', threads: 1, optimisation: 'all', prepack: true });
        const { y } = await session.run({ x });
        expect(y!.dims).toEqual([1, tokens, to]);
        expect(relativeError(y!.data, expected)).toBeLessThan(1e-6);
        await session.release();
    }
});

test('layers over pixels are quantised, those of texts and timesteps are not; what an adapter changes is not prepared', async () => {
    const { weights } = openCheckpoint(SD15).unet;
    const names = [...(await linearsOf(SD15)).keys()];
    const block = 'mid_block.attentions.0.transformer_blocks.0';
    const kinds = ['attn1.to_k', 'attn1.to_out.0', 'attn1.to_q', 'attn1.to_v', 'attn2.to_out.0', 'attn2.to_q'];
    expect(names.filter((name) => name.startsWith(block)).sort()).toEqual(
        [...kinds, 'ff.net.0.proj', 'ff.net.2'].map((kind) => `${block}.${kind}`),
    );
    expect(names.filter((name) => /time_emb/.test(name))).toEqual([]);
    const changes = new Map([[`${block}.attn1.to_q.weight`, []]]);
    const found = await int8Linears({ ...weights, changes }, { folder });
    if ('reason' in found) throw new Error(found.reason);
    expect([...found.linears.keys()].sort()).toEqual([...names].sort());
    expect([...found.linears].filter(([, { kind }]) => kind === 'computed').map(([name]) => name)).toEqual([
        `${block}.attn1.to_q`,
    ]);
});

test('weights are quantised once; where there is no room for them, the plan is refused', async () => {
    const { weights } = openCheckpoint(SD21).unet;
    const own = { folder: join(folder, 'own') };
    const first = await int8Linears(weights, own);
    expect(first).toMatchObject({ madeBytes: expect.any(Number) });
    const { madeBytes, ...same } = first as { madeBytes: number };
    expect(await int8Linears(weights, own)).toEqual(same);

    vi.stubEnv('SDSPEC_CACHE_GB', '0');
    const model = await openModel(SD15, { device: 'cpu', threads: 1 });
    await expect(model.unet({ precision: 'int8' })).rejects.toThrow(
        /`precision int8` needs weights of the unet in 8 bits.*SDSPEC_CACHE_GB/,
    );
    await model.close();
});
