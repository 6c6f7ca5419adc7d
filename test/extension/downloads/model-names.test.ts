/** Names of hub models: where specs declare them, and what people type. */
import { expect, it } from 'vitest';
import { declaredModels, modelFromWords } from '../../../src/extension/downloads/model-names.ts';
import { hubName } from '../../../src/plan/model-names.ts';

const SPEC = `model a = "hf:owner/name" revision "451f4fe"
// model b = "hf:owner/commented"
    model   c="hf:owner/other"
model d = "builtin:sketch"
model e = "hf:nobody"
generate broken {
`;

it('finds what a spec declares, even while it is broken elsewhere', () => {
    const found = declaredModels(SPEC);
    expect(found.map(({ model }) => hubName(model))).toEqual(['hf:owner/name@451f4fe', 'hf:owner/other@main']);
    expect(found.map(({ start, end }) => SPEC.slice(start, end))).toEqual([
        'model a = "hf:owner/name" revision "451f4fe"',
        'model   c="hf:owner/other"',
    ]);
});

it.each([
    ['hf:owner/name', 'hf:owner/name@main'],
    [' hf:owner/name@v1.0 ', 'hf:owner/name@v1.0'],
    ['owner/name@451f4fe', 'hf:owner/name@451f4fe'],
    ['"hf:owner/name" revision "451f4fe"', 'hf:owner/name@451f4fe'],
    ['model m = "hf:owner/name"', 'hf:owner/name@main'],
    ['https://huggingface.co/owner/name', 'hf:owner/name@main'],
    ['https://huggingface.co/owner/name/tree/451f4fe', 'hf:owner/name@451f4fe'],
    ['', undefined],
    ['owner', undefined],
    ['hf:owner', undefined],
    ['hf:owner/..', undefined],
    ['https://huggingface.co/owner', undefined],
    ['a turtle', undefined],
])('%j means %s', (words, name) => {
    const model = modelFromWords(words);
    expect(model && hubName(model)).toBe(name);
});
