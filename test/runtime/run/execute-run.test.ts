import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { crossedOut } from '../../../src/runtime/pictures/crossed-out.ts';
import type { SheetLayout } from '../../../src/runtime/pictures/sheet.ts';
import { causesOf } from '../../../src/runtime/run/compare/causes.ts';
import { environmentOf } from '../../../src/runtime/run/machine.ts';
import type { RunRecord } from '../../../src/runtime/run/record.ts';
import type { RunOutcome } from '../../../src/runtime/run/request.ts';
import { listRuns, readRun } from '../../../src/runtime/run/runs.ts';
import { RunError } from '../../../src/runtime/run-error.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { carry, specFolder } from './carry.ts';
import { colour, fakeWorkshop, PLAN, runOf, sweepOf } from './fake-workshop.ts';

function done(outcome: RunOutcome): Extract<RunOutcome, { kind: 'done' }> {
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome;
}

function failed(outcome: RunOutcome): Extract<RunOutcome, { kind: 'failed' }> {
    if (outcome.kind !== 'failed') throw new Error(JSON.stringify(outcome));
    return outcome;
}

function files(folder: string): string[] {
    return readdirSync(folder, { recursive: true }).map(String).sort();
}

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

describe('pictures that the spec makes', () => {
    const portrait: PicturePlan = { ...PLAN, seeds: [3, 4] };
    const source = { kind: 'made', name: 'portrait', plan: portrait } as const;
    const aged: PicturePlan = {
        ...PLAN,
        start: { pictures: [{ picture: source, weight: 1 }], mixing: 'linear', latent: 'mean', strength: 0.5 },
    };

    it('are made first, with their first seed', async () => {
        const base = specFolder();
        let seen: number | undefined;
        const workshop = fakeWorkshop(async (plan, _, context) => {
            if (plan.start) seen = (await context.picture(source)).data[0];
        });
        done((await carry(base, runOf(aged), workshop)).outcome);
        expect(workshop.generated.map(({ seeds }) => seeds)).toEqual([[3], [7]]);
        expect(seen).toBe(3);
        expect(
            listRuns(join(base, '.sdspec', 'runs'))
                .map(({ record }) => record.name)
                .sort(),
        ).toEqual(['portrait', 'turtle']);
    });

    it('are taken from their own run where it is done', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        await carry(base, { name: 'portrait', work: portrait, expect: [] }, workshop);
        await carry(base, runOf(aged), workshop);
        expect(workshop.generated.map(({ seeds }) => seeds)).toEqual([[3, 4], [7]]);
    });

    it('are paired seed by seed, and taken from the run that has made them all', async () => {
        const [base, seen] = [specFolder(), new Map<number, number>()];
        const workshop = fakeWorkshop(async (plan, _, context) => {
            const from = plan.start?.pictures[0]?.picture;
            if (from) seen.set(plan.seeds[0]!, (await context.picture(from)).data[0]!);
        });
        const low: PicturePlan = { ...PLAN, seeds: [3, 4, 5] };
        const each = { kind: 'made', name: 'low', plan: low, each: true } as const;
        const high: PicturePlan = {
            ...low,
            steps: 5,
            start: { pictures: [{ picture: each, weight: 1 }], mixing: 'linear', latent: 'mean', strength: 0.5 },
        };
        await carry(base, { name: 'low', work: low, expect: [] }, workshop);
        done((await carry(base, runOf(high), workshop)).outcome);
        expect([...seen]).toEqual([
            [3, 3],
            [4, 4],
            [5, 5],
        ]);
        expect(workshop.generated.map(({ seeds }) => seeds)).toEqual([[3, 4, 5], [3], [4], [5]]);
        // Alone, without a run of all of them before.
        const [fresh, alone] = [specFolder(), fakeWorkshop()];
        done((await carry(fresh, runOf(high), alone)).outcome);
        expect(alone.generated.map(({ seeds }) => seeds)).toEqual([[3], [3], [4], [4], [5], [5]]);
    });

    it('are made for a comparison too', async () => {
        const base = specFolder();
        const to = { kind: 'made', name: 'other', plan: { ...PLAN, seeds: [9] } } as const;
        const workshop = fakeWorkshop();
        const { outcome } = await carry(base, runOf(PLAN, [{ kind: 'ssim', to, atLeast: 0.9 }]), workshop);
        expect(done(outcome).record.expectations).toMatchObject([
            { verdict: 'missed', message: expect.stringContaining('SSIM to other is 0.5') },
        ]);
        expect(workshop.generated.map(({ seeds }) => seeds)).toEqual([[7], [9]]);
        // The same seed is the same picture.
        const each = { ...to, each: true } as const;
        const same = await carry(base, runOf(PLAN, [{ kind: 'ssim', to: each, atLeast: 0.9 }]), workshop);
        expect(done(same.outcome).record.expectations).toMatchObject([{ verdict: 'met' }]);
    });
});

