/**
 * `npm run bench:mixtures`: what Infusion costs against the plain picture, as ratios measured in one run.
 *
 * Every figure is the processor time of all threads, the median of rounds in which the cases take turns: what else runs
 * on the machine hardly matters.
 */
import { join } from 'node:path';
import type { PicturePlan } from '../../src/plan/plan.ts';
import { BLOCKS, type Site, STAGES } from '../../src/plan/sites.ts';
import { openModel } from '../../src/runtime/engine/model.ts';
import type { StableDiffusion } from '../../src/runtime/engine/stable-diffusion.ts';
import { generate } from '../../src/runtime/generate.ts';
import { plain } from '../../src/runtime/pictures/picture.ts';
import { runMemory } from '../../src/runtime/recipe/run-memory.ts';
import { caseInfusion, casePlan, siteWeights } from '../parity/plans.ts';
import { printMachine } from './measure.ts';

const STEPS = 10;
const ROUNDS = 3;
const SEEDS = Array.from({ length: 16 }, (_, seed) => seed);

function plan(images: number, sites: readonly Site[], seeds: readonly number[] = [1]): PicturePlan {
    const options = {
        prompt: 'a drawing of a green turtle on the beach',
        width: 128,
        height: 128,
        steps: STEPS,
        guidance: 6,
        sampler: { name: 'ddim', schedule: 'normal', eta: 0 },
    } as const;
    const weights = siteWeights(Object.fromEntries(sites.map((site) => [site, 0.05])));
    const pictures = Array.from({ length: images }, (_, k) => k);
    return casePlan(options, { seeds, infusions: images > 0 ? [caseInfusion(pictures, weights)] : [] });
}

interface Case {
    readonly name: string;
    readonly plan: PicturePlan;
    /** Bias features remembered over the seeds, each seed in a batch of its own: how large models run. */
    readonly oneByOne?: boolean;
}

const ALL = [...STAGES] as const;
const CASES: readonly Case[] = [
    { name: 'plain', plan: plan(0, []) },
    { name: '1 image, 13 sites', plan: plan(1, ALL) },
    { name: '4 images, 13 sites', plan: plan(4, ALL) },
    { name: '8 images, 13 sites', plan: plan(8, ALL) },
    { name: '1 image, 1 site', plan: plan(1, ['mid']) },
    { name: '1 image, 25 blocks', plan: plan(1, BLOCKS) },
    { name: 'plain, 16 seeds', plan: plan(0, [], SEEDS) },
    { name: '1 image, 13 sites, 16 seeds', plan: plan(1, ALL, SEEDS) },
    { name: '4 images, 13 sites, 16 seeds', plan: plan(4, ALL, SEEDS) },
    { name: 'plain, 16 seeds one by one', plan: plan(0, [], SEEDS), oneByOne: true },
    { name: '4 images, 13 sites, 16 seeds one by one', plan: plan(4, ALL, SEEDS), oneByOne: true },
];

async function secondsOf({ plan: work, oneByOne }: Case, model: StableDiffusion): Promise<number> {
    const context = {
        openModel: async () => model,
        picture: async (source: unknown) => plain(128, 128, [30 * Number((source as { path: string }).path), 120, 90]),
        emit: () => {},
        ...(oneByOne ? { memory: runMemory([work]) } : {}),
    };
    const plans = oneByOne ? work.seeds.map((seed) => ({ ...work, seeds: [seed] })) : [work];
    const begun = process.cpuUsage();
    for (const one of plans) for await (const _ of generate(one, context));
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1e6;
}

printMachine();
const model = await openModel(join(import.meta.dirname, '..', '..', 'models', 'sketch'), { device: 'cpu' });
const taken = new Map<Case, number[]>(CASES.map((one) => [one, []]));
// A round that is not counted makes the sessions.
for (let round = -1; round < ROUNDS; round++) {
    for (const one of CASES) {
        const seconds = await secondsOf(one, model);
        if (round >= 0) taken.get(one)!.push(seconds);
    }
}
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const byName = new Map(CASES.map((one) => [one.name, median(taken.get(one)!)]));
console.log(`builtin:sketch, 128x128, ${STEPS} steps, guidance 6, median of ${ROUNDS} rounds\n`);
console.log(`${'case'.padEnd(42)} cpu s  ratio to its plain run`);
for (const [name, seconds] of byName) {
    const against = name.includes('one by one')
        ? 'plain, 16 seeds one by one'
        : name.includes('16')
          ? 'plain, 16 seeds'
          : 'plain';
    console.log(`${name.padEnd(42)} ${seconds.toFixed(2).padStart(7)}  ${(seconds / byName.get(against)!).toFixed(2)}`);
}
await model.close();
