/** A cell that another run has made is copied: one more seed costs one picture. */
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelRef, SweepPlan } from '../../../../src/plan/plan.ts';
import type { RecordedTrace, RunRecord } from '../../../../src/runtime/run/record.ts';
import type { RunOutcome } from '../../../../src/runtime/run/request.ts';
import { listRuns } from '../../../../src/runtime/run/runs.ts';
import { carry, specFolder } from '../carry.ts';
import { fakeWorkshop, PLAN, runOf, sweepOf } from '../fake-workshop.ts';

function recordOf(outcome: RunOutcome): { readonly folder: string; readonly record: RunRecord } {
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome;
}

const seedsMade = (workshop: ReturnType<typeof fakeWorkshop>) => workshop.generated.map(({ seeds }) => seeds);

function rewrite(folder: string, change: (record: RunRecord) => RunRecord): void {
    const file = join(folder, 'record.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as RunRecord;
    writeFileSync(file, JSON.stringify(change(record), null, 2));
}

describe('one more seed', () => {
    it('is one picture, the others are copied and named in the record', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const first = recordOf((await carry(base, runOf({ ...PLAN, seeds: [1, 2, 3] }), workshop)).outcome);
        const { outcome, events } = await carry(base, runOf({ ...PLAN, seeds: [1, 2, 3, 4] }), workshop);
        const { record, folder } = recordOf(outcome);
        expect(seedsMade(workshop)).toEqual([[1, 2, 3], [4]]);
        expect(record.pictures.map(({ seed, from }) => [seed, from])).toEqual([
            ...[1, 2, 3].map((seed) => [seed, `turtle/${first.record.digest.slice(0, 16)}`]),
            [4, undefined],
        ]);
        expect(readFileSync(join(folder, '2.png'))).toEqual(readFileSync(join(first.folder, '2.png')));
        expect(record.device).toEqual(first.record.device);
        expect(record.notices.join()).toMatch(/3 pictures are taken from an earlier run of turtle/);
        expect(events.filter(({ kind }) => kind === 'picture')).toHaveLength(4);
    });

    it('of a sweep has the place and the labels of the new sweep', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        await carry(base, runOf(sweepOf([1, 2], [5, 9])), workshop);
        const { record } = recordOf((await carry(base, runOf(sweepOf([2], [3, 5, 9])), workshop)).outcome);
        expect(
            record.pictures.map(({ file, labels, from }) => [file, labels!['guidance'], from !== undefined]),
        ).toEqual([
            ['0-seed-2_guidance-3.png', '3', false],
            ['1-seed-2_guidance-5.png', '5', true],
            ['2-seed-2_guidance-9.png', '9', true],
        ]);
    });

    it('fills every cell of the same plan', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        await carry(base, runOf(sweepOf([1, 2], [5])), workshop);
        const { record } = recordOf((await carry(base, runOf(sweepOf([1, 2], [5, 5, 9])), workshop)).outcome);
        expect(seedsMade(workshop)).toEqual([
            [1, 2],
            [1, 2],
        ]);
        expect(record.state).toBe('complete');
        expect(record.pictures.map(({ cell, seed, from }) => [cell, seed, from !== undefined])).toEqual([
            [0, 1, true],
            [1, 1, true],
            [2, 1, false],
            [3, 2, true],
            [4, 2, true],
            [5, 2, false],
        ]);
    });

    it('takes traces along, under the name that its picture has here', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const traced = (seeds: readonly number[]): SweepPlan => {
            const sweep = sweepOf(seeds, [5]);
            const trace = { after: [0, 2], completed: false, finish: 0, attention: [] };
            return { ...sweep, cells: sweep.cells.map((cell) => ({ ...cell, plan: { ...cell.plan, trace } })) };
        };
        const first = recordOf((await carry(base, runOf(traced([1, 2])), workshop)).outcome);
        const { record, folder } = recordOf((await carry(base, runOf(traced([0, 1, 2])), workshop)).outcome);
        expect(seedsMade(workshop)).toEqual([[1, 2], [0]]);
        const copied = record.pictures.slice(1);
        expect(copied.map(({ trace }) => trace)).toEqual(
            ['1-seed-1_guidance-5', '2-seed-2_guidance-5'].map((name) => ({
                strip: `${name}-strip.png`,
                frames: [
                    { after: 0, noisy: `${name}/step-000-noisy.png` },
                    { after: 2, noisy: `${name}/step-002-noisy.png` },
                ],
            })),
        );
        const contents = (from: string, { strip, frames }: RecordedTrace) =>
            [strip, ...frames.map(({ noisy }) => noisy)].map((file) => readFileSync(join(from, file)));
        expect(copied.map(({ trace }) => contents(folder, trace!))).toEqual(
            first.record.pictures.map(({ trace }) => contents(first.folder, trace!)),
        );
    });
});

