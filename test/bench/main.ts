/**
 * `npm run bench`: what sdspec costs on this machine.
 *
 *     npm run bench [-- --full]        --full: also a checkpoint of Stable Diffusion 1.5's size (4.3 GB on disk)
 *     npm run bench -- --peers         such a checkpoint beside diffusers (docs/benchmarks.md); --threads N for all of them
 *
 * Exit code 1 where a figure is above its limit.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { setUp } from '../../scripts/setup.mjs';
import { constant } from '../../src/plan/curve.ts';
import type { PicturePlan } from '../../src/plan/plan.ts';
import { openModel } from '../../src/runtime/engine/model.ts';
import { generate } from '../../src/runtime/generate.ts';
import { costOf, type Figure, figure, printMachine, printTable } from './measure.ts';
import type { OpenCost } from './open.ts';
import { comparePeers } from './peers.ts';
import { SD15_SIZE, writeRandomCheckpoint } from './random-checkpoint.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SKETCH = join(ROOT, 'models', 'sketch');

const TURTLE = `model sketch = "builtin:sketch"

generate turtle {
    use     sketch
    prompt  "a photo of a turtle"
    size    128x128
    steps   20
    seed    42
}
`;

const PLAN: PicturePlan = {
    kind: 'picture',
    model: { kind: 'builtin', name: 'sketch' },
    conditioning: { kind: 'prompt', prompt: { phrases: [{ text: 'a photo of a turtle', weight: 1 }] } },
    negative: { phrases: [] },
    size: { width: 128, height: 128 },
    steps: 50,
    sampler: { name: 'ddim', schedule: 'normal', eta: 0 },
    guidance: { scale: constant(7.5), rescale: 0 },
    seeds: [42],
    noise: { kind: 'torch-cpu' },
    clipSkip: 0,
    longPrompts: 'truncate',
    embeddings: [],
    infusions: [],
    scales: [],
    controls: [],
    adapters: [],
};

await setUp();
printMachine();
const folder = mkdtempSync(join(tmpdir(), 'sdspec-bench-'));
const figures: Figure[] = [];
try {
    if (process.argv.includes('--peers')) comparePeers(fullCheckpoint());
    else {
        figures.push(...(await builtinModel()), ...(await coldRun()));
        printTable('The built-in model', figures);
    }
    if (process.argv.includes('--full')) {
        const full = await fullSize();
        printTable("A checkpoint of Stable Diffusion 1.5's size, random weights, F32", full);
        figures.push(...full);
    }
} finally {
    rmSync(folder, { recursive: true, force: true });
}
process.exitCode = figures.some(({ kept }) => kept === false) ? 1 : 0;

/** Opening, and how much of the loop's time is spent outside of the inference library. */
async function builtinModel(): Promise<readonly Figure[]> {
    const begun = performance.now();
    const model = await openModel(SKETCH, { device: 'cpu' });
    await model.unet();
    const opened = (performance.now() - begun) / 1000;

    let inside = 0;
    const { prototype } = InferenceSession as unknown as { prototype: InferenceSession };
    const { run } = prototype;
    prototype.run = async function (this: InferenceSession, ...args: Parameters<typeof run>) {
        const since = performance.now();
        const result = await run.apply(this, args);
        inside += performance.now() - since;
        return result;
    } as typeof run;
    let outside = Infinity;
    let step = Infinity;
    for (let round = 0; round < 5; round++) {
        let [first, last] = [0, 0];
        const emit = (event: { readonly kind: string }) => {
            if (event.kind !== 'step') return;
            last = performance.now();
            // From the end of the first step on, so that the making of the session is left out.
            if (first === 0) [first, inside] = [last, 0];
            insideAtLast = inside;
        };
        let insideAtLast = 0;
        const picture = () => Promise.reject(new Error('No picture is read.'));
        for await (const _ of generate(PLAN, { openModel: async () => model, picture, emit }));
        const all = last - first;
        outside = Math.min(outside, (all - insideAtLast) / (PLAN.steps - 1));
        step = Math.min(step, all / (PLAN.steps - 1));
    }
    prototype.run = run;
    await model.close();
    return [
        figure('open, U-Net ready', opened, 's', 1),
        figure('one step, 128x128, two rows', step, 'ms'),
        figure('  of it outside of the inference library', outside, 'ms', 1),
    ];
}

/** From the command to the picture, in a new process each time. */
async function coldRun(): Promise<readonly Figure[]> {
    const example = join(ROOT, 'examples', 'turtle.sdspec');
    const spec = existsSync(example) ? example : join(folder, 'turtle.sdspec');
    if (spec !== example) writeFileSync(spec, TURTLE);
    const args = [join(ROOT, 'dist', 'cli.js'), 'run', spec, '--force', '--out', join(folder, 'runs')];
    let [seconds, processor, peak] = [Infinity, Infinity, 0];
    for (let round = 0; round < 5; round++) {
        const cost = await costOf(process.execPath, args);
        if (cost.code !== 0) throw new Error(`sdspec run ${spec} ended with exit code ${cost.code}.`);
        seconds = Math.min(seconds, cost.seconds);
        processor = Math.min(processor, cost.processorSeconds);
        peak = Math.max(peak, cost.peakBytes);
    }
    return [
        figure('sdspec run examples/turtle.sdspec, cold', seconds, 's', 2),
        figure('  processor time of it', processor, 's'),
        figure('  memory of it at its peak, both processes', peak, 'bytes', 500e6),
    ];
}

function fullCheckpoint(): string {
    const place = join(folder, 'sd15');
    if (existsSync(place)) return place;
    console.log('\nWriting 4.3 GB of random weights …');
    writeRandomCheckpoint(place, join(SKETCH, 'tokenizer'), SD15_SIZE);
    return place;
}

async function fullSize(): Promise<readonly Figure[]> {
    const opening = [join(import.meta.dirname, 'open.ts'), fullCheckpoint()];
    const told = execFileSync(process.execPath, ['--import', 'tsx', ...opening], { cwd: ROOT, encoding: 'utf8' });
    const { seconds, own, stepSeconds, ownAfter, mappedAfter } = JSON.parse(told) as OpenCost;
    return [
        figure('open, U-Net ready', seconds, 's', 1),
        figure('memory for it', own ?? Number.NaN, 'bytes'),
        figure('one step, 64x64 latents, two rows, weights mapped', stepSeconds, 's'),
        figure('memory after it, its own', ownAfter ?? Number.NaN, 'bytes'),
        figure('memory after it, mapped from files', mappedAfter ?? Number.NaN, 'bytes'),
    ];
}
