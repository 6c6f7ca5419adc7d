/** Tokens in the editor are those that the runtime reads. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tokenize } from '../../../src/language/lsp/tokenizers.ts';
import { clipTokenizer } from '../../../src/runtime/text/tokenizer.ts';
import { Editor } from './editor.ts';

const read = (name: string) =>
    readFileSync(new URL(`../../../models/sketch/tokenizer/${name}`, import.meta.url), 'utf8');
const reference = clipTokenizer({
    vocab: JSON.parse(read('vocab.json')),
    merges: read('merges.txt'),
    config: JSON.parse(read('tokenizer_config.json')),
});
const lines = read('merges.txt')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#version'));
const ranks = new Map(lines.map((line, rank) => [line, rank]));

describe('as many tokens as the runtime', () => {
    const check = (text: string) =>
        test(text, () => expect(tokenize(text, ranks)).toHaveLength(reference.tokenize(text).length));
    check('a photo of a turtle on a beach');
    check("It's Dusk: the lighthouse's LIGHT, 3 ships & 12 gulls!");
    check('café naïve 漢字 🎨');
    check('   spaces   and\nlines  ');
    check('');
    check('...---...');
});

test('words beyond the limit are reported', async () => {
    const editor = await Editor.start();
    const words = Array.from({ length: 90 }, () => 'sea').join(' ');
    const document = await editor.open(`model m = "builtin:sketch"\ngenerate g { use m prompt "${words}" }\n`);
    const messages = (document.diagnostics ?? []).map(({ message }) => String(message));
    expect(messages.some((message) => message.includes('reads 75'))).toBe(true);
});
