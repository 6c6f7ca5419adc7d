/**
 * `npm run bench:less`: what doing less saves, and how far its pictures are from the exact ones: the tables of docs/speed.md.
 *
 *     npm run bench:less [-- --prompts 8] [--seeds 2] [--steps 25] [--only text]     # ways whose clauses have the word
 *     npm run bench:less -- --full [--rounds 5] [--model FOLDER] [--blocks OUT11]     # a call of Stable Diffusion 1.5's size, random weights
 *                                              [--mapped]           # weights mapped from the file, in less memory
 *
 * Every picture is made in all ways, one after the other, so that other work on the machine slows all of them down.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { constant } from '../../src/plan/curve.ts';
import { passesOf } from '../../src/plan/passes/work.ts';
import type { PicturePlan } from '../../src/plan/plan.ts';
import type { Block } from '../../src/plan/sites.ts';
import { openModel, type StableDiffusion, type UnetInputs } from '../../src/runtime/engine/model.ts';
import type { MadePicture } from '../../src/runtime/events.ts';
import { generate } from '../../src/runtime/generate.ts';
import { psnr, ssim } from '../../src/runtime/pictures/compare.ts';
import { elementCount, rows, type Tensor, tensor } from '../../src/runtime/tensor.ts';
import { casePlan } from '../parity/plans.ts';
import { printMachine } from './measure.ts';
import { SD15_SIZE, writeRandomCheckpoint } from './random-checkpoint.ts';

const SKETCH = join(import.meta.dirname, '..', '..', 'models', 'sketch');
const PROMPTS = [
    'photo of a red cat in the snow',
    'photo of a green turtle on a beach',
    'painting of a blue elephant in the desert',
    'drawing of a yellow duck in a meadow',
    'photo of a purple car at night',
    'photo of a white rabbit in a forest',
    'painting of an orange fish in the sea',
    'photo of a brown deer at sunset',
];

const { values: given } = parseArgs({
    options: {
        prompts: { type: 'string', default: '8' },
        seeds: { type: 'string', default: '2' },
        steps: { type: 'string', default: '25' },
        only: { type: 'string', default: '' },
        full: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '5' },
        model: { type: 'string' },
        blocks: { type: 'string' },
        mapped: { type: 'boolean', default: false },
    },
});

const late = { from: 0.2, to: 1 };
const guided = (window: { readonly from: number; readonly to: number }) => ({
    guidance: { scale: constant(7.5), rescale: 0, window },
});
const textFrom = (from: number) => ({ textCache: { window: { from, to: 1 } } });
/** The clauses of each way, and what they change in a plan. */
const ALL_WAYS: readonly (readonly [clauses: string, change: Partial<PicturePlan>])[] = [
    ['none: the exact picture', {}],
    ['`cache deep every 2`', { deepCache: { every: 2 } }],
    ['`cache deep every 3`', { deepCache: { every: 3 } }],
    ['`cache deep every 5`', { deepCache: { every: 5 } }],
    ['`cache deep every 3 during 20%..100%`', { deepCache: { every: 3, window: late } }],
    ['`cache deep every 3 at OUT10`', { deepCache: { every: 3, at: 'OUT10' } }],
    ['`cache deep every 3 at OUT09`', { deepCache: { every: 3, at: 'OUT09' } }],
    ['`guidance 7.5 during 20%..80%`', guided({ from: 0.2, to: 0.8 })],
    ['`guidance 7.5 during 0%..80%`', guided({ from: 0, to: 0.8 })],
    [
        '`cache deep every 3 during 20%..100%`, `guidance 7.5 during 0%..80%`',
        { deepCache: { every: 3, window: late }, ...guided({ from: 0, to: 0.8 }) },
    ],
    ['`cache text during 80%..100%`', textFrom(0.8)],
    ['`cache text during 60%..100%`', textFrom(0.6)],
    ['`cache text during 40%..100%`', textFrom(0.4)],
    [
        '`cache deep every 2 during 20%..100%`, `cache text during 60%..100%`',
        { deepCache: { every: 2, window: late }, ...textFrom(0.6) },
    ],
    ['`precision int8`', { precision: 'int8' }],
];
const WAYS = ALL_WAYS.filter(([clauses], k) => k === 0 || clauses.includes(given.only));

printMachine();
if (given.full) await fullSize(Number(given.rounds));
else await builtIn(Number(given.prompts), Number(given.seeds), Number(given.steps));

