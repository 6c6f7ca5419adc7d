/** Prompts in the notations of other tools: emphasis in brackets becomes phrases with weights. */

import type { Origin } from '../../../plan/origin.ts';
import { type Phrase, phraseOf, type Stretch } from '../../../plan/phrases.ts';
import { fits, nearestFit, RANGES } from '../../meaning/ranges.ts';
import { figure } from '../curve-text.ts';
import { bare, short, UNSAYABLE, withoutUnsayable } from '../prompt-unsayable.ts';

type Tool = Origin['tool'];

interface ReadPrompt {
    readonly phrases: readonly Phrase[];
    /** What the prompt says and specs can't. */
    readonly notes: readonly string[];
}

/** Longer prompts are not read: nested brackets would take too long. */
const MAX_LENGTH = 20_000;
/** More of a prompt would make a spec that is too large to be read. */
const MAX_WRITTEN = 50_000;

/**
 * Returns the phrases of a prompt that a tool wrote, and what gets lost. `embeddings` are the learned words that it names:
 * they become `<name>`.
 */
export function readPrompt(prompt: string, tool: Tool, embeddings: readonly string[] = []): ReadPrompt {
    if (prompt.length > MAX_LENGTH) {
        const unread = `Emphasis was not read: the prompt is longer than ${MAX_LENGTH} characters.`;
        if (prompt.length <= MAX_WRITTEN) return { phrases: [{ text: prompt, weight: 1 }], notes: [unread] };
        const cut = `The prompt has ${prompt.length} characters, of which the first ${MAX_WRITTEN} are written.`;
        return { phrases: [{ text: prompt.slice(0, MAX_WRITTEN), weight: 1 }], notes: [unread, cut] };
    }
    const { text, notes } = withoutUnsayable(prompt.replace(/\s+/g, ' '), UNSAYABLE[tool]);
    const learned = withLearned(text, tool, embeddings);
    const pieces = piecesOf(WITHIN[tool]?.(learned) ?? learned, NOTATIONS[tool]);
    const tooMuch = runsOf(pieces).filter(
        ({ text: words, weight }) => words.trim() !== '' && !fits(RANGES.emphasis, weight),
    );
    const runs = runsOf(pieces.map((piece) => ({ ...piece, weight: nearestFit(RANGES.emphasis, piece.weight) })));
    const more: string[] = tooMuch.map(
        ({ text: words, weight }) => `"${short(bare(words))}" has weight ${figure(weight)}. ${RANGES.emphasis.rule}`,
    );
    const phrases = segmentsOf(runs).flatMap((segment): readonly Phrase[] => {
        const phrase = phraseOf(segment);
        if (phrase) return [phrase];
        more.push('Phrases are joined by commas, some of which the prompt does not have.');
        return segment.map((one) => ({ text: bare(one.text), weight: one.weight })).filter((one) => one.text !== '');
    });
    return { phrases: merged(phrases), notes: [...new Set([...notes, ...more])] };
}

/** What is between commas, each as stretches of one weight; empty ones are left out. */
function segmentsOf(runs: readonly Stretch[]): readonly (readonly Stretch[])[] {
    const segments: Stretch[][] = [[]];
    for (const { text, weight } of runs) {
        for (const [index, part] of text.split(',').entries()) {
            if (index > 0) segments.push([]);
            if (part !== '') segments.at(-1)!.push({ text: part, weight });
        }
    }
    return segments.map(trimmed).filter((segment) => segment.length > 0);
}

/** Without white space at both ends. */
function trimmed(segment: readonly Stretch[]): readonly Stretch[] {
    const isWord = ({ text }: Stretch) => text.trim() !== '';
    const inner = segment.slice(segment.findIndex(isWord), segment.findLastIndex(isWord) + 1);
    const last = inner.length - 1;
    return inner.map(({ text, weight }, at) => {
        const begun = at === 0 ? text.trimStart() : text;
        return { text: at === last ? begun.trimEnd() : begun, weight };
    });
}

/** Neighbours of one weight, joined by the commas that were between them. */
function merged(phrases: readonly Phrase[]): readonly Phrase[] {
    const list: Phrase[] = [];
    for (const phrase of phrases) {
        const last = list.at(-1);
        if (last && !last.words && !phrase.words && last.weight === phrase.weight) {
            list[list.length - 1] = { text: `${last.text}, ${phrase.text}`, weight: last.weight };
        } else list.push(onlyWeight(phrase));
    }
    return list;
}

/** A weight on all of the words is the phrase's own. */
function onlyWeight(phrase: Phrase): Phrase {
    const [word, ...others] = phrase.words ?? [];
    return word && others.length === 0 && word.words === phrase.text
        ? { text: phrase.text, weight: word.weight }
        : phrase;
}

/** Learned words by the name that the tool gives them: bare, or marked. */
function withLearned(text: string, tool: Tool, embeddings: readonly string[]): string {
    if (tool === 'comfyui') {
        return text.replace(
            /\bembedding:([^\s,:()]+)/g,
            (_, name: string) => `<${name.replace(/\.(safetensors|pt|bin)$/, '')}>`,
        );
    }
    return embeddings.reduce((all, name) => {
        const escaped = name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
        return all.replace(
            new RegExp(`(?<![\\p{L}\\p{N}_<-])${escaped}(?![\\p{L}\\p{N}_>-])`, 'giu'),
            () => `<${name}>`,
        );
    }, text);
}

// ── Emphasis ───────────────────────────────────────────────────────────

/** A stretch of words; its weight is `settled` where no bracket around it has a say any more. */
interface Piece {
    readonly words: string;
    weight: number;
    settled: boolean;
}

