/** A cell that another run has made is copied: one more seed costs one picture. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../../src/runtime/run/record.ts';
import type { RunOutcome } from '../../../../src/runtime/run/request.ts';
import { carry, specFolder } from '../carry.ts';
import { fakeWorkshop, PLAN, runOf, sweepOf } from '../fake-workshop.ts';

function recordOf(outcome: RunOutcome): { readonly folder: string; readonly record: RunRecord } {
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome;
}

const seedsMade = (workshop: ReturnType<typeof fakeWorkshop>) => workshop.generated.map(({ seeds }) => seeds);

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

    it('takes traces along', async () => {
        const [base, workshop] = [specFolder(), fakeWorkshop()];
        const trace = { after: [0, 2], completed: false } as unknown as NonNullable<typeof PLAN.trace>;
        await carry(base, runOf({ ...PLAN, trace, seeds: [1] }), workshop);
        const { record, folder } = recordOf(
            (await carry(base, runOf({ ...PLAN, trace, seeds: [1, 2] }), workshop)).outcome,
        );
        expect(seedsMade(workshop)).toEqual([[1], [2]]);
        const [copied] = record.pictures;
        expect(copied?.trace?.frames.map(({ noisy }) => readFileSync(join(folder, noisy)).length > 0)).toEqual([
            true,
            true,
        ]);
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
});
