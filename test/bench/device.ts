/**
 * `npm run bench:device -- webgpu`: a step of the U-Net on a GPU, in 32 bits and in 16, beside diffusers in float16 on the same card where
 * a Python with torch, diffusers and CUDA is found, and how far predictions are from the CPU's.
 *
 *     npm run bench:device -- webgpu|cuda|dml [--model FOLDER] [--side 64] [--passes 10]
 *
 * Without a model random weights of Stable Diffusion 1.5's size in 16 bits are written first (2.1 GB). `--model models/sketch --side 8
 * --passes 1` tries it on a software driver. How far pictures are apart is measured by `npm run bench:reproducibility -- --only webgpu`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Precision } from '../../src/plan/plan.ts';
import { chooseDevice } from '../../src/runtime/engine/devices.ts';
import { halfText, whyNone } from '../../src/runtime/engine/half.ts';
import { type DeviceChoice, openModel } from '../../src/runtime/engine/model.ts';
import { relativeError } from '../../src/runtime/engine/self-test.ts';
import { openNoise } from '../../src/runtime/noise/open.ts';
import { elementCount, tensor } from '../../src/runtime/tensor.ts';
import { printMachine } from './measure.ts';
import { writeRandomCheckpoint } from './random-checkpoint.ts';
import { inTurns, type Program, printTurns, pythonWith, stepCostOf, THREADS } from './turns.ts';

const { values: given, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        model: { type: 'string' },
        side: { type: 'string', default: '64' },
        passes: { type: 'string', default: '10' },
        threads: { type: 'string' },
    },
});
const device = (positionals[0] ?? 'webgpu') as DeviceChoice;
const side = Number(given.side);
const PRECISIONS = ['fp32', 'fp16'] as const;

printMachine();
const card = spawnSync('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader'], {
    encoding: 'utf8',
});
console.log(`Card: ${card.stdout?.trim() || 'nvidia-smi names none'}`);
const { backend, fallbacks, halfErrors } = await chooseDevice(device, { modelBytes: Infinity });
for (const text of fallbacks) console.log(text);
if (backend !== device || !halfErrors) process.exit(1);
console.log(await halfErrors().then(halfText, (error) => `It computes nothing in 16 bits: ${whyNone(error)}.`));

const folder = mkdtempSync(join(tmpdir(), 'sdspec-device-'));
try {
    const sketch = join(import.meta.dirname, '..', '..', 'models', 'sketch');
    const model = given.model ?? folder;
    if (!given.model) writeRandomCheckpoint(folder, join(sketch, 'tokenizer'), undefined, 'F16');
    const python = pythonWith(['diffusers', 'torch']);
    const hasCuda = python && spawnSync(python, ['-c', 'import torch; assert torch.cuda.is_available()']).status === 0;
    if (!hasCuda) console.log('No comparison with diffusers: there is no Python with torch, diffusers and CUDA.');
    const programs = [...PRECISIONS.map(ours), ...(hasCuda ? [diffusers(python)] : [])];
    const turns = inTurns(programs, model, 2);
    printTurns(`U-Net, ${side}x${side} latents, two rows`, turns);
    await printErrors(model);
} finally {
    rmSync(folder, { recursive: true, force: true });
}

function ours(precision: Precision): Program<string> {
    const script = join(import.meta.dirname, 'peer-step.ts');
    const args = ['unet', side, given.passes, THREADS, `precision ${precision}`, device] as const;
    return {
        name: `sdspec, ${device}, ${precision}`,
        run: (model) => stepCostOf(process.execPath, ['--import', 'tsx', script, model, ...args]),
    };
}

function diffusers(python: string): Program<string> {
    const script = join(import.meta.dirname, 'peer-step.py');
    const args = ['unet', side, given.passes, THREADS, 'float16'] as const;
    return { name: 'diffusers, cuda, float16', run: (model) => stepCostOf(python, [script, model, ...args]) };
}

/** Relative errors (rms) of a prediction against the CPU's. */
async function printErrors(path: string): Promise<void> {
    const noise = openNoise('torch-cpu', 1);
    const normal = (...dims: readonly number[]) => tensor(noise.normal(elementCount(dims)), dims);
    const cpu = await openModel(path, { device: 'cpu' });
    const { inChannels, contextWidth } = cpu.checkpoint.unet.config;
    const inputs = { sample: normal(2, inChannels, side, side), timestep: 500, context: normal(2, 77, contextWidth) };
    const exact = (await (await cpu.unet()).run(inputs)).prediction.data;
    await cpu.close();
    const gpu = await openModel(path, { device });
    for (const precision of PRECISIONS) {
        const { prediction } = await (await gpu.unet({ precision })).run(inputs);
        const { backend, values = '32 bits' } = gpu.device.sessions.at(-1)!;
        const error = relativeError(prediction.data, exact).toExponential(1);
        console.log(`  ${precision}: on ${backend} in ${values}, ${error} off the CPU`);
    }
    await gpu.close();
}
