/** A tokenizer for models that come without one: beside the file, or borrowed from another model on this machine. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { hubCache } from '../models-folder.ts';
import { ModelError } from './model-error.ts';
import type { TokenizerFiles } from './parts.ts';
import { findTokenizer } from './tokenizer-files.ts';

export interface VocabularyNeeds {
    /** Rows of the model's token embedding: only a vocabulary of exactly this size fits. */
    readonly size: number;
    /** What the family pads with; a borrowed tokenizer may come from another family. */
    readonly pad: string;
}

/**
 * All Stable Diffusion 1 and 2 models share CLIP's vocabulary, so any tokenizer of the right size will do: a folder
 * named in the overrides, one beside the file, that of a model folder beside the file, or one in the Hugging Face cache.
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
    for (const place of own) {
        const files = findTokenizer(place);
        if (files) return { files, borrowed: false };
    }
    if (given === undefined) {
        for (const place of [...foldersIn(folder).map((model) => join(model, 'tokenizer')), ...cachedPlaces()]) {
            const files = findTokenizer(place);
            if (files && sizeOf(files) === needs.size) return { files: { ...files, pad: needs.pad }, borrowed: true };
        }
    }
    throw new ModelError(
        'model/missing-part',
        `A single file holds no tokenizer, and there is none in ${own.map((place) => `"${place}"`).join(' or ')}, nor one of ${needs.size} tokens in a model beside it or in the Hugging Face cache. ` +
            "Put CLIP's vocab.json and merges.txt into one of these folders.",
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
