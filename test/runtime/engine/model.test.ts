/** Opened models: sessions on demand, shared, released; tiles; inputs that do not fit. */
import { expect, test } from 'vitest';
import { decodeLatents } from '../../../src/runtime/engine/autoencoder.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import { planSession } from '../../../src/runtime/engine/session-plan.ts';
import { sessionPool } from '../../../src/runtime/engine/session-pool.ts';
import { tiled } from '../../../src/runtime/engine/tiles.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import { INPAINT, noise, SD15, SD21 } from './nano.ts';

test('opening makes no session; equal options share one', async () => {
    const model = await openModel(SD15, { device: 'cpu', threads: 1 });
    expect(model.device.sessions).toHaveLength(0);
    await model.unet();
    await model.unet({ taps: [] });
    expect(model.device.sessions).toHaveLength(1);
    await model.unet({ features: ['M00'] });
    expect(model.device.sessions).toHaveLength(2);
    await model.close();
});

test('a released part comes back when it is needed', async () => {
    const model = await openModel(SD15, { device: 'cpu', threads: 1 });
    const inputs = { sample: noise(1, 1, 4, 8, 8), timestep: 1, context: noise(2, 1, 77, 32) };
    const unet = await model.unet();
    const before = (await unet.run(inputs)).prediction.data;
    await model.release('unet');
    expect((await unet.run(inputs)).prediction.data).toEqual(before);
    await model.close();
});

test('a text is encoded once while the model is open', async () => {
    const model = await openModel(SD15, { device: 'cpu', threads: 1 });
    const ids = model.tokenizer.encodePadded('a castle');
    const first = await model.encodeText([ids]);
    await model.release('text');
    const sessions = model.device.sessions.length;
    expect(await model.encodeText([[...ids]])).toBe(first);
    expect(model.device.sessions).toHaveLength(sessions);
    // Another text, and another layer of the same one, are others.
    expect((await model.encodeText([model.tokenizer.encodePadded('a cat')])).data).not.toEqual(first.data);
    expect((await model.encodeText([ids], { clipSkip: 1 })).data).not.toEqual(first.data);
    expect(model.device.sessions.length).toBeGreaterThan(sessions);
    await expect(model.encodeText([[1, 2]])).rejects.toThrow('not 77');
    await expect(model.encodeText([[1, 2]])).rejects.toThrow('not 77');
    await model.close();
});

test('a checkpoint reports what the recipe needs to know', async () => {
    const facts = async (path: string) => {
        const { checkpoint } = await openModel(path, { device: 'cpu' });
        const { isInpainting, predictionType, latentScale, pixelsPerLatent, nativeSize } = checkpoint;
        return { isInpainting, predictionType, latentScale, pixelsPerLatent, nativeSize };
    };
    const common = { latentScale: 0.18215, pixelsPerLatent: 8, nativeSize: 64 };
    expect(await facts(SD15)).toEqual({ ...common, isInpainting: false, predictionType: 'epsilon' });
    expect(await facts(SD21)).toEqual({ ...common, isInpainting: false, predictionType: 'v_prediction' });
    expect(await facts(INPAINT)).toEqual({ ...common, isInpainting: true, predictionType: 'epsilon' });
});

test('inputs of a wrong shape are refused with both shapes', async () => {
    const model = await openModel(SD15, { device: 'cpu', threads: 1 });
    const unet = await model.unet({ taps: [{ point: 'M00' }] });
    const inputs = { sample: noise(1, 2, 4, 8, 8), timestep: 1, context: noise(2, 2, 77, 32) };
    await expect(unet.run(inputs)).rejects.toThrow('needs mix of shape [1,2,2]');
    await expect(unet.run({ ...inputs, mix: noise(1, 1, 3, 2) })).rejects.toThrow('shape [1,3,2], not [1,2,2]');
    await expect(unet.run({ ...inputs, context: noise(2, 1, 77, 32) })).rejects.toThrow(
        'context has shape [1,77,32], not [2,77,32]',
    );
    await expect(unet.run({ ...inputs, timestep: [1, 2, 3] })).rejects.toThrow('3 timesteps for 2 rows');
    await expect(model.encodeImage(noise(1, 1, 3, 60, 64))).rejects.toThrow('multiples of 8');
    await expect(model.encodeText([[1, 2]])).rejects.toThrow('not 77');
    await expect(model.encodeText([Array(77).fill(5000)])).rejects.toThrow(/belong to different models/);
    await expect(model.encodeText([Array(77).fill(0)], { clipSkip: 5 })).rejects.toThrow('between 0 and 4');
    await model.close();
});

