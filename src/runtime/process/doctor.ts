/** What this machine can do: every device tried with its self-test, and timed where that is asked for. */

import type { Backend } from '../engine/backend.ts';
import { ATTENTION_LIMIT, chooseDevice, type Device } from '../engine/devices.ts';
import { halfText, whyNone } from '../engine/half.ts';
import { openModel } from '../engine/model.ts';
import { modelPath } from '../run/inputs/model-path.ts';
import { builtinNames } from '../run/inputs/shipped.ts';
import { machine, versions } from '../run/machine.ts';
import { failureOf } from '../run-error.ts';
import { tensor } from '../tensor.ts';
import type { DeviceFinding, DoctorReport, DoctorRequest } from './protocol.ts';

const BACKENDS: readonly Backend[] = ['cpu', 'webgpu', 'cuda', 'dml'];

export async function examine({ benchmark }: DoctorRequest): Promise<DoctorReport> {
    const devices: DeviceFinding[] = [];
    for (const device of BACKENDS) {
        const finding = await tryDevice(device);
        const timed = finding.usable && benchmark ? await time(device) : {};
        devices.push({ ...finding, ...timed });
    }
    return { versions: versions(), machine: machine(), devices };
}

async function tryDevice(device: Backend): Promise<DeviceFinding> {
    const { backend, fallbacks, threads, attentionError, halfErrors } = await chooseDevice(device, {
        modelBytes: Infinity,
    });
    if (backend !== device) return { device, usable: false, detail: fallbacks.join(' ') };
    if (device === 'cpu') return { device, usable: true, detail: `${threads} threads.` };
    const error = attentionError ?? 0;
    const test = `Fused attention is ${error.toExponential(1)} off the CPU (allowed: ${ATTENTION_LIMIT}).`;
    return { device, usable: true, detail: [test, ...fallbacks, await halfOf(halfErrors)].join(' ') };
}

async function halfOf(halfErrors: Device['halfErrors']): Promise<string> {
    try {
        return halfErrors ? halfText(await halfErrors()) : '';
    } catch (error) {
        return `It computes nothing in 16 bits: ${whyNone(error)}.`;
    }
}

/** Seconds of one pass of the built-in model's U-Net over two rows of its own size, the fastest of five. */
async function time(device: Backend): Promise<Pick<DeviceFinding, 'secondsPerStep'> | { detail: string }> {
    const name = builtinNames()[0];
    if (!name) return {};
    try {
        const model = await openModel(modelPath({ kind: 'builtin', name }, '.'), { device, expectedCalls: 5 });
        const { checkpoint } = model;
        const [width, side] = [checkpoint.textEncoder.config.width, checkpoint.unet.config.sampleSize];
        const zeros = (...dims: number[]) => tensor(new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);
        const inputs = {
            sample: zeros(2, checkpoint.unet.config.inChannels, side, side),
            timestep: 500,
            context: zeros(2, 77, width),
        };
        const unet = await model.unet();
        let best = Infinity;
        for (let k = 0; k < 6; k++) {
            const begun = performance.now();
            await unet.run(inputs);
            // The first pass warms up.
            if (k > 0) best = Math.min(best, (performance.now() - begun) / 1000);
        }
        await model.close();
        return { secondsPerStep: best };
    } catch (error) {
        return { detail: `The benchmark failed: ${failureOf(error).message}` };
    }
}
