/** Half precision: when a part takes 16 bits, what then keeps 32, and how far results are from those of 32 bits. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openControlNet } from '../../../src/runtime/engine/controlnet.ts';
import { type ChooseDevice, chooseDevice, type Device } from '../../../src/runtime/engine/devices.ts';
import { chooseHalf, halfText } from '../../../src/runtime/engine/half.ts';
import { openModel, type StableDiffusion, type UnetOptions } from '../../../src/runtime/engine/model.ts';
import { type HalfErrors, relativeError } from '../../../src/runtime/engine/self-test.ts';
import type { UnetInputs } from '../../../src/runtime/engine/stable-diffusion.ts';
import { rows, tensor } from '../../../src/runtime/tensor.ts';
import { openCheckpoint } from '../../../src/runtime/weights/checkpoint.ts';
import { MODELS, noise, SD15, SD21 } from './nano.ts';

/** Sums in 32 bits, sums in 16 bits, a driver that is wrong. */
const EXACT: HalfErrors = { linear: 5e-4, convolution: 5e-4, attention: 6e-4 };
const ROUGH: HalfErrors = { linear: 5.3e-3, convolution: 1.5e-2, attention: 3e-3 };
const WRONG: HalfErrors = { linear: 0.4, convolution: Number.NaN, attention: 0.041 };

function device(errors: HalfErrors | Error, attention: 'fused' | 'naive' = 'fused'): Device {
    return {
        requested: 'webgpu',
        backend: 'webgpu',
        reason: 'asked for',
        forms: { linear: 'gemm', attention },
        threads: 1,
        fallbacks: [],
        halfErrors: async () => {
            if (errors instanceof Error) throw errors;
            return errors;
        },
    };
}

const [HALVES, FLOATS] = [SD21, SD15].map((path) => openCheckpoint(path).unet.weights);
const ALL = ['linear', 'convolution', 'attention'];

test.each([
    ['a file of 16 bits', EXACT, HALVES, undefined, ALL],
    ['a file of 32 bits', EXACT, FLOATS, undefined, []],
    ['a file of 32 bits, asked for', EXACT, FLOATS, 'fp16', ALL],
    ['refused by the plan', EXACT, HALVES, 'fp32', []],
    ['8 bits', EXACT, HALVES, 'int8', []],
    ['sums in 16 bits', ROUGH, HALVES, undefined, []],
    ['sums in 16 bits, asked for', ROUGH, HALVES, 'fp16', ALL],
    ['no 16 bits', new Error('Program Cast requires f16 but the device does not support it.'), HALVES, undefined, []],
    ['attention that is wrong', { ...EXACT, attention: 0.041 }, HALVES, undefined, ['linear', 'convolution']],
] as const)('%s', async (_, errors, weights, precision, products) => {
    expect(await chooseHalf(device(errors), weights!, precision)).toEqual({ products, fallbacks: [] });
});

test('what a plan asks for and does not get is reported', async () => {
    const asked = (errors: HalfErrors | Error, attention?: 'naive') =>
        chooseHalf(device(errors, attention), FLOATS!, 'fp16');
    expect(await asked(new Error('Program Cast requires f16 but the device does not support it.'))).toEqual({
        products: [],
        fallbacks: ['`precision fp16` has no effect on this webgpu device (it has no shader-f16): it takes 32 bits.'],
    });
    expect(await asked(WRONG)).toEqual({
        products: [],
        fallbacks: [
            '16 bits are wrong on this webgpu driver (linear layers 0.40 off, convolutions NaN off, attention 0.041 off): it takes 32 bits.',
        ],
    });
    const { linear } = EXACT;
    expect(await asked({ ...WRONG, linear })).toEqual({
        products: ['linear'],
        fallbacks: [
            '16 bits are wrong on this webgpu driver (convolutions NaN off, attention 0.041 off): what is wrong takes 32 bits.',
        ],
    });
    // The plain form of attention takes 32 bits, and was reported.
    expect(await asked({ ...EXACT, attention: 0.041 }, 'naive')).toEqual({
        products: ['linear', 'convolution'],
        fallbacks: [],
    });
});

test('the CPU takes 32 bits, and says so where 16 are asked for', async () => {
    const cpu = await chooseDevice('cpu', { modelBytes: 0 });
    expect(await chooseHalf(cpu, HALVES!, undefined)).toEqual({ products: [], fallbacks: [] });
    const notices: string[] = [];
    const model = await openModel(SD21, { device: 'cpu', threads: 1, notice: (text) => notices.push(text) });
    const [plain, asked] = [await model.unet(), await model.unet({ precision: 'fp16' })];
    await model.unet({ precision: 'fp16', features: ['M00'] });
    const text = '`precision fp16` has no effect on the CPU: it takes 32 bits.';
    // Every use says so, since it may be that of another run; a run reports it once.
    expect([...new Set(notices.filter((one) => one.includes('16')))]).toEqual([text]);
    expect(model.device.fallbacks).toContain(text);
    const inputs = inputsOf(4, model.checkpoint.unet.config.contextWidth);
    expect((await asked.run(inputs)).prediction.data).toEqual((await plain.run(inputs)).prediction.data);
    await model.close();
});

