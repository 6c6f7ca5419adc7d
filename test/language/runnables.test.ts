/** What a spec can run: only what has a name. */
import { expect, it } from 'vitest';
import { listRunnables, lowerRun } from '../../src/language/index.ts';
import { parse } from './workbench.ts';

it('a runnable without a name, or named like a word of the language, can not be run', async () => {
    const document = await parse(
        'generate a { prompt "a turtle" }\ngenerate on extends a { seed 3 }\nsweep over a { seed in 1..2 }',
    );
    expect(listRunnables(document).map(({ name }) => name)).toEqual(['a']);
    expect(lowerRun(document, 'b').problems.map(({ message }) => message)).toEqual([expect.stringContaining('b')]);
});
