/** Whole pipelines and experiments against the reference's latents. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadGoldens } from '../../parity/golden.ts';
import { run as experiments } from '../../parity/groups/experiments.ts';
import { run as pipelines } from '../../parity/groups/pipelines.ts';

const ROOT = join(import.meta.dirname, '../../goldens');

test.each([
    ['pipelines', pipelines, 66],
    ['experiments', experiments, 102],
] as const)(
    'every golden of %s is met',
    async (name, run, count) => {
        const results = [];
        for await (const result of run(ROOT, loadGoldens(ROOT, name))) results.push(result);
        expect(results.filter(({ passed }) => !passed)).toEqual([]);
        expect(results.length).toBe(count);
    },
    600_000,
);
