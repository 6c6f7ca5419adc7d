/** Finds the tokenizer of a checkpoint. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenizerFiles } from './parts.ts';

/** Files of a tokenizer in a folder; undefined where neither form is complete. */
export function findTokenizer(folder: string): TokenizerFiles | undefined {
    const file = (name: string) => {
        const path = join(folder, name);
        return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : undefined;
    };
    const tokenizer = file('tokenizer.json');
    const vocab = file('vocab.json');
    const merges = file('merges.txt');
    if (!tokenizer && !(vocab && merges)) return undefined;
    const config = file('tokenizer_config.json');
    const specialTokens = file('special_tokens_map.json');
    return {
        folder,
        ...(tokenizer && { tokenizer }),
        ...(vocab && merges && { vocab, merges }),
        ...(config && { config }),
        ...(specialTokens && { specialTokens }),
    };
}
