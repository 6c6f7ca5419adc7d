import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SUBJECTS } from '../../../../src/plan/companions.ts';
import type { SweepPlan } from '../../../../src/plan/plan.ts';
import type { Run } from '../../../../src/plan/run.ts';
import { judge } from '../../../../src/runtime/run/expectations/expect.ts';
import { scanTable } from '../../../../src/runtime/run/measures/scan.ts';
import { statisticsOf } from '../../../../src/runtime/run/measures/statistics.ts';
import type { RunRecord } from '../../../../src/runtime/run/record.ts';
import { carry, specFolder } from '../carry.ts';
import { fakeWorkshop, PLAN, sweepOf } from '../fake-workshop.ts';

/** Two guidances, three seeds; pictures of one colour, that of their seed. */
const SWEEP = sweepOf([1, 2, 3], [5, 7]);
const MEASURED: Run = {
    name: 'study',
    work: SWEEP,
    expect: [
        { kind: 'measure', measure: 'subject turtle', atLeast: 0.006, each: true },
        { kind: 'measure', measure: 'ssim to plain', atLeast: 1, each: true },
    ],
    measure: {
        measures: [
            { name: 'subject turtle', kind: 'subject', label: 'turtle' },
            {
                name: 'ssim to plain',
                kind: 'ssim',
                to: { kind: 'made', name: 'plain', plan: { ...PLAN, seeds: [1, 2] } },
            },
        ],
        mean: 'seed',
    },
};

const SQUARE = { width: 16, height: 16 };

/** SSIM needs eleven pixels. */
function squares(sweep: SweepPlan): SweepPlan {
    return { ...sweep, cells: sweep.cells.map((cell) => ({ ...cell, plan: { ...cell.plan, size: SQUARE } })) };
}

async function recordOf(base: string, run: Run, workshop = fakeWorkshop()): Promise<RunRecord & { folder: string }> {
    const { outcome } = await carry(base, run, workshop);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return { ...outcome.record, folder: outcome.folder };
}

describe('measures of a sweep', () => {
    it('are of every cell, and compare with a picture of the same seed', async () => {
        const workshop = fakeWorkshop();
        const { measures, folder, expectations } = await recordOf(specFolder(), MEASURED, workshop);
        expect(measures!.names).toEqual(['subject turtle', 'ssim to plain']);
        expect(measures!.cells.map(({ values }) => values[1])).toEqual([1, 1, 1, 1, 1, 1]);
        expect(measures!.cells.map(({ values }) => values[0])).toEqual([1, 1, 2, 2, 3, 3].map((seed) => seed / 255));
        // The seeds that the spec asks of `plain` together, the third by itself.
        expect(
            workshop.generated.filter(({ guidance }) => guidance === PLAN.guidance).map(({ seeds }) => seeds),
        ).toEqual([[1, 2], [3]]);
        expect(measures!.means).toEqual({
            over: 'seed',
            rows: ['5', '7'].map((guidance) => ({
                labels: { guidance },
                values: [
                    { mean: expect.closeTo(2 / 255), deviation: expect.closeTo(1 / 255), n: 3 },
                    { mean: 1, deviation: 0, n: 3 },
                ],
            })),
        });
        const csv = readFileSync(join(folder, 'measures.csv'), 'utf8').split('\r\n');
        expect(csv[0]).toBe(
            'guidance,subject turtle mean,subject turtle deviation,subject turtle n,ssim to plain mean,ssim to plain deviation,ssim to plain n',
        );
        expect(csv).toHaveLength(4);
        const md = readFileSync(join(folder, 'measures.md'), 'utf8');
        expect(md).toContain('| 5 | 0.008 ± 0.004 | 1 ± 0 | 3 |');
        expect(md.match(/^\| [123] \|/gm)).toHaveLength(6);
        expect(expectations!.map(({ verdict }) => verdict)).toEqual(['missed', 'met']);
        expect(expectations![0]!.message).toContain(
            'is not at least 0.006 in 2 of 6 pictures. seed 1, guidance 5: 0.003922',
        );
    });

    it('are asked for later without making a picture again, and taken from the record when nothing changed', async () => {
        const base = specFolder();
        await recordOf(base, { ...MEASURED, expect: [], measure: { measures: [] } });
        const workshop = fakeWorkshop();
        const first = await recordOf(base, MEASURED, workshop);
        expect(workshop.generated.every(({ guidance }) => guidance === PLAN.guidance)).toBe(true);
        const quiet = fakeWorkshop(undefined, { subjects: () => Promise.reject(new Error('measured again')) });
        expect((await recordOf(base, MEASURED, quiet)).measures).toEqual(first.measures);
    });

    it('measure how far a picture moved in latents, from a plain one or one that is named', async () => {
        const latents = (data: Uint8Array) => Float32Array.from(data.subarray(0, 4));
        const encoding = {
            openModel: async () => ({
                checkpoint: {
                    latentScale: 2,
                    notices: [],
                    unet: { config: { heads: [1], downAttention: [false] }, weights: { tensors: new Map() } },
                    vae: { config: { widths: [1] } },
                },
                device: { used: 'cpu', threads: 1, fallbacks: [], sessions: [], forms: {} },
                encodeImage: async ({ data }: { data: Float32Array }) => ({
                    mean: { data: latents(Uint8Array.from(data, (value) => Math.round((value + 1) * 127.5))) },
                }),
            }),
        };
        const workshop = fakeWorkshop(undefined, encoding as never);
        const plan = { ...PLAN, seeds: [1] };
        const from = { kind: 'made', name: 'other', plan: { ...plan, size: SQUARE, steps: 5 } } as const;
        const run: Run = {
            name: 'study',
            work: { ...squares(sweepOf([1, 4, 7], [5])), baseline: { axis: 'seed', value: '1' } },
            expect: [],
            measure: {
                measures: [
                    { name: 'moved', kind: 'moved' },
                    { name: 'moved from other', kind: 'moved', from },
                    { name: 'towards other', kind: 'towards', to: from },
                ],
            },
        };
        const { measures } = await recordOf(specFolder(), run, workshop);
        // Pictures of one value: seed 4 is 3 from seed 1, times the scale; other pictures have the seed's colour too.
        expect(measures!.cells.map(({ values }) => values)).toEqual([
            [0, 0, null],
            [6, 0, 1],
            [12, 0, 1],
        ]);
    });
});

