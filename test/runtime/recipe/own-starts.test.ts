/** Pictures of one plan that start from pictures of their own: alone or together they are bitwise the same. */
import { expect, test } from 'vitest';
import type { PicturePlan, Start } from '../../../src/plan/plan.ts';
import { withSeeds } from '../../../src/plan/sources.ts';
import { plain, type Rgb } from '../../../src/runtime/pictures/picture.ts';
import { caseInfusion } from '../../parity/plans.ts';
import { latents, one, plan, SITES } from './nano-plans.ts';

const START: Start = {
    pictures: [{ picture: { kind: 'file', path: '0' }, weight: 1 }],
    mixing: 'linear',
    latent: 'mean',
    strength: 0.75,
};
const STARTS: readonly Rgb[] = [
    plain(64, 72, [200, 80, 40]),
    plain(64, 72, [30, 160, 90]),
    plain(64, 72, [30, 40, 200]),
    plain(64, 72, [128, 128, 128]),
];
const SEEDS = [3, 4, 5, 6];

const cases: Readonly<Record<string, PicturePlan>> = {
    plainly: plan([], { start: START }),
    'whose colours are held': plan([], { start: { ...START, hold: { cells: { width: 1, height: 1 }, amount: 0.9 } } }),
    'that draw from their posteriors': plan([], { start: { ...START, latent: 'sampled' } }),
    'with bias pictures': plan([caseInfusion([1], SITES)], { start: START }),
    'with a sampler that draws noise': plan([], {
        start: START,
        sampler: { name: 'euler-a', schedule: 'normal', eta: 1 },
    }),
};

test.each(Object.entries(cases))('%s', async (_, work) => {
    const together = await latents(withSeeds(work, SEEDS), { starts: STARTS });
    for (const [k, seed] of SEEDS.entries()) {
        const alone = await one(withSeeds(work, [seed]), { starts: [STARTS[k]!] });
        expect(together[k]).toEqual(alone);
    }
    expect(together[0]).not.toEqual(together[1]);
});

test('is what a start picture of the plan gives', async () => {
    const work = plan([], { start: START });
    const own = await one(work, { starts: [STARTS[1]!] });
    expect(own).toEqual(await one(work, { picture: async () => STARTS[1]! }));
});
