/** Phrases: words with weights of their own, the stretches of one weight that they make, and what is read at which step. */
import { type Curve, sample, stepsOf, type Window } from './curve.ts';
import { canonicalJson } from './digest.ts';
import type { Moment } from './steps.ts';

/** A part of a phrase's text and its weight. */
export interface Stretch {
    readonly text: string;
    readonly weight: number;
}

/**
 * Cuts a phrase into stretches of one weight each; joined they are its text. A word's weight multiplies the phrase's. It
 * holds wherever the words are found whole, in upper or lower case; where several of the words overlap the last one counts.
 */
export function stretchesOf({ text, weight, words = [] }: Phrase): readonly Stretch[] {
    if (words.length === 0) return [{ text, weight }];
    const weights = Array<number>(text.length).fill(weight);
    for (const one of words)
        for (const { from, to } of placesOf(one.words, text)) weights.fill(weight * one.weight, from, to);
    const stretches: Stretch[] = [];
    for (let from = 0, to = 0; to <= text.length; to++) {
        if (to < text.length && weights[to] === weights[from]) continue;
        if (to > from) stretches.push({ text: text.slice(from, to), weight: weights[from]! });
        from = to;
    }
    return withoutGaps(stretches);
}

/** White space between two weights belongs to the stretch before it: it is no token of its own. */
function withoutGaps(stretches: readonly Stretch[]): readonly Stretch[] {
    const joined: Stretch[] = [];
    for (const { text, weight } of stretches) {
        const last = joined.at(-1);
        if (last && (text.trim() === '' || last.weight === weight)) {
            joined[joined.length - 1] = { text: last.text + text, weight: last.weight };
        } else joined.push({ text, weight });
    }
    return joined;
}

/** Where words are found whole in a text: not as a part of longer words. */
export function placesOf(words: string, text: string): readonly { readonly from: number; readonly to: number }[] {
    const trimmed = words.trim();
    if (trimmed === '') return [];
    const pattern = trimmed.split(/\s+/).map(escaped).join('\\s+');
    const before = LETTER.test(trimmed) ? '(?<![\\p{L}\\p{N}_])' : '';
    const after = LAST_LETTER.test(trimmed) ? '(?![\\p{L}\\p{N}_])' : '';
    return [...text.matchAll(new RegExp(`${before}${pattern}${after}`, 'giu'))].map((found) => ({
        from: found.index,
        to: found.index + found[0].length,
    }));
}

const LETTER = /^[\p{L}\p{N}_]/u;
const LAST_LETTER = /[\p{L}\p{N}_]$/u;

function escaped(text: string): string {
    return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/**
 * Returns the phrase whose words have the weights of these stretches: its lines are the words themselves where each is
 * found in its place alone, else longer beginnings of the text, of which later ones count. Undefined where words cannot
 * say it, as when a weight ends within a word.
 */
export function phraseOf(stretches: readonly Stretch[]): Phrase | undefined {
    const text = stretches.map((one) => one.text).join('');
    const direct = stretches.filter((one) => one.weight !== 1 && one.text.trim() !== '');
    if (direct.length === 0) return { text, weight: 1 };
    if (direct.length > MOST_WORDS) return undefined;
    for (const lines of [direct, ...(stretches.length > MOST_WORDS ? [] : [beginningsOf(stretches)])]) {
        const words = lines
            .map((one) => ({ words: one.text.trim(), weight: one.weight }))
            .filter((one) => one.words !== '');
        const phrase: Phrase = { text, weight: 1, words };
        if (isSame(stretchesOf(phrase), stretches)) return phrase;
    }
    return undefined;
}

/** More words with weights of their own than this are no phrase that a person reads. */
const MOST_WORDS = 64;

/** The text up to the end of each stretch, the longest first: later lines win. */
function beginningsOf(stretches: readonly Stretch[]): readonly Stretch[] {
    return stretches
        .map(({ weight }, at) => ({
            text: stretches
                .slice(0, at + 1)
                .map((one) => one.text)
                .join(''),
            weight,
        }))
        .reverse();
}

/** Whether two lists give every character that is no white space the same weight. */
function isSame(a: readonly Stretch[], b: readonly Stretch[]): boolean {
    const spread = (list: readonly Stretch[]) =>
        list
            .flatMap(({ text, weight }) => Array.from(text, (sign) => (/\s/.test(sign) ? '' : `${sign}${weight}`)))
            .filter(Boolean);
    return spread(a).join('\n') === spread(b).join('\n');
}

export interface Phrase {
    readonly text: string;
    /** Emphasis: multiplies the phrase's token embeddings; 1 is neutral. */
    readonly weight: number;
    /** Emphasis of single words, wherever they are found whole (see `phrases.ts`); later ones count where they overlap. */
    readonly words?: readonly WordWeight[];
    /** Absent: it is read at every step, with its weight. */
    readonly times?: readonly PhraseTime[];
}

export interface WordWeight {
    readonly words: string;
    /** Multiplies the phrase's weight. */
    readonly weight: number;
    readonly times?: readonly PhraseTime[];
}

/** A factor on a weight that changes over the steps of a window. Of several the product counts, within all of them. */
export interface PhraseTime {
    readonly during: Window;
    readonly weight: Curve;
}

/** Phrases are joined by ", " before tokenizing; an empty list is the empty prompt. */
export interface Prompt {
    readonly phrases: readonly Phrase[];
}

/** Returns the prompt of one step: without the phrases whose windows don't hold it, and with the weights of the step. */
export function promptAt(prompt: Prompt, moment: Pick<Moment, 'step' | 'steps'>): Prompt {
    if (!isTimed(prompt)) return prompt;
    const holds = ({ times = [] }: Phrase) =>
        times.every(({ during }) => {
            const { first, end } = stepsOf(during, moment.steps);
            return moment.step >= first && moment.step < end;
        });
    const still = <T extends Phrase | WordWeight>({ times, ...one }: T) =>
        ({ ...one, weight: one.weight * factorAt(times ?? [], moment) }) as Omit<T, 'times'>;
    return {
        phrases: prompt.phrases.filter(holds).map((phrase) => ({
            ...still(phrase),
            ...(phrase.words && { words: phrase.words.map(still) }),
        })),
    };
}

/** Whether a prompt is another one at other steps. */
export function isTimed({ phrases }: Prompt): boolean {
    return phrases.some(({ times, words = [] }) => times !== undefined || words.some((one) => one.times !== undefined));
}

/** Returns the prompts of a run of so many steps, each once, in the order in which they are first read. */
export function promptsOver(prompt: Prompt, steps: number): readonly Prompt[] {
    if (!isTimed(prompt)) return [prompt];
    const all = Array.from({ length: Math.max(1, steps) }, (_, step) => promptAt(prompt, { step, steps }));
    return [...new Map(all.map((one) => [canonicalJson(one), one])).values()];
}

function factorAt(times: readonly PhraseTime[], { step, steps }: Pick<Moment, 'step' | 'steps'>): number {
    return times.reduce((product, { during, weight }) => product * sample(weight, step, steps, during), 1);
}

export interface EnsembleMember {
    readonly name?: string;
    readonly prompt: Prompt;
    /** Relative weight at each step; members are normalised to sum 1 at every step. */
    readonly weight: Curve;
}

/** What the picture is conditioned on: one prompt, or the mean of several. */
export type Conditioning =
    | { readonly kind: 'prompt'; readonly prompt: Prompt }
    | { readonly kind: 'ensemble'; readonly over: EnsembleSpace; readonly members: readonly EnsembleMember[] };

export type EnsembleSpace = 'predictions' | 'latents' | 'embeddings';
