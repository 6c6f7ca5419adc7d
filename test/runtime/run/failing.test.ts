/** Runs that are stopped or fail: what is kept, and what is said. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { crossedOut } from '../../../src/runtime/pictures/crossed-out.ts';
import type { SheetLayout } from '../../../src/runtime/pictures/sheet.ts';
import type { RunRecord } from '../../../src/runtime/run/record.ts';
import { listRuns, readRun } from '../../../src/runtime/run/runs.ts';
import { RunError } from '../../../src/runtime/run-error.ts';
import { carry, done, failed, files, specFolder } from './carry.ts';
import { fakeWorkshop, PLAN, runOf, sweepOf } from './fake-workshop.ts';

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
