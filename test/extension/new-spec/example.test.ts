/** The example of `SDSpec: New Experiment`: laid out as the formatter does, and ready to run. */
import { expect, it } from 'vitest';
import { EXAMPLE } from '../../../src/extension/new-spec/example-text.ts';
import { Language, listRunnables, lowerRun, problemsOf } from '../../../src/language/index.ts';
import { formatted } from '../../../src/language/lsp/format/formatter.ts';
import { Editor } from '../../language/lsp/editor.ts';

it('is formatted', async () => {
    const editor = await Editor.start({});
    expect(formatted(await editor.open(EXAMPLE))).toBe(EXAMPLE);
});

it('has no problems and can be run', async () => {
    const document = await new Language().parseText(EXAMPLE);
    expect(problemsOf(document)).toEqual([]);
    for (const { name } of listRunnables(document)) expect(lowerRun(document, name).value, name).toBeDefined();
});
