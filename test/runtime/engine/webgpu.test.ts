/** WebGPU on a software Vulkan driver: the same numbers as the CPU, and a fallback where a driver is wrong. */
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { chooseDevice } from '../../../src/runtime/engine/devices.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import { relativeError } from '../../../src/runtime/engine/self-test.ts';
import { INPAINT, noise, SD21 } from './nano.ts';

/** SwiftShader comes with Debian's chromium-common (and needs libvulkan1); lavapipe with mesa 25. */
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
});