test('one timestep for all rows is one for each', async () => {
    const model = await openModel(SD15, { device: 'cpu', threads: 1 });
    const unet = await model.unet();
    const inputs = { sample: noise(1, 2, 4, 8, 8), context: noise(2, 2, 77, 32) };
    const shared = await unet.run({ ...inputs, timestep: 77.5 });
    const each = await unet.run({ ...inputs, timestep: [77.5, 77.5] });
    expect(each.prediction.data).toEqual(shared.prediction.data);
    await model.close();
});

test('learned embeddings are beside the vocabulary', async () => {
    const model = await openModel(SD15, { device: 'cpu', threads: 1 });
    const { vocabSize, width } = model.checkpoint.textEncoder.config;
    const ids = model.tokenizer.encodePadded('a castle');
    const plain = await model.encodeText([ids]);
    const vectors = noise(5, 2, width);
    expect((await model.encodeText([ids], { learned: vectors })).data).toEqual(plain.data);
    const changed = ids.map((id, index) => (index === 2 ? vocabSize + 1 : id));
    const other = (await model.encodeText([changed], { learned: vectors })).data;
    expect(other.subarray(0, 2 * width)).toEqual(plain.data.subarray(0, 2 * width));
    expect(other.subarray(2 * width)).not.toEqual(plain.data.subarray(2 * width));
    await model.close();
});

test('tiles of a decoder that sees single pixels give the undivided picture', async () => {
    const latents = noise(1, 2, 3, 23, 41);
    const enlarge = async (tile: typeof latents) => {
        const [batch, channels, height, width] = tile.dims as [number, number, number, number];
        const data = new Float32Array(4 * tile.data.length);
        for (let index = 0; index < data.length; index++) {
            const x = index % (2 * width);
            const y = Math.floor(index / (2 * width)) % (2 * height);
            const plane = Math.floor(index / (4 * width * height));
            data[index] = tile.data[(plane * height + (y >> 1)) * width + (x >> 1)]!;
        }
        return tensor(data, [batch, channels, 2 * height, 2 * width]);
    };
    const whole = await enlarge(latents);
    const result = await tiled(latents, { side: 12, overlap: 4, scale: 2 }, enlarge);
    expect(result.dims).toEqual(whole.dims);
    expect(Math.max(...result.data.map((value, index) => Math.abs(value - whole.data[index]!)))).toBeLessThan(1e-6);
});

test('a large picture is decoded in tiles that look like the whole', async () => {
    const model = await openModel(SD15, { device: 'cpu', threads: 1 });
    const { vae, unet, textEncoder } = model.checkpoint;
    const weights = { decoder: vae.weights, unet: unet.weights, text: textEncoder.weights };
    const pool = await sessionPool({ requested: 'cpu', weights, notice: () => {} });
    const latents = noise(7, 1, 4, 80, 64);
    const whole = await model.decode(latents);
    const tiled = await decodeLatents(vae, pool, latents, 0);
    expect(tiled.dims).toEqual([1, 3, 640, 512]);
    const difference =
        tiled.data.reduce((sum, value, index) => sum + Math.abs(value - whole.data[index]!), 0) / whole.data.length;
    expect(difference).toBeLessThan(0.05);
    await pool.release('decoder');
    await model.close();
});

test('the plan of a session follows from the files and the calls', () => {
    const weights = (length: number, dtype: 'F32' | 'F16') => ({
        source: 'x',
        tensors: new Map([['w', { file: 'x', offset: 0, length, dtype, shape: [] }]]),
    });
    expect(planSession('cpu', weights(1e6, 'F32'), 1).weights).toBe('prepacked');
    expect(planSession('cpu', weights(1e9, 'F32'), 19).weights).toBe('mapped');
    expect(planSession('cpu', weights(1e9, 'F32'), 20).weights).toBe('prepacked');
    expect(planSession('cpu', weights(1e9, 'F16'), 1).weights).toBe('prepacked');
    expect(planSession('webgpu', weights(1e9, 'F32'), 1).weights).toBe('device');
});
