/** Tokenizers: how CLIP cuts words into tokens, from the vocabulary and merges that are beside a model. */
import { URI, UriUtils } from 'langium';
import type { ModelRef } from '../../plan/plan.ts';
import type { FileAccess } from '../host/files.ts';
import { folderOfSpec } from '../linking/paths.ts';

/** CLIP reads 77 tokens, two of which are its marks. */
const LIMIT = 75;

export interface TokenList {
    readonly tokens: readonly string[];
    /** How many the text encoder reads. */
    readonly limit: number;
    /** The words beyond the limit. */
    readonly lost: string;
}

export class Tokenizers {
    readonly #files: FileAccess;
    readonly #builtin: URI | undefined;
    readonly #known = new Map<string, ReadonlyMap<string, number>>();
    readonly #words = new Map<string, ReadonlySet<string>>();

    constructor(files: FileAccess, builtin: URI | undefined) {
        this.#files = files;
        this.#builtin = builtin;
    }

    /** The tokens of some words; undefined where the model's tokenizer is not on disk. `from` is the model's document. */
    tokensOf(model: ModelRef, from: URI, words: string): TokenList | undefined {
        const ranks = this.#ranksOf(model, from);
        if (!ranks) return undefined;
        const pieces = tokenize(words, ranks);
        const plain = (part: readonly string[]) =>
            part
                .map((piece) => piece.replace(END, ' '))
                .join('')
                .trim();
        return {
            tokens: pieces.map((piece) => piece.replace(END, '')),
            limit: LIMIT,
            lost: plain(pieces.slice(LIMIT)),
        };
    }

    /** The host's files, with what a model's vocabulary says to the checks. */
    withCount(files: FileAccess): FileAccess {
        return {
            kindOf: (uri) => files.kindOf(uri),
            glob: (folder, pattern) => files.glob(folder, pattern),
            pictureSize: (uri) => files.pictureSize(uri),
            readText: (uri) => files.readText(uri),
            modelHead: (uri) => files.modelHead?.(uri),
            knownWords: (model) => this.#wordsOf(model),
            countTokens: (model, folder, text) => {
                const found = this.tokensOf(model, UriUtils.joinPath(URI.parse(folder), 'spec.sdspec'), text);
                return found && { count: found.tokens.length, limit: found.limit, lost: found.lost };
            },
        };
    }

    #wordsOf(model: ModelRef): ReadonlySet<string> | undefined {
        if (model.kind !== 'builtin' || !this.#builtin) return undefined;
        const file = UriUtils.joinPath(this.#builtin, model.name, 'vocabulary.json').toString();
        const known = this.#words.get(file) ?? wordsIn(this.#files.readText(file));
        this.#words.set(file, known);
        return known.size > 0 ? known : undefined;
    }

    #ranksOf(model: ModelRef, from: URI): ReadonlyMap<string, number> | undefined {
        const folder = this.#folderOf(model, from);
        if (!folder) return undefined;
        const file = UriUtils.joinPath(folder, 'tokenizer', 'merges.txt').toString();
        const known = this.#known.get(file);
        if (known) return known;
        const text = this.#files.readText(file);
        if (text === undefined) return undefined;
        const ranks = ranksOf(text);
        this.#known.set(file, ranks);
        return ranks;
    }

    #folderOf(model: ModelRef, from: URI): URI | undefined {
        if (model.kind === 'builtin') return this.#builtin && UriUtils.joinPath(this.#builtin, model.name);
        const folder = folderOfSpec(from);
        return model.kind === 'file' && folder.scheme === 'file' ? UriUtils.resolvePath(folder, model.path) : undefined;
    }
}

/** The words in the lists of a vocabulary. */
function wordsIn(json: string | undefined): ReadonlySet<string> {
    const lists = json === undefined ? [] : Object.values(JSON.parse(json) as Record<string, unknown>);
    return new Set(
        JSON.stringify(lists)
            .toLowerCase()
            .match(/[a-z]+/g),
    );
}

/** The order in which pairs are merged, by `left right`. */
function ranksOf(merges: string): ReadonlyMap<string, number> {
    const lines = merges.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version'));
    return new Map(lines.map((line, rank) => [line, rank]));
}

/** The pattern that OpenAI's CLIP splits text by, before merging; a learned token in `<>` stays whole. */
const WORDS = /<[a-z_][\w-]*>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/giu;

/** The mark of a word's last piece. */
const END = '</w>';

/** Byte-pair encoding of lower-cased words. */
export function tokenize(text: string, ranks: ReadonlyMap<string, number>): readonly string[] {
    const words = text.normalize('NFC').toLowerCase().match(WORDS) ?? [];
    return words.flatMap((word) => (LEARNED.test(word) ? [word + END] : merged(word, ranks)));
}

const LEARNED = /^<.+>$/;

function merged(word: string, ranks: ReadonlyMap<string, number>): readonly string[] {
    let pieces = [...new TextEncoder().encode(word)].map((byte) => BYTES[byte]!);
    pieces = [...pieces.slice(0, -1), `${pieces.at(-1)}${END}`];
    for (;;) {
        let best = -1;
        let lowest = Number.POSITIVE_INFINITY;
        for (let i = 0; i + 1 < pieces.length; i++) {
            const rank = ranks.get(`${pieces[i]} ${pieces[i + 1]}`) ?? Number.POSITIVE_INFINITY;
            if (rank < lowest) [best, lowest] = [i, rank];
        }
        if (best < 0) return pieces;
        pieces = [...pieces.slice(0, best), pieces[best]! + pieces[best + 1]!, ...pieces.slice(best + 2)];
    }
}

/** Every byte as a printable character, as GPT-2 does it: printable ones stand for themselves, others from U+0100 on. */
const BYTES: readonly string[] = (() => {
    const printable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    let next = 256;
    return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();
