/** Pictures that the spec itself makes, before what is made of them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { listRuns } from '../../../src/runtime/run/runs.ts';
import { carry, done, specFolder } from './carry.ts';
import { fakeWorkshop, PLAN, runOf } from './fake-workshop.ts';

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
