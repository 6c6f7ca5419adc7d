/** Clauses that are written into the text of a generate. */
import { expect, it } from 'vitest';
import { isGenerate } from '../../../src/language/generated/ast.ts';
import { addClause } from '../../../src/language/write/add-clause.ts';
import { parse } from '../workbench.ts';

async function added(text: string, clause: string, declarations: readonly string[] = []): Promise<string> {
    const { declarations: all } = (await parse(text)).parseResult.value;
    const edits = addClause(all.find(isGenerate)!, { clause, declarations });
    return edits
        .toSorted((a, b) => b.start - a.start)
        .reduce((before, { start, end, text: now }) => before.slice(0, start) + now + before.slice(end), text);
}

it.each([
    ['generate a {\n    seed 1\n}\n', 'infuse e', 'generate a {\n    seed 1\n    infuse e\n}\n'],
    ['generate a { seed 1 }', 'infuse e', 'generate a { seed 1 infuse e }'],
    ['generate a {\n    infuse e { mid 1 }\n}\n', 'mask m', 'generate a {\n    infuse e { mid 1 }\n    mask m\n}\n'],
    [
        'generate a {\n    start from b strength 0.5\n    seed 1\n}\n',
        'start from e strength 0.6',
        'generate a {\n    start from e strength 0.6\n    seed 1\n}\n',
    ],
    [
        'generate a {\n    expect {\n        time <= 90s\n    }\n}\n',
        'expect { image phash:c3d2e1f0a1b2c3d4 within 4 }',
        'generate a {\n    expect {\n        time <= 90s\n        image phash:c3d2e1f0a1b2c3d4 within 4\n    }\n}\n',
    ],
])('%j with %s', async (text, clause, expected) => expect(await added(text, clause)).toBe(expected));

it('declares what the clause needs above the generate and its comment', async () => {
    const text = 'model m = "builtin:sketch"\n\n/** Mine. */\ngenerate a {\n    use m\n}\n';
    expect(await added(text, 'infuse e', ['image e = "./e.png"'])).toBe(
        'model m = "builtin:sketch"\n\nimage e = "./e.png"\n\n/** Mine. */\ngenerate a {\n    use m\n    infuse e\n}\n',
    );
});
