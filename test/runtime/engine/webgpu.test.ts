/** WebGPU on a software Vulkan driver: the same numbers as the CPU, and a fallback where a driver is wrong. */
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chooseDevice } from '../../../src/runtime/engine/devices.ts';
import { whyNone } from '../../../src/runtime/engine/half.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import { type HalfErrors, relativeError } from '../../../src/runtime/engine/self-test.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import { INPAINT, noise, SD21 } from './nano.ts';

/**
 * SwiftShader comes with Debian's chromium-common (and needs libvulkan1); lavapipe with mesa 25. Only the latter has 16 bits:
 * VK_ICD_FILENAMES takes it where both are there (see CONTRIBUTING.md).
 */
const DRIVERS = [
    '/usr/lib/chromium/vk_swiftshader_icd.json',
    '/usr/lib64/chromium-browser/vk_swiftshader_icd.json',
    '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json',
];

let missing = '';
beforeAll(async () => {
    const driver = DRIVERS.find((file) => existsSync(file));
    if (process.platform === 'linux' && driver) process.env.VK_ICD_FILENAMES ??= driver;
    process.env.XDG_RUNTIME_DIR ??= '/tmp';
    const { backend, fallbacks } = await chooseDevice('webgpu', { modelBytes: 0 });
    if (backend === 'webgpu') return;
    missing = driver ? fallbacks.join(' ') : 'there is no Vulkan driver: install chromium-common and libvulkan1';
    console.log(`WebGPU is not tested here: ${missing}`);
}, 60_000);

describe('webgpu', { timeout: 300_000 }, () => {
    test('the U-Net agrees with the CPU: 9 input channels, heads of one channel', async (context) => {
        if (missing) return context.skip(missing);
        const gpu = await openModel(INPAINT, { device: 'webgpu' });
        const cpu = await openModel(INPAINT, { device: 'cpu' });
        expect(gpu.device.used).toBe('webgpu');
        const inputs = { sample: noise(1, 2, 9, 8, 8), timestep: 501, context: noise(2, 2, 77, 32) };
        const ours = await (await gpu.unet()).run(inputs);
        const reference = await (await cpu.unet()).run(inputs);
        expect(relativeError(ours.prediction.data, reference.prediction.data)).toBeLessThan(1e-4);
        await gpu.close();
        await cpu.close();
    });

    test('the VAE agrees with the CPU both ways', async (context) => {
        if (missing) return context.skip(missing);
        const gpu = await openModel(SD21, { device: 'webgpu' });
        const cpu = await openModel(SD21, { device: 'cpu' });
        const pixels = noise(3, 1, 3, 64, 64);
        const [ours, reference] = [await gpu.encodeImage(pixels), await cpu.encodeImage(pixels)];
        expect(relativeError(ours.mean.data, reference.mean.data)).toBeLessThan(1e-4);
        const latents = noise(4, 1, 4, 8, 8);
        const picture = (await gpu.decode(latents)).data;
        expect(relativeError(picture, (await cpu.decode(latents)).data)).toBeLessThan(1e-4);
        await gpu.close();
        await cpu.close();
    });

    test('the self-test leads to the plain form where fused attention is wrong', async (context) => {
        if (missing) return context.skip(missing);
        const device = await chooseDevice('webgpu', { modelBytes: 0 });
        expect(device.attentionError).toBeGreaterThanOrEqual(0);
        const isWrong = device.attentionError! > 1e-3;
        expect(device.forms.attention).toBe(isWrong ? 'naive' : 'fused');
        expect(device.fallbacks).toHaveLength(isWrong ? 1 : 0);
    });

    test('16 bits: products are within their limits, and a U-Net is near to that of the CPU', async (context) => {
        if (missing) return context.skip(missing);
        const device = await chooseDevice('webgpu', { modelBytes: 0 });
        const found: HalfErrors | unknown = await device.halfErrors!().catch((error) => error);
        if (found instanceof Error) {
            const why = `half precision is not tested here: ${whyNone(found)}`;
            console.log(why);
            return context.skip(why);
        }
        const errors = found as HalfErrors;
        expect(errors.linear).toBeLessThan(2e-2);
        expect(errors.convolution).toBeLessThan(3e-2);
        const gpu = await openModel(SD21, { device: 'webgpu', choose: async () => device });
        const cpu = await openModel(SD21, { device: 'cpu' });
        const inputs = { sample: noise(1, 2, 4, 9, 13), timestep: 501, context: noise(2, 2, 77, 40) };
        const exact = (await (await cpu.unet()).run(inputs)).prediction;
        const taps = [{ point: 'M00' }, { point: 'OUT05', normalise: 'match-std' }] as const;
        for (const options of [{}, { taps }]) {
            const mix = options.taps && tensor(Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1), [2, 2, 2]);
            const half = await gpu.unet({ ...options, precision: 'fp16' });
            const { prediction } = await half.run({ ...inputs, ...(mix && { mix }) });
            const error = relativeError(prediction.data, exact.data);
            expect(error).toBeGreaterThan(1e-4);
            expect(error).toBeLessThan(1e-2);
            expect(gpu.device.sessions.at(-1)!.values).toMatch(/^fp16/);
        }
        await gpu.unet();
        const keeps32BitSums = errors.linear < 2e-3 && errors.convolution < 2e-3;
        expect(gpu.device.sessions.at(-1)!.values !== undefined).toBe(keeps32BitSums);
        await gpu.close();
        await cpu.close();
    });
});
