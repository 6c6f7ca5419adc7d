/** Reads a tokenizer's files from disk. */
import { readFileSync } from 'node:fs';
import { ModelError } from '../weights/model-error.ts';
import type { TokenizerFiles } from '../weights/parts.ts';
import { vocabularyOfMerges } from '../weights/single-file/clip-vocabulary.ts';
import { readJson } from '../weights/weight-files.ts';
import { type ClipTokenizer, clipTokenizer } from './tokenizer.ts';

/** Throws `ModelError` where a file can't be read or is no tokenizer of CLIP. */
export function loadTokenizer(files: TokenizerFiles): ClipTokenizer {
    const json = (file: string | undefined) =>
        file === undefined ? undefined : readJson(file, 'a file of the tokenizer');
    try {
        const config = files.pad === undefined ? json(files.config) : { ...json(files.config), pad_token: files.pad };
        const specialTokens = json(files.specialTokens);
        // vocab.json and merges.txt first: `tokenizer.json` of some old models was made by a converter with errors.
        const merges = files.merges && readFileSync(files.merges, 'utf8');
        const model = merges
            ? {
                  vocab: files.vocab
                      ? vocabularyIn(readJson(files.vocab, 'the vocabulary'), files.vocab)
                      : vocabularyOfMerges(merges),
                  merges,
              }
            : { tokenizer: json(files.tokenizer) ?? {} };
        return clipTokenizer({ ...model, ...(config && { config }), ...(specialTokens && { specialTokens }) });
    } catch (cause) {
        if (cause instanceof ModelError) throw cause;
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new ModelError('model/broken-file', `The tokenizer in "${files.folder}" can't be read: ${why}`, {
            cause,
        });
    }
}

/** More entries than any vocabulary of CLIP has. */
const MAX_ENTRIES = 500_000;

/** The ids of a vocabulary, checked: each a whole number, none beyond what there are tokens for. */
function vocabularyIn(json: Readonly<Record<string, unknown>>, file: string): Readonly<Record<string, number>> {
    const entries = Object.entries(json);
    const isId = (id: unknown) => Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < 2 * MAX_ENTRIES;
    if (entries.length <= MAX_ENTRIES && entries.every(([, id]) => isId(id))) return json as Record<string, number>;
    throw new ModelError('model/broken-file', `"${file}" (the vocabulary) does not give each token a number.`);
}