/** Time, rows and distance of the built-in model's pictures. */
async function builtIn(prompts: number, seeds: number, steps: number): Promise<void> {
    const model = await openModel(SKETCH, { device: 'cpu', expectedCalls: steps });
    const make = async (plan: PicturePlan): Promise<MadePicture> => {
        const context = { openModel: async () => model, picture: neverAsked, emit: () => {} };
        for await (const made of generate(plan, context)) return made;
        throw new Error('A plan with one seed makes a picture.');
    };
    const plans = PROMPTS.slice(0, prompts).flatMap((prompt) =>
        Array.from({ length: seeds }, (_, k) => {
            const sampler = { name: 'dpmpp-2m', schedule: 'karras', eta: 0 } as const;
            const options = { prompt, width: 128, height: 128, steps, guidance: 7.5, sampler };
            return casePlan(options, { seeds: [k + 1] });
        }),
    );
    // Sessions are made before anything is timed.
    for (const [, change] of WAYS) await make({ ...plans[0]!, ...change, steps: 6 });
    const sums = WAYS.map(() => ({ seconds: 0, processor: 0, psnr: [] as number[], ssim: [] as number[] }));
    for (const plan of plans) {
        let exact: MadePicture | undefined;
        for (const [k, [, change]] of WAYS.entries()) {
            const { result: made, seconds, processor } = await costOf(() => make({ ...plan, ...change }));
            exact ??= made;
            sums[k]!.seconds += seconds;
            sums[k]!.processor += processor;
            sums[k]!.psnr.push(psnr(made.picture, exact.picture));
            sums[k]!.ssim.push(ssim(made.picture, exact.picture));
        }
    }
    console.log(`builtin:sketch, 128x128, ${steps} steps, guidance 7.5, ${plans.length} pictures, one at a time\n`);
    console.log(
        '| clauses | rows | time | processor time | SSIM mean | least | PSNR mean | least |\n|---|---:|---:|---:|---:|---:|---:|---:|',
    );
    for (const [k, [clauses, change]] of WAYS.entries()) {
        const { seconds, processor, psnr: decibels, ssim: similar } = sums[k]!;
        const rows = passesOf({ ...plans[0]!, ...change });
        const ratio = `${(seconds / sums[0]!.seconds).toFixed(2)} | ${(processor / sums[0]!.processor).toFixed(2)}`;
        const far =
            k === 0
                ? '1 | 1 | | '
                : `${mean(similar).toFixed(3)} | ${Math.min(...similar).toFixed(3)} | ${mean(decibels).toFixed(1)} | ${Math.min(...decibels).toFixed(1)}`;
        console.log(`| ${clauses} | ${rows} | ${ratio} | ${far} |`);
    }
    await model.close();
}

/** A call of the whole U-Net and of its branches in turns, two rows of 64x64. */
async function fullSize(rounds: number): Promise<void> {
    const folder = given.model ?? mkdtempSync(join(tmpdir(), 'sdspec-less-'));
    if (!given.model) writeRandomCheckpoint(folder, join(SKETCH, 'tokenizer'), SD15_SIZE);
    // As in a run of 25 steps, unless there is too little memory for weights that are rearranged.
    const model = await openModel(folder, { device: 'cpu', expectedCalls: given.mapped ? 1 : 25 });
    const values = (...dims: readonly number[]) =>
        tensor(
            Float32Array.from({ length: elementCount(dims) }, (_, i) => Math.sin(i * 1.7)),
            dims,
        );
    const inputs = { sample: values(2, 4, 64, 64), timestep: 500, context: values(2, 77, 768) };
    console.log('two rows of 64x64 latents, medians\n\n| call | time | processor time |\n|---|---:|---:|');
    for (const at of (given.blocks ?? 'OUT11,OUT10,OUT09').split(',').filter(Boolean) as Block[]) {
        const whole = await model.unet({ keepAt: at });
        const branch = await model.unet({ resumeAt: at });
        const { deep } = await whole.run(inputs);
        const resumed = { ...inputs, deep: deep! };
        await branch.run(resumed);
        const costs = { whole: [] as Cost[], branch: [] as Cost[] };
        for (let round = 0; round < rounds; round++) {
            costs.whole.push(await costOf(() => whole.run(inputs)));
            costs.branch.push(await costOf(() => branch.run(resumed)));
        }
        const [seconds, processor] = (['seconds', 'processor'] as const).map(
            (kind) => median(costs.branch.map((one) => one[kind])) / median(costs.whole.map((one) => one[kind])),
        );
        console.log(`| from ${at} on | ${seconds!.toFixed(3)} | ${processor!.toFixed(3)} |`);
    }
    await callsOf(model, rounds, inputs);
    await model.close();
    if (!given.model) rmSync(folder, { recursive: true });
}

/** Calls that take the text from an earlier one, with a row less, and calls in 8 bits, in turns with the exact one. */
async function callsOf(model: StableDiffusion, rounds: number, inputs: UnetInputs): Promise<void> {
    const { text } = await (await model.unet({ text: 'handed-out' })).run(inputs);
    await model.release('unet');
    const of = (value: Tensor) => rows(value, 1, 2);
    const one = { ...inputs, sample: of(inputs.sample), context: of(inputs.context) };
    const given = { ...one, text: new Map([...text!].map(([block, part]) => [block, of(part)])) };
    const exact = await model.unet();
    for (const [label, options, feeds] of [
        ['one row that takes its text', { text: 'given' }, given],
        ['`precision int8`', { precision: 'int8' }, inputs],
    ] as const) {
        const unet = await model.unet(options);
        await unet.run(feeds);
        const costs = { exact: [] as Cost[], own: [] as Cost[] };
        for (let round = 0; round < rounds; round++) {
            costs.exact.push(await costOf(() => exact.run(inputs)));
            costs.own.push(await costOf(() => unet.run(feeds)));
        }
        const [seconds, processor] = (['seconds', 'processor'] as const).map(
            (kind) => median(costs.own.map((cost) => cost[kind])) / median(costs.exact.map((cost) => cost[kind])),
        );
        console.log(`| ${label} | ${seconds!.toFixed(3)} | ${processor!.toFixed(3)} |`);
    }
}

interface Cost {
    readonly seconds: number;
    /** Of all threads: other work on the machine hardly changes it. */
    readonly processor: number;
}

async function costOf<Result>(work: () => Promise<Result>): Promise<Cost & { readonly result: Result }> {
    const [since, before] = [performance.now(), process.cpuUsage()];
    const result = await work();
    const { user, system } = process.cpuUsage(before);
    return { result, seconds: (performance.now() - since) / 1000, processor: (user + system) / 1e6 };
}

async function neverAsked(): Promise<never> {
    throw new Error('These plans have no pictures.');
}

function mean(values: readonly number[]): number {
    return values.reduce((a, b) => a + b, 0) / values.length;
}

function median(values: readonly number[]): number {
    return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
