/** Segments: a prompt's phrases as stretches of tokens with one weight each. */
import { type Phrase, type Stretch, stretchesOf } from '../../plan/phrases.ts';
import type { ClipTokenizer } from './tokenizer.ts';

/** A token of a prompt: its id, the weight of its phrase, the text it stands for. */
export interface WeightedToken {
    readonly id: number;
    readonly weight: number;
    readonly text: string;
}

/** Ids that stand for each learned name, such as `moonglow` for `<moonglow>`. */
export type LearnedIds = ReadonlyMap<string, readonly number[]>;

/**
 * The tokens of phrases joined by ", ". Neighbours of equal weight are tokenized as one text, so that a prompt without
 * emphasis has exactly the reference's tokens; where the weight changes the text is cut, as other tools do with
 * `(word:1.3), more`. A separator beside an emphasised phrase belongs to the neighbour without emphasis.
 */
export function promptTokens(
    tokenizer: ClipTokenizer,
    phrases: readonly Phrase[],
    learned: LearnedIds = new Map(),
): readonly WeightedToken[] {
    return joinPhrases(phrases).flatMap(({ text, weight }) =>
        splitLearned(text, learned).flatMap((piece) =>
            typeof piece === 'string'
                ? tokenizer.tokenize(piece).map((token) => ({ ...token, weight }))
                : piece.ids.map((id) => ({ id, weight, text: `<${piece.name}> ` })),
        ),
    );
}

/** Phrases and separators as texts of one weight each. */
export function joinPhrases(phrases: readonly Phrase[]): readonly Stretch[] {
    const joined: Stretch[] = [];
    const append = ({ text, weight }: Stretch) => {
        const last = joined.at(-1);
        if (last && last.weight === weight) joined[joined.length - 1] = { text: last.text + text, weight };
        else joined.push({ text, weight });
    };
    for (const [index, phrase] of phrases.entries()) {
        const stretches = stretchesOf(phrase);
        const before = joined.at(-1)?.weight;
        if (index > 0) append({ text: ', ', weight: before === stretches[0]?.weight ? (before ?? 1) : 1 });
        for (const stretch of stretches) append(stretch);
    }
    return joined;
}

/** A piece of text, or a learned name with the ids that stand for it. */
type Piece = string | { readonly name: string; readonly ids: readonly number[] };

/** Cuts a text at the names of learned tokens. */
function splitLearned(text: string, learned: LearnedIds): readonly Piece[] {
    const pieces = learned.size === 0 ? [text] : text.split(/(<[^<>]+>)/).filter((piece) => piece !== '');
    return pieces.map((piece): Piece => {
        const name = /^<([^<>]+)>$/.exec(piece)?.[1];
        const ids = name === undefined ? undefined : learned.get(name);
        return name !== undefined && ids ? { name, ids } : piece;
    });
}
