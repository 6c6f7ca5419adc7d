/** The world that the built-in model learns from: the same seed draws the same picture and caption. */
import { expect, it } from 'vitest';
import { findPython, NO_PYTHON, runScript } from './python.ts';

it('draws the first pictures of the world as recorded', { timeout: 120_000 }, (context) => {
    const python = findPython();
    if (!python) return context.skip(NO_PYTHON);
    const { status, said } = runScript(python, 'test_world.py');
    const skipped = /^skipped: (.*)/m.exec(said)?.[1];
    if (skipped) return context.skip(skipped);
    expect(said).toMatch(/(\d+) of \1 pictures as recorded/);
    expect(status).toBe(0);
});
