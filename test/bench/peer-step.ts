/**
 * Steps of the U-Net or passes of the decoder on random numbers, timed: two rows of latents for the U-Net, one for the decoder.
 * `node --import tsx test/bench/peer-step.ts MODEL unet|decoder SIDE PASSES THREADS [CLAUSES] [DEVICE]` prints JSON; the first pass is
 * not among the times. CLAUSES are those of a spec: `precision int8`, `cache deep every 3`, both with a comma. On a GPU that nvidia-smi knows,
 * the memory is that of the GPU.
 */
import { execFileSync } from 'node:child_process';
import { type DeviceChoice, openModel } from '../../src/runtime/engine/model.ts';
import { openNoise } from '../../src/runtime/noise/open.ts';
import { elementCount, type Tensor, tensor } from '../../src/runtime/tensor.ts';
import type { StepCost } from './turns.ts';

const [path = '', part = '', side = '', passes = '', threads = '', clauses = '', device = 'cpu'] =
    process.argv.slice(2);
/** A picture's steps, and those of them that are whole with `cache deep every 3`. */
const [STEPS, WHOLE_STEPS] = [25, 9];
const noise = openNoise('torch-cpu', 1);
const normal = (...dims: readonly number[]) => tensor(noise.normal(elementCount(dims)), dims);
// As in a run of 25 steps.
const model = await openModel(path, { device: device as DeviceChoice, threads: Number(threads), expectedCalls: 25 });
/** Returns the milliseconds of a step. */
const pass = await (part === 'decoder' ? decoding() : stepping());
await pass();
const milliseconds: number[] = [];
for (let k = 0; k < Number(passes); k++) milliseconds.push(await pass());
const cost: StepCost = { milliseconds, peakBytes: gpuBytes() ?? process.resourceUsage().maxRSS * 1024 };
console.log(JSON.stringify(cost));
process.exit(0);

async function decoding(): Promise<() => Promise<number>> {
    const latents = normal(1, 4, Number(side), Number(side));
    return () => timeOf(() => model.decode(latents));
}

async function stepping(): Promise<() => Promise<number>> {
    const inputs = {
        sample: normal(2, 4, Number(side), Number(side)),
        timestep: 500,
        context: normal(2, 77, model.checkpoint.unet.config.contextWidth),
    };
    const bits = (['int8', 'fp16', 'fp32'] as const).find((one) => clauses.includes(`precision ${one}`));
    const precision = bits ? { precision: bits } : {};
    if (!clauses.includes('deep')) {
        const unet = await model.unet(precision);
        return () => timeOf(() => unet.run(inputs));
    }
    const whole = await model.unet({ ...precision, keepAt: 'OUT11' });
    const branch = await model.unet({ ...precision, resumeAt: 'OUT11' });
    return async () => {
        let deep: Tensor | undefined;
        const first = await timeOf(async () => {
            deep = (await whole.run(inputs)).deep;
        });
        const cached = await timeOf(() => branch.run({ ...inputs, deep: deep! }));
        return (WHOLE_STEPS * first + (STEPS - WHOLE_STEPS) * cached) / STEPS;
    };
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
}

/** What this process holds of a GPU's memory, at the end: onnxruntime keeps what it once took. */
function gpuBytes(): number | undefined {
    if (device === 'cpu') return undefined;
    try {
        const query = ['--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits'];
        const lines = execFileSync('nvidia-smi', query, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
        const own = lines.split('\n').find((line) => line.startsWith(`${process.pid},`));
        return own ? Number(own.split(',')[1]) * 2 ** 20 || undefined : undefined;
    } catch {
        return undefined;
    }
}
