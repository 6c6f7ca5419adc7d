import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadGoldens } from '../../parity/golden.ts';
import { run as runRng } from '../../parity/groups/rng.ts';
import { run as runSchedulers } from '../../parity/groups/schedulers.ts';

const ROOT = join(import.meta.dirname, '../../goldens');

test.each([
    ['rng', '.', runRng],
    ['schedulers', '.', runSchedulers],
    // Orders, solver types, last sigmas and starts beyond the common ones, made by the same script (diffusers 0.40).
    ['schedulers', 'samplers', runSchedulers],
] as const)('every golden of %s in %s is met', async (name, folder, run) => {
    const failed: string[] = [];
    let cases = 0;
    const root = join(ROOT, folder);
    for await (const { id, passed, error, atol, note } of run(root, loadGoldens(root, name))) {
        cases++;
        if (!passed) failed.push(`${id}: ${note} ${error} > ${atol}`);
    }
    expect(failed).toEqual([]);
    expect(cases).toBeGreaterThan(30);
});
