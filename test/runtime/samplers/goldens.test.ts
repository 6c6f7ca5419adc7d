import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadGoldens } from '../../parity/golden.ts';
import { run as runRng } from '../../parity/groups/rng.ts';
import { run as runSchedulers } from '../../parity/groups/schedulers.ts';

const ROOT = join(import.meta.dirname, '../../goldens');

test.each([
    ['rng', runRng],
    ['schedulers', runSchedulers],
] as const)('every golden of %s is met', async (name, run) => {
    const failed: string[] = [];
    let cases = 0;
    for await (const { id, passed, error, atol, note } of run(ROOT, loadGoldens(ROOT, name))) {
        cases++;
        if (!passed) failed.push(`${id}: ${note} ${error} > ${atol}`);
    }
    expect(failed).toEqual([]);
    expect(cases).toBeGreaterThan(30);
});
