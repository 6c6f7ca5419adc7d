/** Hub models are found where a spec declares them, and nowhere else. */
import { expect, it } from 'vitest';
import { Language } from '../../../src/language/index.ts';
import { hubDeclarations } from '../../../src/language/meaning/hub-models.ts';
import { hubName } from '../../../src/plan/model-names.ts';

const language = new Language();

async function found(text: string) {
    return hubDeclarations((await language.parseText(text)).parseResult.value).map(({ node, model }) => ({
        name: hubName(model),
        text: node.$cstNode?.text,
    }));
}

it('finds what a spec declares, even while it is broken elsewhere', async () => {
    const text = `model a = "hf:owner/name" revision "451f4fe"
// model b = "hf:owner/commented"
    model   c="hf:owner/other"
model d = "builtin:sketch"
model e = "hf:nothing"
generate broken {
`;
    expect(await found(text)).toEqual([
        { name: 'hf:owner/name@451f4fe', text: 'model a = "hf:owner/name" revision "451f4fe"' },
        { name: 'hf:owner/other@main', text: 'model   c="hf:owner/other"' },
    ]);
});

it('words and comments declare no model', async () => {
    const text = `prompt p = """
model a = "hf:owner/words"
"""
/*
model b = "hf:owner/commented"
*/
`;
    expect(await found(text)).toEqual([]);
});

it('a declaration may be anywhere in its line, and over several', async () => {
    const text =
        'model sd-15 = "hf:owner/one" /* and */ model b =\n    "hf:owner/two"\n    predicts v\n    revision "abc"';
    expect((await found(text)).map(({ name }) => name)).toEqual(['hf:owner/one@main', 'hf:owner/two@main']);
});

it('below a declaration that is not finished', async () => {
    const text = 'generate a { prompt \nmodel b = "hf:owner/name"\n';
    expect((await found(text)).map(({ name }) => name)).toEqual(['hf:owner/name@main']);
});
