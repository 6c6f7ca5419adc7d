/** Inheritance: what is remembered of a generate's settings, and when it is computed again. */
import { type LangiumDocument, URI } from 'langium';
import { expect, it } from 'vitest';
import * as ast from '../../../src/language/generated/ast.ts';
import { effective, lineage } from '../../../src/language/meaning/inherit.ts';
import { Editor } from '../lsp/editor.ts';
import { parse } from '../workbench.ts';

function generateOf({ parseResult }: LangiumDocument, name: string): ast.Generate {
    const { declarations } = parseResult.value as ast.Spec;
    return declarations.filter(ast.isGenerate).find((one) => one.name === name)!;
}

const stepsOf = (generate: ast.Generate) =>
    effective(generate).flatMap(({ setting, from }) =>
        ast.isStepsClause(setting) ? [`${setting.$cstNode?.text} of ${from.name}`] : [],
    );

it('is computed once as long as nothing changes', async () => {
    const document = await parse('generate a { steps 5 }\ngenerate b extends a { seed 1 }');
    const generate = generateOf(document as unknown as LangiumDocument, 'b');
    expect(effective(generate)).toBe(effective(generate));
    expect(stepsOf(generate)).toEqual(['steps 5 of a']);
});

it('forgets a base whose file is taken away', async () => {
    const editor = await Editor.start();
    await editor.open('generate a { steps 5 }', '/base.sdspec');
    const document = await editor.open(
        'import { a } from "./base.sdspec"\ngenerate b extends a { seed 1 }',
        '/heir.sdspec',
    );
    const generate = generateOf(document, 'b');
    expect(stepsOf(generate)).toEqual(['steps 5 of a']);

    await editor.services.shared.workspace.DocumentBuilder.update([], [URI.file('/base.sdspec')]);
    expect(generateOf(document, 'b')).toBe(generate);
    expect(stepsOf(generate)).toEqual([]);
});

it('of a circle ends, and holds what each has written', async () => {
    const document = await parse('generate a extends b { steps 5 }\ngenerate b extends a { seed 1 }');
    const generate = generateOf(document as unknown as LangiumDocument, 'b');
    expect(lineage(generate).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(stepsOf(generate)).toEqual(['steps 5 of a']);
});
