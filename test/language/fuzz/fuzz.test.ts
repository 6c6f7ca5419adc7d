/** Twenty thousand random edits: no exception, no hang, and after undoing them the problems are the same as before. */
import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

const SEED = 20260501;
const EDITS = 20_000;

test(`${EDITS} edits`, { timeout: 900_000 }, async () => {
    const { edits, failures, slowest } = await fuzz(SEED, EDITS);
    expect(failures).toEqual([]);
    expect(edits).toBeGreaterThanOrEqual(EDITS);
    expect(slowest).toBeLessThan(1000);
});
