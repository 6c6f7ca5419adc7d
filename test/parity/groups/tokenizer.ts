/** Tokenizer: ids with padding and truncation, and untruncated, exactly as the reference has them. */
import { join } from 'node:path';
import { loadTokenizer } from '../../../src/runtime/text/load-tokenizer.ts';
import type { ClipTokenizer } from '../../../src/runtime/text/tokenizer.ts';
import { findTokenizer } from '../../../src/runtime/weights/tokenizer-files.ts';
import { type ParityGroup, worstError } from '../golden.ts';

export const run: ParityGroup = async function* (root, { cases }) {
    const tokenizers = new Map<string, ClipTokenizer>();
    for (const { id, inputs, outputs } of cases) {
        const name: string = inputs.tokenizer;
        const tokenizer = tokenizers.get(name) ?? loadTokenizer(findTokenizer(join(root, 'models', name))!);
        tokenizers.set(name, tokenizer);
        const error = Math.max(
            worstError(tokenizer.encodePadded(inputs.text), outputs.ids),
            worstError(tokenizer.encode(inputs.text), outputs.untruncated),
        );
        yield { id, error, atol: 0, passed: error === 0, ...(error > 0 && { note: JSON.stringify(inputs.text) }) };
    }
};
