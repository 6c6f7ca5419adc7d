/** Names of hub models as people type them. */
import { expect, it } from 'vitest';
import { modelFromWords } from '../../../src/extension/downloads/model-names.ts';
import { Language } from '../../../src/language/index.ts';
import { hubModelIn } from '../../../src/language/meaning/hub-models.ts';
import { hubName } from '../../../src/plan/model-names.ts';

const parser = new Language().services.sdspec.parser.LangiumParser;
const language = { hubModelIn: async (text: string) => hubModelIn(text, parser) };

it.each([
    ['hf:owner/name', 'hf:owner/name@main'],
    [' hf:owner/name@v1.0 ', 'hf:owner/name@v1.0'],
    ['owner/name@451f4fe', 'hf:owner/name@451f4fe'],
    ['"hf:owner/name" revision "451f4fe"', 'hf:owner/name@451f4fe'],
    ['model m = "hf:owner/name"', 'hf:owner/name@main'],
    ['model sd-15 = "hf:owner/name" predicts v // the revision "x"', 'hf:owner/name@main'],
    ['model m = "./folder"', undefined],
    ['"hf:owner/name', undefined],
    ['lora m = "hf:owner/name"', undefined],
    ['https://huggingface.co/owner/name', 'hf:owner/name@main'],
    ['https://huggingface.co/owner/name/tree/451f4fe', 'hf:owner/name@451f4fe'],
    ['', undefined],
    ['owner', undefined],
    ['hf:owner', undefined],
    ['hf:owner/..', undefined],
    ['https://huggingface.co/owner', undefined],
    ['a turtle', undefined],
])('%j means %s', async (words, name) => {
    const model = await modelFromWords(words, language);
    expect(model && hubName(model)).toBe(name);
});