describe('pictures of other runs are made again', () => {
    it('where the run is forced', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        await carry(base, runOf({ ...PLAN, seeds: [1] }), workshop);
        await carry(base, runOf({ ...PLAN, seeds: [1, 2] }), workshop, { force: true });
        expect(seedsMade(workshop)).toEqual([[1], [1, 2]]);
    });

    it('where their file is not the recorded one', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const { folder } = recordOf((await carry(base, runOf({ ...PLAN, seeds: [1] }), workshop)).outcome);
        writeFileSync(join(folder, '1.png'), 'no picture');
        await carry(base, runOf({ ...PLAN, seeds: [1, 2] }), workshop);
        expect(seedsMade(workshop)).toEqual([[1], [1, 2]]);
    });

    it('where another device was asked for', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        await carry(base, runOf({ ...PLAN, seeds: [1] }), workshop);
        await carry(base, runOf({ ...PLAN, seeds: [1, 2] }), workshop, { device: 'cpu' });
        expect(seedsMade(workshop)).toEqual([[1], [1, 2]]);
    });

    it('where a file that went in has changed', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const noise = { kind: 'file', path: 'noise.safetensors' } as const;
        writeFileSync(join(base, 'noise.safetensors'), 'one');
        await carry(base, runOf({ ...PLAN, noise, seeds: [1] }), workshop);
        writeFileSync(join(base, 'noise.safetensors'), 'two');
        await carry(base, runOf({ ...PLAN, noise, seeds: [1, 2] }), workshop);
        expect(seedsMade(workshop)).toEqual([[1], [1, 2]]);
    });

    it('where the weights of the model have changed', async () => {
        const base = specFolder();
        const weights = join(base, 'weights');
        writeFileSync(weights, 'one');
        const workshop = fakeWorkshop(() => {}, { modelFiles: () => new Map([['unet', weights]]) });
        await carry(base, runOf({ ...PLAN, seeds: [1] }), workshop);
        await carry(base, runOf({ ...PLAN, seeds: [1, 2] }), workshop);
        writeFileSync(weights, 'two');
        await carry(base, runOf({ ...PLAN, seeds: [1, 2, 3] }), workshop);
        expect(seedsMade(workshop)).toEqual([[1], [2], [1, 2, 3]]);
    });

    it('where the model of a picture that is made first has changed', async () => {
        const base = specFolder();
        const weights = join(base, 'other');
        writeFileSync(weights, 'one');
        utimesSync(weights, 1e9, 1e9);
        const other = { kind: 'file', path: 'other' } as const;
        const picture = { kind: 'made', name: 'portrait', plan: { ...PLAN, model: other } } as const;
        const mask = { picture, outside: false, feather: 0 };
        const modelFiles = ({ kind }: ModelRef) => new Map(kind === 'file' ? [['unet', weights]] : []);
        const workshop = fakeWorkshop(() => {}, { modelFiles });
        await carry(base, runOf({ ...PLAN, mask, seeds: [1] }), workshop);
        await carry(base, runOf({ ...PLAN, mask, seeds: [1, 2] }), workshop);
        writeFileSync(weights, 'two');
        utimesSync(weights, 4e9, 4e9);
        await carry(base, runOf({ ...PLAN, mask, seeds: [1, 2, 3] }), workshop);
        expect(seedsMade(workshop)).toEqual([[7], [1], [2], [7], [1, 2, 3]]);
    });

    it.each(['sdspec', 'onnxruntime'])('where another version of %s made them', async (name) => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const { folder } = recordOf((await carry(base, runOf({ ...PLAN, seeds: [1] }), workshop)).outcome);
        rewrite(folder, (record) => ({ ...record, versions: { ...record.versions, [name]: '0.0.0' } }));
        await carry(base, runOf({ ...PLAN, seeds: [1, 2] }), workshop);
        expect(seedsMade(workshop)).toEqual([[1], [1, 2]]);
    });
});