test('a device is measured once, and only where 16 bits may be used', async () => {
    let times = 0;
    const found = await chooseDevice('webgpu', {
        modelBytes: 0,
        attentionError: async () => 0,
        halfErrors: async () => {
            times++;
            return EXACT;
        },
    });
    await chooseHalf(found, FLOATS!, undefined);
    await chooseHalf(found, HALVES!, 'fp32');
    expect(times).toBe(0);
    await chooseHalf(found, HALVES!, undefined);
    await chooseHalf(found, FLOATS!, 'fp16');
    expect(times).toBe(1);
});

test('a doctor says what a device does', () => {
    expect(halfText(EXACT)).toBe(
        'In 16 bits linear layers 5.0e-4, convolutions 5.0e-4, attention 6.0e-4 off: models of 16 bits run in 16 bits.',
    );
    expect(halfText(ROUGH)).toMatch(/models run in 32 bits unless a spec says `precision fp16`\.$/);
});

/**
 * The graphs of half precision run on the CPU here, by a device that is given measurements as an accelerator has them: onnxruntime
 * computes their operators in 32 bits, and rounds values to 16 between most of them.
 */
const onCpu =
    (errors: HalfErrors): ChooseDevice =>
    async (requested) => ({ ...device(errors), requested, backend: 'cpu' });

function inputsOf(channels: number, width: number, count = 3): UnetInputs {
    return {
        sample: noise(1, count, channels, 9, 13),
        timestep: 500,
        context: noise(2, count, 77, width),
    };
}

/** How far a nano U-Net may be from its form of 32 bits: 1.0e-3 measured. */
const CLOSE = 2e-3;

describe.each([
    ['SD1.5, a file of 32 bits', SD15, 4],
    ['SD2.1, a file of 16 bits', SD21, 4],
])('%s', (_, path, channels) => {
    let half: StableDiffusion;
    let full: StableDiffusion;
    let inputs: UnetInputs;
    beforeAll(async () => {
        half = await openModel(path, { device: 'cpu', threads: 1, choose: onCpu(EXACT) });
        full = await openModel(path, { device: 'cpu', threads: 1 });
        inputs = inputsOf(channels, full.checkpoint.unet.config.contextWidth);
    });
    afterAll(async () => {
        await half.close();
        await full.close();
    });
    const run = async (options: UnetOptions, given: UnetInputs) =>
        [
            await (await half.unet({ ...options, precision: 'fp16' })).run(given),
            await (await full.unet(options)).run(given),
        ] as const;

    test('a prediction is near to that of 32 bits, the same on every run, and of a row alone as in a batch', async () => {
        const [ours, exact] = await run({}, inputs);
        const error = relativeError(ours.prediction.data, exact.prediction.data);
        expect(error).toBeGreaterThan(1e-5);
        expect(error).toBeLessThan(CLOSE);
        expect((await run({}, inputs))[0].prediction.data).toEqual(ours.prediction.data);
        const alone = { ...inputs, sample: rows(inputs.sample, 1, 2), context: rows(inputs.context, 1, 2) };
        expect((await run({}, alone))[0].prediction.data).toEqual(rows(ours.prediction, 1, 2).data);
        expect(half.device.sessions.at(-1)).toMatchObject({ part: 'unet', values: 'fp16' });
        expect(full.device.sessions.at(-1)).not.toHaveProperty('values');
    });

    test('decoder, encoder and texts keep 32 bits, and so does everything where a plan asks for it', async () => {
        // Linear layers of the two differ in form, so in their last bits.
        const pixels = noise(3, 1, 3, 64, 48);
        const [ours, exactMean] = [(await half.encodeImage(pixels)).mean, (await full.encodeImage(pixels)).mean];
        expect(relativeError(ours.data, exactMean.data)).toBeLessThan(1e-6);
        const ids = [half.tokenizer.encodePadded('a castle')];
        const [text, exactText] = [await half.encodeText(ids), await full.encodeText(ids)];
        expect(relativeError(text.data, exactText.data)).toBeLessThan(1e-6);
        const gemm = await (await half.unet({ precision: 'fp32' })).run(inputs);
        const exact = await (await full.unet()).run(inputs);
        expect(relativeError(gemm.prediction.data, exact.prediction.data)).toBeLessThan(1e-6);
    });

    // One model is enough for the forms of the graph.
    if (path !== SD21) return;

    test('mixtures of rows, remembered rows and rescaled ones', async () => {
        const taps = [
            { point: 'IN04', remembered: true },
            { point: 'M00', normalise: 'match-std' },
            { point: 'skip[2]' },
            { point: 'OUT07' },
        ] as const;
        const matrix = [
            [0.9, 0.3, 0, 0.2],
            [0, 1, 0, 0],
            [0.1, 0.05, 1, 0.4],
        ].flat();
        const mix = tensor(
            Float32Array.from({ length: 4 * 12 }, (_, i) => matrix[i % 12]!),
            [4, 3, 4],
        );
        const of = async (model: StableDiffusion, options: UnetOptions) => {
            const passed = await (await model.unet({ ...options, features: ['IN04'] })).run(inputs);
            const remembered = [rows(passed.features.get('IN04')!, 2, 3)];
            return (await (await model.unet({ ...options, taps })).run({ ...inputs, mix, remembered })).prediction.data;
        };
        const [ours, exact] = [await of(half, { precision: 'fp16' }), await of(full, {})];
        expect(relativeError(ours, exact)).toBeLessThan(CLOSE);
        expect(relativeError(ours, (await run({}, inputs))[0].prediction.data)).toBeGreaterThan(0.01);
    });

    test('kept features, kept text and maps of attention', async () => {
        const kept = await (await half.unet({ precision: 'fp16', keepAt: 'OUT10' })).run(inputs);
        const branch = await half.unet({ precision: 'fp16', resumeAt: 'OUT10' });
        const resumed = await branch.run({ ...inputs, deep: kept.deep! });
        // What is handed out has 16 bits, so that nothing is lost on the way.
        expect(resumed.prediction.data).toEqual(kept.prediction.data);
        const read = await (await half.unet({ precision: 'fp16', text: 'handed-out' })).run(inputs);
        const unread = await half.unet({ precision: 'fp16', text: 'given' });
        const given = await unread.run({ ...inputs, text: read.text! });
        expect(given.prediction.data).toEqual(read.prediction.data);
        const [mapped, exact] = await run({ attentionMaps: true }, inputs);
        for (const { prediction } of [kept, read, mapped])
            expect(relativeError(prediction.data, exact.prediction.data)).toBeLessThan(CLOSE);
        for (const [index, { probabilities }] of mapped.attention.entries())
            expect(relativeError(probabilities.data, exact.attention[index]!.probabilities.data)).toBeLessThan(0.01);
    });
});

