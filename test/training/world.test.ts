/** The world that the built-in model learns from: the same seed draws the same picture and caption. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, '..', '..', 'training', 'test_world.py');

it('draws the first pictures of the world as recorded', { timeout: 120_000 }, (context) => {
    const { status, stdout, stderr, error } = spawnSync('python3', [SCRIPT], { encoding: 'utf8' });
    if (error) return context.skip(`python3 does not start: ${error.message}`);
    const skipped = /^skipped: (.*)/m.exec(stdout)?.[1];
    if (skipped) return context.skip(skipped);
    expect(stderr + stdout).toMatch(/(\d+) of \1 pictures as recorded/);
    expect(status).toBe(0);
});