describe('pictures of two devices are not in one run', () => {
    /** A workshop whose models run on a device of these options. */
    function workshopOn(used: 'cpu' | 'webgpu', attention = 'fused') {
        const device = { used, threads: 1, fallbacks: [], forms: { attention }, sessions: [] };
        const checkpoint = { notices: [], unet: { weights: { tensors: new Map() } }, vae: { config: { widths: [1] } } };
        const openModel = async () => ({ device, checkpoint }) as never;
        return fakeWorkshop(async ({ model }, _, context) => void (await context.openModel(model, [])), {
            openModel,
        });
    }
    const made = ({ pictures }: RunRecord) => pictures.map(({ seed, from }) => [seed, from !== undefined]);

    it('and are copied where the device is the same', async () => {
        const base = specFolder();
        await carry(base, runOf({ ...PLAN, seeds: [1, 2] }), workshopOn('webgpu'));
        const workshop = workshopOn('webgpu');
        const { record } = recordOf((await carry(base, runOf({ ...PLAN, seeds: [1, 2, 3] }), workshop)).outcome);
        expect(seedsMade(workshop)).toEqual([[3]]);
        expect(made(record)).toEqual([
            [1, true],
            [2, true],
            [3, false],
        ]);
        expect(record.device.used).toBe('webgpu');
    });

    it.each([
        ['device', workshopOn('cpu')],
        ['form of attention', workshopOn('webgpu', 'naive')],
    ])('but made again where this run has another %s', async (_, workshop) => {
        const base = specFolder();
        await carry(base, runOf({ ...PLAN, seeds: [1, 2] }), workshopOn('webgpu'));
        const { record } = recordOf((await carry(base, runOf({ ...PLAN, seeds: [1, 2, 3] }), workshop)).outcome);
        expect(seedsMade(workshop)).toEqual([[3], [1, 2]]);
        expect(made(record)).toEqual([
            [1, false],
            [2, false],
            [3, false],
        ]);
        expect(record.notices.join()).toContain('is made again');
    });

    it('where the run is stopped before they are made again', async () => {
        const [base, control] = [specFolder(), new AbortController()];
        await carry(base, runOf({ ...PLAN, seeds: [1, 2] }), workshopOn('webgpu'));
        const run = runOf({ ...PLAN, seeds: [1, 2, 3, 4] });
        const cpu = workshopOn('cpu');
        const openModel: typeof cpu.openModel = (...asked) => {
            if (cpu.generated.length > 1) control.abort();
            return cpu.openModel(...asked);
        };
        await carry(base, run, { ...cpu, openModel }, {}, control.signal);
        const [stopped] = listRuns(join(base, '.sdspec', 'runs')).filter(({ state }) => state === 'cancelled');
        expect(made(stopped!.record)).toEqual([
            [3, false],
            [4, false],
        ]);
    });

    it('nor from two other runs', async () => {
        const base = specFolder();
        for (const [seed, used] of [
            [1, 'webgpu'],
            [2, 'cpu'],
        ] as const) {
            await carry(base, runOf({ ...PLAN, seeds: [seed] }), workshopOn(used));
        }
        const { record } = recordOf((await carry(base, runOf({ ...PLAN, seeds: [1, 2] }), workshopOn('cpu'))).outcome);
        // Which of the two is found first depends on the names of their folders.
        expect(record.device.used).toBe('cpu');
        const other = listRuns(join(base, '.sdspec', 'runs')).find((one) => one.record.device.used === 'webgpu')!;
        expect(record.pictures.map(({ from }) => from ?? '').join()).not.toContain(other.record.digest.slice(0, 16));
    });

    it.each<[string, (record: RunRecord) => RunRecord]>([
        ['processor', (record) => ({ ...record, cpu: 'another one' })],
        ['platform', (record) => ({ ...record, versions: { ...record.versions, platform: 'plan9-mips' } })],
        ['worker', (record) => ({ ...record, workers: [{ worker: '1/2', host: 'far', pictures: [0] }] })],
    ])('nor those of another %s', async (_, change) => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const { folder } = recordOf((await carry(base, runOf({ ...PLAN, seeds: [1] }), workshop)).outcome);
        rewrite(folder, change);
        await carry(base, runOf({ ...PLAN, seeds: [1, 2] }), workshop);
        expect(seedsMade(workshop)).toEqual([[1], [1, 2]]);
    });
});
