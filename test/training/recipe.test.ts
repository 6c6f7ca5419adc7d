/** The recipe's bookkeeping, without the training itself: what a second run repeats, and what it refuses. */
import { expect, it } from 'vitest';
import { findPython, NO_PYTHON, runScript } from './python.ts';

it('continues where it stopped, and begins nothing over what is there', (context) => {
    const python = findPython();
    if (!python) return context.skip(NO_PYTHON);
    const { status, said } = runScript(python, 'test_recipe.py');
    expect(said).toMatch(/Ran \d+ tests/);
    expect(status, said).toBe(0);
});
