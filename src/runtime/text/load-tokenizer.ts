/** Reads a tokenizer's files from disk. */
import { readFileSync } from 'node:fs';
import { ModelError } from '../weights/model-error.ts';
import type { TokenizerFiles } from '../weights/parts.ts';
import { vocabularyOfMerges } from '../weights/single-file/clip-vocabulary.ts';
import { type ClipTokenizer, clipTokenizer } from './tokenizer.ts';

/** Throws `ModelError` where a file can't be read or is no tokenizer of CLIP. */
export function loadTokenizer(files: TokenizerFiles): ClipTokenizer {
    const json = (file: string | undefined) =>
        file === undefined ? undefined : JSON.parse(readFileSync(file, 'utf8'));
    try {
        const config = files.pad === undefined ? json(files.config) : { ...json(files.config), pad_token: files.pad };
        const specialTokens = json(files.specialTokens);
        // vocab.json and merges.txt first: `tokenizer.json` of some old models was made by a converter with errors.
        const merges = files.merges && readFileSync(files.merges, 'utf8');
        const model = merges
            ? { vocab: files.vocab ? json(files.vocab) : vocabularyOfMerges(merges), merges }
            : { tokenizer: json(files.tokenizer) };
        return clipTokenizer({ ...model, ...(config && { config }), ...(specialTokens && { specialTokens }) });
    } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new ModelError('model/broken-file', `The tokenizer in "${files.folder}" can't be read: ${why}`, {
            cause,
        });
    }
}