test('a LoRA is added in 32 bits', async () => {
    const adapters = [{ path: join(MODELS, 'adapters', 'nano-lora.kohya.safetensors'), weight: 0.8 }];
    const inputs = inputsOf(4, 32, 1);
    const predict = async (choose: ChooseDevice | undefined, withLora: boolean) => {
        const model = await openModel(SD15, {
            device: 'cpu',
            threads: 1,
            ...(choose && { choose }),
            ...(withLora && { adapters }),
        });
        const { prediction } = await (await model.unet({ precision: choose ? 'fp16' : 'fp32' })).run(inputs);
        await model.close();
        return prediction.data;
    };
    const ours = await predict(onCpu(EXACT), true);
    expect(relativeError(ours, await predict(undefined, true))).toBeLessThan(CLOSE);
    expect(relativeError(ours, await predict(undefined, false))).toBeGreaterThan(2 * CLOSE);
});

test('residuals of a ControlNet, and a U-Net that takes them', async () => {
    const inputs = inputsOf(4, 32, 2);
    const hint = { ...noise(5, 1, 3, 72, 104) };
    hint.data.forEach((value, index) => {
        hint.data[index] = (value + 1) / 2;
    });
    const path = join(MODELS, 'nano-controlnet');
    const residuals = async (choose?: ChooseDevice) => {
        const options = choose ? ({ choose, precision: 'fp16' } as const) : {};
        const net = await openControlNet(path, { device: 'cpu', threads: 1, ...options });
        const control = await net.run({ ...inputs, hint, scale: 0.8 });
        const values = net.device.sessions.at(-1)?.values;
        await net.close();
        const model = await openModel(SD15, { device: 'cpu', threads: 1, ...(choose && { choose }) });
        const { precision } = { precision: choose ? 'fp16' : 'fp32' } as const;
        const { prediction } = await (await model.unet({ controlResiduals: true, precision })).run({
            ...inputs,
            control,
        });
        await model.close();
        return { control, prediction, values };
    };
    const [ours, exact] = [await residuals(onCpu(EXACT)), await residuals()];
    expect(ours.values).toBe('fp16');
    for (const [index, { data }] of ours.control.down.entries())
        expect(relativeError(data, exact.control.down[index]!.data)).toBeLessThan(CLOSE);
    expect(relativeError(ours.control.mid.data, exact.control.mid.data)).toBeLessThan(CLOSE);
    expect(relativeError(ours.prediction.data, exact.prediction.data)).toBeLessThan(CLOSE);
});