interface Notation {
    /** What is escaped, brackets, and the words between them; the group is a weight before a round bracket closes. */
    readonly tokens: RegExp;
    /** Those that may hold a weight first; the factor multiplies the weight where none is written. */
    readonly brackets: readonly { readonly opens: string; readonly closes: string; readonly factor: number }[];
    /** Whether a written weight holds whatever is around it, or is multiplied with it. */
    readonly settles: boolean;
    /** What a bracket is that is not closed. */
    readonly unclosed: 'emphasis' | 'character';
}

/** AUTOMATIC1111's `parse_prompt_attention`. */
const AUTOMATIC_NOTATION: Notation = {
    tokens: /\\[()[\]\\]|:\s*([+-]?[.\d]+)\s*\)|[()[\]:]|[^\\()[\]:]+/g,
    brackets: [
        { opens: '(', closes: ')', factor: 1.1 },
        { opens: '[', closes: ']', factor: 1 / 1.1 },
    ],
    settles: false,
    unclosed: 'emphasis',
};
const NOTATIONS: Readonly<Record<Tool, Notation>> = {
    sdspec: AUTOMATIC_NOTATION,
    automatic1111: AUTOMATIC_NOTATION,
    fooocus: AUTOMATIC_NOTATION,
    swarmui: AUTOMATIC_NOTATION,
    novelai: {
        tokens: /:([+-]?[.\d]+)\uE001|[{}[\]\uE000]|[^{}[\]:\uE000\uE001]+|:/g,
        brackets: [
            { opens: '\uE000', closes: '\uE001', factor: 1 },
            { opens: '{', closes: '}', factor: 1.05 },
            { opens: '[', closes: ']', factor: 1 / 1.05 },
        ],
        settles: false,
        unclosed: 'emphasis',
    },
    /** Tools around diffusers read prompts as they are. */
    other: { tokens: /[\s\S]+/g, brackets: [], settles: false, unclosed: 'character' },
    /** ComfyUI's `token_weights`: square brackets are words. */
    comfyui: {
        tokens: /\\[()]|:\s*([+-]?[.\d]+)\s*\)|[():\\]|[^\\():]+/g,
        brackets: [{ opens: '(', closes: ')', factor: 1.1 }],
        settles: true,
        unclosed: 'character',
    },
    /** InvokeAI's compel, once its weights are within the brackets. */
    invokeai: {
        tokens: /\\[()]|:([.\d]+)\)|[():\\]|[^\\():]+/g,
        brackets: [{ opens: '(', closes: ')', factor: 1 }],
        settles: false,
        unclosed: 'character',
    },
};

/** The words of a prompt, each stretch with the weight that the brackets around it give it. */
function piecesOf(prompt: string, { tokens, brackets, settles, unclosed }: Notation): readonly Piece[] {
    const pieces: Piece[] = [];
    const pairs = brackets.map((bracket) => ({ ...bracket, starts: [] as number[] }));
    const [weighted] = pairs;
    const emphasise = (start: number, factor: number, isLast = false) => {
        for (let at = start; at < pieces.length; at++) {
            const piece = pieces[at]!;
            if (!piece.settled) piece.weight *= factor;
            piece.settled ||= isLast;
        }
    };
    for (const [token, weight] of prompt.matchAll(tokens)) {
        const opened = pairs.find(({ opens }) => opens === token);
        const closed = pairs.find(({ closes, starts }) => closes === token && starts.length > 0);
        if (opened) opened.starts.push(pieces.length);
        else if (closed) emphasise(closed.starts.pop()!, closed.factor);
        else if (weight && weighted && weighted.starts.length > 0)
            emphasise(weighted.starts.pop()!, Number(weight) || 0, settles);
        else pieces.push({ words: token.replace(/^\\(?=.)/, ''), weight: 1, settled: false });
    }
    for (const { opens, factor, starts } of pairs) {
        for (const start of starts.reverse()) {
            if (unclosed === 'emphasis') emphasise(start, factor);
            else pieces.splice(start, 0, { words: opens, weight: 1, settled: true });
        }
    }
    return pieces;
}

/** Neighbours of equal weight as one, weights as they are written. */
function runsOf(pieces: readonly Pick<Piece, 'words' | 'weight'>[]): readonly Stretch[] {
    const runs: Stretch[] = [];
    for (const { words, weight } of pieces) {
        const written = Number(figure(weight));
        const last = runs.at(-1);
        if (last?.weight === written) runs[runs.length - 1] = { text: last.text + words, weight: written };
        else runs.push({ text: words, weight: written });
    }
    return runs;
}

/** Notations whose weights are not within brackets, rewritten so that they are. */
const WITHIN: Readonly<Partial<Record<Tool, (prompt: string) => string>>> = {
    invokeai: weightsWithin,
    // NovelAI's `1.5::red hat::`, between characters that no prompt has.
    novelai: (prompt) => prompt.replace(/([+-]?\d*\.?\d+)::((?:(?!::).)*)(?:::|$)/g, '\uE000$2:$1\uE001'),
};

/** Compel writes weights behind brackets and words, `(old house)1.2` and `house++`: here they are before the bracket. */
function weightsWithin(prompt: string): string {
    return prompt
        .replace(/\)([+-]+|\d*\.?\d+)/g, (_, weight: string) => `:${strengthOf(weight)})`)
        .replace(
            /(?<![^\s(),])([^\s(),]*[^\s(),+-])([+-]+)(?![^\s(),.])/g,
            (_, word: string, signs: string) => `(${word}:${strengthOf(signs)})`,
        );
}

/** Each sign is a tenth more or less. */
function strengthOf(weight: string): number {
    const signs = weight.length;
    return weight.startsWith('+') ? 1.1 ** signs : weight.startsWith('-') ? 0.9 ** signs : Number(weight);
}
