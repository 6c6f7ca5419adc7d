/** Devices: what a request leads to, and that no fallback is silent. */
import { expect, test } from 'vitest';
import { chooseDevice, deviceChooser } from '../../../src/runtime/engine/devices.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import { deviceError } from '../../../src/runtime/engine/session.ts';
import { noise, SD15 } from './nano.ts';

const exact = async () => 0;

test('auto takes the CPU for small models', async () => {
    const device = await chooseDevice('auto', { modelBytes: 1e6, attentionError: exact });
    expect(device).toMatchObject({ backend: 'cpu', fallbacks: [] });
});

test('a driver that computes attention wrongly gets the plain form, and says so', async () => {
    const device = await chooseDevice('webgpu', { modelBytes: 0, attentionError: async () => 0.05 });
    expect(device.backend).toBe('webgpu');
    expect(device.forms.attention).toBe('naive');
    expect(device.fallbacks).toEqual([
        expect.stringMatching(/attention is wrong on this webgpu driver \(0\.050 off\)/),
    ]);
});

test('a driver that gives no numbers is not trusted either', async () => {
    const device = await chooseDevice('webgpu', { modelBytes: 0, attentionError: async () => Number.NaN });
    expect(device.forms.attention).toBe('naive');
});

test('a device that fails leads to the CPU with the reason', async () => {
    const fail = async () => {
        throw new Error('No supported adapters\nat somewhere');
    };
    const device = await chooseDevice('webgpu', { modelBytes: 0, attentionError: fail });
    expect(device).toMatchObject({ requested: 'webgpu', backend: 'cpu' });
    expect(device.fallbacks).toEqual(["webgpu can't be used (No supported adapters); the CPU does the work."]);
});

test('a device of another platform leads to the CPU with the reason', async (context) => {
    context.skip(process.platform === 'win32', 'not on Windows');
    const notices: string[] = [];
    const model = await openModel(SD15, { device: 'dml', notice: (text) => notices.push(text) });
    expect(model.device).toMatchObject({ requested: 'dml', used: 'cpu' });
    expect(notices).toEqual([expect.stringMatching(/^dml can't be used \(onnxruntime has no dml on /)]);
    await model.close();
});

test('the report reports every session with the rule behind it', async () => {
    const model = await openModel(SD15, { device: 'cpu', threads: 1 });
    await model.decode(noise(1, 1, 4, 8, 8));
    expect(model.device).toMatchObject({
        used: 'cpu',
        threads: 1,
        onnxruntime: expect.stringMatching(/^\d+\.\d+/),
        sessions: [
            { part: 'vae decoder', backend: 'cpu', weights: 'prepacked', optimisation: 'all', rule: 'small part' },
        ],
    });
    await model.close();
});

test('a device is tested once for all models and nets of a process', async () => {
    let tests = 0;
    const choose = deviceChooser((requested, options) => {
        tests++;
        return chooseDevice(requested, options);
    });
    const first = await choose('cpu', { modelBytes: 2 ** 30 });
    expect(await choose('cpu', { modelBytes: 2 ** 31 })).toBe(first);
    expect(tests).toBe(1);
    // A small model may run elsewhere, and so may one with other threads.
    await choose('cpu', { modelBytes: 1000 });
    expect((await choose('cpu', { modelBytes: 2 ** 30, threads: 3 })).threads).toBe(3);
    expect(tests).toBe(3);
});

test('a choice that failed is tried again', async () => {
    let tests = 0;
    const choose = deviceChooser(async (requested, options) => {
        if (++tests === 1) throw new Error('busy');
        return chooseDevice(requested, options);
    });
    await expect(choose('cpu', { modelBytes: 0 })).rejects.toThrow('busy');
    expect((await choose('cpu', { modelBytes: 0 })).backend).toBe('cpu');
});

test('a part that a device does not run is named, with the device that does', () => {
    expect(deviceError('The U-Net failed', 'webgpu', new Error('device lost.\nat x')).message).toBe(
        'The U-Net failed on webgpu: device lost. Try --device cpu (in the editor, the setting sdspec.runtime.device).',
    );
    expect(deviceError('The U-Net failed', 'cpu', new Error('bad shape')).message).toBe(
        'The U-Net failed on cpu: bad shape.',
    );
});