describe('expectations of each picture', () => {
    const record = {
        pictures: [1, 2, 3].map((seed) => ({
            cell: seed - 1,
            seed,
            file: `${seed}.png`,
            phash: `000000000000000${seed}`,
        })),
    } as unknown as RunRecord;
    const comparison = {
        readPicture: () => Promise.reject(),
        ssim: () => 1,
        psnr: () => 1,
        phashDistance: (a: string, b: string) => Math.abs(Number(a) - Number(b)),
    };
    const judged = (within: number) =>
        judge(
            [{ kind: 'phash', phash: '0000000000000001', within, each: true }],
            { record, folder: '/r', base: '/b', lock: [], makeSource: () => Promise.reject() },
            comparison,
        );

    it('name the pictures that miss them', async () => {
        expect(await judged(2)).toMatchObject([{ verdict: 'met', message: 'Each of 3 pictures is as expected.' }]);
        const [missed] = await judged(0);
        expect(missed).toMatchObject({ verdict: 'missed', actual: '/r/2.png' });
        expect(missed!.message).toMatch(/^2 of 3 pictures are not as expected\. seed 2: .* seed 3: /);
    });
});

describe('scans with seeds', () => {
    it('have a table of means over the seeds, and the seed beside every picture', () => {
        const of = (label: string, seed: string, moved: number) => ({
            cell: 0,
            label,
            row: { seed },
            moved,
            ssim: 0.5,
            towards: moved / 10,
        });
        const table = scanTable([of('mid', '1', 1), of('mid', '2', 3), of('up.0', '1', 4), of('up.0', '2', 4)]);
        expect(table.split('\n').slice(0, 6)).toEqual([
            'Means over seed, with standard deviations, n pictures each:',
            '',
            '| layer | moved (latent rms) | ssim to plain | towards the bias picture | n |',
            '|---|---:|---:|---:|---:|',
            '| up.0 | 4.000 ± 0.000 | 0.500 ± 0.000 | 40.0 % ± 0.0 % | 2 |',
            '| mid | 2.000 ± 1.414 | 0.500 ± 0.000 | 20.0 % ± 14.1 % | 2 |',
        ]);
        expect(table).toContain('| mid | 2 | 3.000 | 0.500 | 30.0 % |');
    });
    it('without seeds are one table', () => {
        expect(scanTable([{ cell: 1, label: 'mid', moved: 1, ssim: 1 }])).toMatch(/^\| layer \| moved/);
    });
});

it('statistics are those of a sample', () => {
    // numpy: std([1, 2, 4], ddof=1) = 1.5275252316519468
    expect(statisticsOf([1, 2, 4])).toEqual({ mean: 7 / 3, deviation: expect.closeTo(1.5275252316519468, 12), n: 3 });
    expect([statisticsOf([5]), statisticsOf([])]).toEqual([{ mean: 5, n: 1 }, undefined]);
});

it('the language knows the subjects of the classifier', () => {
    const file = join(import.meta.dirname, '../../../../models/sketch-judge/labels.json');
    expect([...JSON.parse(readFileSync(file, 'utf8')).subject, 'robot']).toEqual(SUBJECTS);
});
