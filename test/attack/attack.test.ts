/** The short form of the attack kit: hostile files, damaged state, signals. `npm run attack` is the long one. */
import { expect, test } from 'vitest';
import { ATTACKS } from './attacks.ts';
import { failures, type Tally, table } from './kit.ts';

/** A hundredth of the cases, of which some are a few: it has to fit into every run of the tests. */
const SHORT = { seed: 20261128, share: 1 / 100 };

test.each(Object.entries(ATTACKS))('%s', { timeout: 300_000 }, async (_, attack) => {
    const tally: Tally = await attack(SHORT);
    console.log(table([tally]));
    expect(failures([tally])).toEqual([]);
    expect(tally.tried).toBeGreaterThan(0);
});