describe('pictures that the spec makes of files', () => {
    it('are made again, and what is made of them too, when a file was changed', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const file = { kind: 'file', path: 'a.png' } as const;
        const portrait: PicturePlan = { ...PLAN, mask: { picture: file, outside: false, feather: 0 } };
        const source = { kind: 'made', name: 'portrait', plan: portrait } as const;
        const aged: PicturePlan = { ...PLAN, seeds: [9], mask: { picture: source, outside: false, feather: 0 } };
        writeFileSync(join(base, 'a.png'), 'one');
        await carry(base, runOf(aged), workshop);
        expect(done((await carry(base, runOf(aged), workshop)).outcome).upToDate).toBe(true);
        writeFileSync(join(base, 'a.png'), 'another');
        expect(done((await carry(base, runOf(aged), workshop)).outcome).upToDate).toBe(false);
        expect(workshop.generated.map(({ seeds }) => seeds)).toEqual([[7], [9], [7], [9]]);
    });
});

describe('what goes wrong', () => {
    const seeds = { ...PLAN, seeds: [1, 2, 3] };

    it('a cancelled run keeps its finished pictures and says how many', async () => {
        const [base, control] = [specFolder(), new AbortController()];
        const workshop = fakeWorkshop((_, index) => {
            if (index === 2) control.abort();
        });
        const { outcome } = await carry(base, runOf(seeds), workshop, {}, control.signal);
        expect(outcome).toMatchObject({ kind: 'cancelled', pictures: 2 });
        expect(listRuns(join(base, '.sdspec', 'runs'))[0]).toMatchObject({ state: 'cancelled' });
    });

    it('a picture that was neither made nor failed makes the run no complete one', async () => {
        const [base, { generate }] = [specFolder(), fakeWorkshop()];
        const forgetful = fakeWorkshop(() => {}, {
            async *generate(plan, context) {
                for await (const made of generate(plan, context)) if (made.seed !== 8) yield made;
            },
        });
        const run = runOf({ ...PLAN, seeds: [7, 8, 9] });
        const { failure, pictures, folder } = failed((await carry(base, run, forgetful)).outcome);
        expect(failure).toMatchObject({ code: 'internal', message: expect.stringContaining('Picture 1 of 3') });
        expect(pictures).toBe(2);
        expect(readRun(folder!)?.state).toBe('failed');
    });

    it('one picture of several that fails leaves the others, and is tried again', async () => {
        const workshop = fakeWorkshop(({ seeds: [...all] }, index) => {
            if (all[index] === 2)
                throw new RunError('run/not-a-number', 'The latents are no numbers any more at step 3 of 4.');
        });
        const base = specFolder();
        const { failure, pictures, folder } = failed((await carry(base, runOf(seeds), workshop)).outcome);
        expect(failure).toEqual({
            code: 'run/not-a-number',
            message:
                '1 of 3 pictures could not be made; the next run tries them again. seed 2: The latents are no numbers any more at step 3 of 4.',
        });
        expect(pictures).toBe(2);
        const record = JSON.parse(readFileSync(join(folder!, 'record.json'), 'utf8')) as RunRecord;
        expect(record).toMatchObject({ state: 'failed', failures: [{ cell: 1, seed: 2, code: 'run/not-a-number' }] });
        const next = done((await carry(base, runOf(seeds), fakeWorkshop())).outcome).record;
        expect(next).not.toHaveProperty('failures');
        expect(next.pictures.map(({ seed }) => seed)).toEqual([1, 2, 3]);
    });

    it('what every cell reports is said once', async () => {
        const workshop = fakeWorkshop((_, __, { emit }) =>
            emit({ kind: 'notice', text: 'The mask repaints nothing.' }),
        );
        const { outcome, events } = await carry(specFolder(), runOf(sweepOf([1, 2], [5, 10])), workshop);
        expect(events.filter(({ kind }) => kind === 'notice')).toHaveLength(1);
        expect(done(outcome).record.notices).toEqual(['The mask repaints nothing.']);
    });

    it('a cell of a sweep that fails is marked on the sheet', async () => {
        let sheet: SheetLayout | undefined;
        const workshop = fakeWorkshop(
            ({ guidance, seeds: all }, index) => {
                if (guidance.scale.keys[0]?.value === 10 && all[index] === 2)
                    throw new RunError('run/not-a-number', 'No.');
            },
            {
                sheet: async (layout) => {
                    sheet = layout;
                    return layout.pictures[0]!;
                },
            },
        );
        const { failure, folder } = failed(
            (await carry(specFolder(), runOf(sweepOf([1, 2], [5, 10])), workshop)).outcome,
        );
        expect(failure.message).toContain('seed 2, guidance 10: No.');
        expect(sheet?.pictures).toHaveLength(4);
        expect(sheet?.pictures[3]).toEqual(crossedOut(PLAN.size));
        expect(files(folder!)).toContain('sheet.png');
    });

    it('a full disk keeps earlier pictures and leaves nothing half-written', async () => {
        const base = specFolder();
        let calls = 0;
        const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
            code: 'ENOSPC',
            path: '2.png',
        });
        const workshop = fakeWorkshop(() => {}, {
            png: async (picture) => {
                if (++calls === 2) throw full;
                return fakeWorkshop().png(picture);
            },
        });
        const outcome = failed((await carry(base, runOf(seeds), workshop)).outcome);
        expect(outcome.failure.code).toBe('output/full');
        expect(files(outcome.folder!)).toEqual(['1.png', 'plan.json', 'record.json']);
        expect(listRuns(join(base, '.sdspec', 'runs'))[0]).toMatchObject({
            state: 'failed',
            record: { failure: { code: 'output/full' } },
        });
    });

    it('a folder that is a file can not be written', async () => {
        const base = specFolder();
        writeFileSync(join(base, 'out'), '');
        const { failure } = failed(
            (await carry(base, runOf(PLAN), fakeWorkshop(), { out: join(base, 'out') })).outcome,
        );
        expect(failure.code).toMatch(/unwritable$/);
    });

    it('a file with another digest than the pinned one is refused before anything is made', async () => {
        const base = specFolder();
        writeFileSync(join(base, 'a.png'), 'other');
        const picture = { kind: 'file', path: 'a.png', sha256: '0'.repeat(64) } as const;
        const plan: PicturePlan = { ...PLAN, mask: { picture, outside: false, feather: 0 } };
        const workshop = fakeWorkshop();
        const { failure, folder } = failed((await carry(base, runOf(plan), workshop)).outcome);
        expect(failure).toMatchObject({ code: 'input/digest', message: expect.stringContaining('a.png') });
        expect([workshop.generated, folder]).toEqual([[], undefined]);
    });

    it('a missing file is named', async () => {
        const plan: PicturePlan = { ...PLAN, model: { kind: 'file', path: 'own.safetensors' } };
        const { failure } = failed((await carry(specFolder(), runOf(plan), fakeWorkshop())).outcome);
        expect(failure).toMatchObject({
            code: 'input/unreadable',
            message: expect.stringContaining('own.safetensors'),
        });
    });

    it('a forced run that fails leaves the pictures that were there', async () => {
        const base = specFolder();
        const { folder } = done((await carry(base, runOf(PLAN), fakeWorkshop())).outcome);
        const broken = fakeWorkshop(() => {
            throw new Error('broken');
        });
        failed((await carry(base, runOf(PLAN), broken, { force: true })).outcome);
        expect(existsSync(join(folder, '7.png'))).toBe(true);
    });

    it('a record that is damaged is no run, and its pictures are made again', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const { folder } = done((await carry(base, runOf(PLAN), workshop)).outcome);
        writeFileSync(join(folder, 'record.json'), '{"format":1');
        expect(done((await carry(base, runOf(PLAN), workshop)).outcome).upToDate).toBe(false);
        expect(workshop.generated).toHaveLength(2);
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

describe('a run folder that is not as it was left', () => {
    it('has pictures made again that are damaged or replaced, and only those', async () => {
        const base = specFolder();
        const run = runOf({ ...PLAN, seeds: [1, 2, 3] });
        const first = done((await carry(base, run, fakeWorkshop())).outcome);
        const bytes = readFileSync(join(first.folder, '1.png'));
        const other = readFileSync(join(first.folder, '3.png'));
        writeFileSync(join(first.folder, '1.png'), bytes.subarray(0, bytes.length - 20));
        writeFileSync(join(first.folder, '2.png'), other);
        const workshop = fakeWorkshop();
        const again = done((await carry(base, run, workshop)).outcome);
        expect(again.upToDate).toBe(false);
        expect(workshop.generated.flatMap(({ seeds }) => seeds)).toEqual([1, 2]);
        expect(again.record.pictures.map(({ sha256 }) => sha256)).toEqual(
            first.record.pictures.map(({ sha256 }) => sha256),
        );
        expect(readFileSync(join(first.folder, '1.png'))).toEqual(bytes);
        // What was put there is the user's, and is kept.
        expect(readFileSync(join(first.folder, '2.replaced-1.png'))).toEqual(other);
        expect(again.record.notices).toContainEqual(expect.stringContaining('kept as 2.replaced-1.png'));
    });

    it.skipIf(process.platform === 'win32')('is refused where a link leads to it', async () => {
        const run = runOf(PLAN);
        for (const link of ['.sdspec', join('.sdspec', 'runs'), join('.sdspec', 'runs', 'turtle')]) {
            const [base, elsewhere] = [specFolder(), specFolder()];
            mkdirSync(join(base, link, '..'), { recursive: true });
            symlinkSync(elsewhere, join(base, link));
            const { failure } = failed((await carry(base, run, fakeWorkshop())).outcome);
            expect(failure.code).toBe('output/link');
            expect(failure.message).toContain(`${link} is a link`);
            expect(readdirSync(elsewhere)).toEqual([]);
        }
    });

    it.skipIf(process.platform === 'win32')('may be reached by a link that --out names', async () => {
        const [base, target] = [specFolder(), specFolder()];
        const out = join(base, 'out');
        symlinkSync(target, out);
        done((await carry(base, runOf(PLAN), fakeWorkshop(), { out })).outcome);
        expect(files(target)).toContain(join('turtle'));
    });
});
