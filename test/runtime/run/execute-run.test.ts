/** Runs: what they leave, what is not done again, sweeps, traces, tensors and expectations. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { causesOf } from '../../../src/runtime/run/compare/causes.ts';
import { environmentOf } from '../../../src/runtime/run/machine.ts';
import { listRuns } from '../../../src/runtime/run/runs.ts';
import { RunError } from '../../../src/runtime/run-error.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { carry, done, failed, files, specFolder } from './carry.ts';
import { colour, fakeWorkshop, PLAN, runOf, sweepOf } from './fake-workshop.ts';

describe('a run', () => {
    it('leaves its plan, its record and one picture a seed, and nothing half-written', async () => {
        const base = specFolder();
        const { outcome, events } = await carry(base, runOf({ ...PLAN, seeds: [7, 8] }), fakeWorkshop());
        const { folder, record, upToDate } = done(outcome);
        expect(upToDate).toBe(false);
        expect(relative(base, folder).split(/[\\/]/).slice(0, 3)).toEqual(['.sdspec', 'runs', 'turtle']);
        expect(files(folder)).toEqual(['7.png', '8.png', 'plan.json', 'record.json']);
        expect(readFileSync(join(base, '.sdspec', '.gitignore'), 'utf8')).toBe('*\n');
        expect(record).toMatchObject({ state: 'complete', cells: 2, name: 'turtle', kind: 'picture' });
        expect(record.pictures.map(({ seed, file }) => [seed, file])).toEqual([
            [7, '7.png'],
            [8, '8.png'],
        ]);
        expect(events.filter(({ kind }) => kind === 'picture')).toHaveLength(2);
    });

    it('shows a draft first, which is kept nowhere', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const draft = { ...PLAN, steps: 2 };
        const { outcome, events } = await carry(base, runOf({ ...PLAN, steps: 8 }), workshop, { draft });
        expect(workshop.generated.map(({ steps }) => steps)).toEqual([2, 8]);
        const drafts = events.filter((event) => event.kind === 'preview' && event.draft === 2);
        expect(drafts).toMatchObject([{ cell: 0, step: 1, picture: colour(PLAN, 7) }]);
        expect(events.filter(({ kind }) => kind === 'step')).toHaveLength(8);
        const { record, folder } = done(outcome);
        expect(files(folder)).toEqual(['7.png', 'plan.json', 'record.json']);
        expect(Object.keys(record.timings)).not.toContain('draft');
    });

    it('is made though its draft fails, and not where it is stopped meanwhile', async () => {
        const failing = (why: Error) => (plan: PicturePlan) => {
            if (plan.steps === 2) throw why;
        };
        const draft = { ...PLAN, steps: 2 };
        done((await carry(specFolder(), runOf(PLAN), fakeWorkshop(failing(new Error('draft'))), { draft })).outcome);
        const stopped = fakeWorkshop(failing(new RunError('run/cancelled', 'Stopped.')));
        expect((await carry(specFolder(), runOf(PLAN), stopped, { draft })).outcome.kind).toBe('cancelled');
    });

    it('goes where --out says', async () => {
        const [base, out] = [specFolder(), specFolder()];
        const { folder } = done((await carry(base, runOf(PLAN), fakeWorkshop(), { out })).outcome);
        expect(relative(out, folder).startsWith('turtle')).toBe(true);
        expect(existsSync(join(base, '.sdspec', 'runs'))).toBe(false);
    });

    it('is not done again while it is up to date, unless it is forced', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        await carry(base, runOf(PLAN), workshop);
        expect(done((await carry(base, runOf(PLAN), workshop)).outcome).upToDate).toBe(true);
        expect(workshop.generated).toHaveLength(1);
        expect(done((await carry(base, runOf(PLAN), workshop, { force: true })).outcome).upToDate).toBe(false);
        expect(workshop.generated).toHaveLength(2);
    });

    it('is done again when a picture was deleted, and only that picture', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const run = runOf({ ...PLAN, seeds: [1, 2, 3] });
        const { folder } = done((await carry(base, run, workshop)).outcome);
        rmSync(join(folder, '2.png'));
        expect(done((await carry(base, run, workshop)).outcome).record.pictures).toHaveLength(3);
        expect(workshop.generated.map(({ seeds }) => seeds)).toEqual([[1, 2, 3], [2]]);
    });

    it('is done again when a file that it reads was changed', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const start = { pictures: [{ picture: { kind: 'file', path: 'a.png' } as const, weight: 1 }] };
        const plan: PicturePlan = { ...PLAN, start: { ...start, mixing: 'linear', latent: 'mean', strength: 0.5 } };
        writeFileSync(join(base, 'a.png'), 'one');
        await carry(base, runOf(plan), workshop);
        expect(done((await carry(base, runOf(plan), workshop)).outcome).upToDate).toBe(true);
        writeFileSync(join(base, 'a.png'), 'another');
        expect(done((await carry(base, runOf(plan), workshop)).outcome).upToDate).toBe(false);
    });

    it('is done again when the weights of its model were changed', async () => {
        const base = specFolder();
        const file = join(base, 'weights');
        writeFileSync(file, 'one');
        const workshop = fakeWorkshop(() => {}, { modelFiles: () => new Map([['unet', file]]) });
        expect(done((await carry(base, runOf(PLAN), workshop)).outcome).record.models[0]?.files[0]?.path).toBe('unet');
        expect(done((await carry(base, runOf(PLAN), workshop)).outcome).upToDate).toBe(true);
        writeFileSync(file, 'another');
        expect(done((await carry(base, runOf(PLAN), workshop)).outcome).upToDate).toBe(false);
    });
});

describe('a sweep', () => {
    it('makes cells that differ by seed alone together, keeps their order, and writes a sheet', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const { record, folder } = done((await carry(base, runOf(sweepOf([1, 2, 3], [5, 10])), workshop)).outcome);
        expect(workshop.generated.map(({ seeds }) => seeds)).toEqual([
            [1, 2, 3],
            [1, 2, 3],
        ]);
        expect(record.pictures.map(({ labels }) => `${labels?.['seed']} ${labels?.['guidance']}`)).toEqual([
            '1 5',
            '1 10',
            '2 5',
            '2 10',
            '3 5',
            '3 10',
        ]);
        expect(record.sheet).toBe('sheet.png');
        expect(files(folder)).toContain('0-seed-1_guidance-5.png');
    });

    it('that was interrupted makes only the missing cells', async () => {
        const base = specFolder();
        const run = runOf(sweepOf([1, 2], [5, 10]));
        let left = 3;
        const interrupted = fakeWorkshop(() => {
            if (left-- <= 0) throw new Error('power cut');
        });
        const { pictures } = failed((await carry(base, run, interrupted)).outcome);
        expect(pictures).toBe(3);
        const workshop = fakeWorkshop();
        expect(done((await carry(base, run, workshop)).outcome).record.pictures).toHaveLength(4);
        expect(workshop.generated.map(({ seeds }) => seeds)).toEqual([[2]]);
    });

    it('that was interrupted on another processor says so, now and later', async () => {
        const base = specFolder();
        const run = runOf(sweepOf([1, 2], [5, 10]));
        const stopped = async (pictures: number) => {
            let left = pictures;
            const workshop = fakeWorkshop(() => {
                if (left-- <= 0) throw new Error('power cut');
            });
            failed((await carry(base, run, workshop)).outcome);
            return join(listRuns(join(base, '.sdspec', 'runs'))[0]!.folder, 'record.json');
        };
        const file = await stopped(2);
        const { cpu, ...record } = JSON.parse(readFileSync(file, 'utf8'));
        const device = { ...record.device, used: 'cpu' };
        writeFileSync(file, JSON.stringify({ ...record, device, cpu: 'Elsewhere 9000' }));
        await stopped(1);
        const { record: whole } = done((await carry(base, run, fakeWorkshop())).outcome);
        expect(whole.pictures).toHaveLength(4);
        expect([whole.cpu, whole.otherCpus]).toEqual([cpu, ['Elsewhere 9000']]);
        expect(whole.notices).toEqual([expect.stringContaining(`(Elsewhere 9000; this is ${cpu})`)]);
        expect(environmentOf(whole)).toContain('Elsewhere-9000');
        expect(causesOf(whole, { ...whole, otherCpus: [] })).toEqual([
            expect.stringMatching(/^The processor is .*Elsewhere 9000.* here, .* there\.$/),
        ]);
    });

    it('reports progress and pictures by their place in the whole run', async () => {
        const { events } = await carry(specFolder(), runOf(sweepOf([1, 2], [5, 10])), fakeWorkshop());
        const cells = events.flatMap((event) => (event.kind === 'picture' ? [event.cell] : []));
        expect(cells).toEqual([0, 2, 1, 3]);
    });
});

describe('traces', () => {
    it('are in a folder of their own, with a strip', async () => {
        const plan: PicturePlan = { ...PLAN, trace: { after: [0, 4], completed: false, finish: 0, attention: [] } };
        const { folder, record } = done((await carry(specFolder(), runOf(plan), fakeWorkshop())).outcome);
        expect(record.pictures[0]?.trace).toEqual({
            strip: '7-strip.png',
            frames: [
                { after: 0, noisy: '7/step-000-noisy.png' },
                { after: 4, noisy: '7/step-004-noisy.png' },
            ],
        });
        expect(existsSync(join(folder, '7', 'step-004-noisy.png'))).toBe(true);
    });
});

describe('tensors', () => {
    it('are written as one safetensors file, though the pictures are up to date', async () => {
        const base = specFolder();
        await carry(base, runOf(PLAN), fakeWorkshop());
        const file = join(base, 'run.safetensors');
        await carry(base, runOf(PLAN), fakeWorkshop(), { tensors: { file, sites: [] } });
        expect(readSafetensors(file).tensors.get('latents.0')?.shape).toEqual([4, 1, 2]);
    });

    it('of several pictures have names of their own', async () => {
        const base = specFolder();
        const file = join(base, 'run.safetensors');
        await carry(base, runOf({ ...PLAN, seeds: [1, 2] }), fakeWorkshop(), { tensors: { file, sites: [] } });
        expect([...readSafetensors(file).tensors.keys()]).toEqual(['picture-1.latents.0', 'picture-2.latents.0']);
    });
});

describe('expectations', () => {
    it('are judged again though the pictures are up to date', async () => {
        const base = specFolder();
        mkdirSync(join(base, 'golden'));
        const golden = { path: 'golden/turtle.png' };
        writeFileSync(join(base, golden.path), await fakeWorkshop().png(colour(PLAN, 7)));
        const first = done(
            (await carry(base, runOf(PLAN, [{ kind: 'ssim', to: golden, atLeast: 0.9 }]), fakeWorkshop())).outcome,
        );
        expect(first.record.expectations?.map(({ verdict }) => verdict)).toEqual(['met']);
        writeFileSync(join(base, golden.path), await fakeWorkshop().png(colour(PLAN, 99)));
        const second = done(
            (await carry(base, runOf(PLAN, [{ kind: 'ssim', to: golden, atLeast: 0.9 }]), fakeWorkshop())).outcome,
        );
        expect(second.upToDate).toBe(true);
        expect(second.record.expectations?.map(({ verdict }) => verdict)).toEqual(['missed']);
    });
});
