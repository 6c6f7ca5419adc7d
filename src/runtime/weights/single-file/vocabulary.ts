/** A tokenizer for models that come without one: beside the file, the one that comes with sdspec, or another model's. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { hubCache } from '../../models-folder.ts';
import { ModelError } from '../model-error.ts';
import type { TokenizerFiles } from '../parts.ts';
import { findTokenizer } from '../tokenizer-files.ts';
import { CLIP_SIZE, clipVocabulary } from './clip-vocabulary.ts';

export interface VocabularyNeeds {
    /** Rows of the model's token embedding: only a vocabulary of exactly this size fits. */
    readonly size: number;
    /** What the family pads with; whatever file the vocabulary comes from, this counts. */
    readonly pad: string;
}

/**
 * The tokenizer of a single file: a folder named in the overrides, one beside the file, CLIP's own where the size is
 * CLIP's, that of a model folder beside the file, or one in the Hugging Face cache.
 */
export function findVocabulary(
    path: string,
    given: string | undefined,
    needs: VocabularyNeeds,
): { readonly files: TokenizerFiles; readonly borrowed: boolean } {
    const folder = dirname(path);
    const own = given
        ? [given]
        : [join(folder, `${basename(path, extname(path))}.tokenizer`), join(folder, 'tokenizer')];
    const padded = (files: TokenizerFiles): TokenizerFiles => ({ ...files, pad: needs.pad });
    for (const place of own) {
        const files = findTokenizer(place);
        const size = files && sizeOf(files);
        if (files && (size === undefined || size === needs.size)) return { files: padded(files), borrowed: false };
        if (files && given) throw wrongSize(place, size, needs);
    }
    if (given === undefined && needs.size === CLIP_SIZE) return { files: padded(clipVocabulary()), borrowed: false };
    if (given === undefined) {
        for (const place of [...foldersIn(folder).map((model) => join(model, 'tokenizer')), ...cachedPlaces()]) {
            const files = findTokenizer(place);
            if (files && sizeOf(files) === needs.size) return { files: padded(files), borrowed: true };
        }
    }
    throw new ModelError(
        'model/missing-part',
        `"${path}" holds no tokenizer, and its vocabulary of ${needs.size} tokens is not CLIP's (${CLIP_SIZE}), which comes with sdspec. ` +
            `Put the vocab.json and merges.txt that it was trained with into ${own.map((place) => `"${place}"`).join(' or ')}.`,
    );
}

function wrongSize(place: string, size: number | undefined, needs: VocabularyNeeds): ModelError {
    return new ModelError(
        'model/unsupported',
        `The tokenizer in "${place}" has ${size} tokens, but the model reads ${needs.size}: it belongs to another model.`,
    );
}

/** Tokenizers of models in the cache that Hugging Face's tools share, in a fixed order. */
function cachedPlaces(): readonly string[] {
    const snapshots = foldersIn(hubCache())
        .filter((place) => basename(place).startsWith('models--'))
        .flatMap((model) => foldersIn(join(model, 'snapshots')));
    return snapshots.flatMap((snapshot) => [join(snapshot, 'tokenizer'), snapshot]);
}

/** Folders within a folder by name; none where it can't be read. */
function foldersIn(folder: string): readonly string[] {
    try {
        return readdirSync(folder)
            .sort()
            .map((name) => join(folder, name))
            .filter((place) => statSync(place, { throwIfNoEntry: false })?.isDirectory());
    } catch {
        return [];
    }
}

/** How many tokens a vocabulary has; undefined where it is unknown. */
function sizeOf({ vocab }: TokenizerFiles): number | undefined {
    if (vocab === undefined) return undefined;
    try {
        return Object.keys(JSON.parse(readFileSync(vocab, 'utf8'))).length;
    } catch {
        return undefined;
    }
}
