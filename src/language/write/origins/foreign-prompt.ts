/** Prompts in the notation of other tools, as what they mean in a spec: phrases, ensembles, LoRAs, params. */
import { type Curve, constant, isAllSteps, pointAt } from '../../../plan/curve.ts';
import type { EnsembleSpace, Phrase } from '../../../plan/phrases.ts';
import { readPrompt } from './prompt-notation.ts';

/** One member is a plain prompt; several are an ensemble. */
interface ForeignMixture {
    readonly members: readonly ForeignMember[];
    readonly over: EnsembleSpace;
    /** What AND adds up: the sum of its weights, by which guidance counts more there; 1 without it. */
    readonly sum: number;
}

export interface ForeignPrompt extends ForeignMixture {
    readonly loras: readonly ForeignLora[];
    /** Learned words that are named as `embedding:name`. */
    readonly learned: readonly string[];
    /** Words to choose from, each list in the place of `{choice}`, `{choice-2}` … */
    readonly choices: readonly (readonly string[])[];
}

export interface ForeignMember {
    readonly phrases: readonly Phrase[];
    readonly weight: Curve;
}

export interface ForeignLora {
    readonly name: string;
    readonly weight: number;
}

/** The name that the text gives a list of choices, counted from 0. */
export const choiceName = (index: number): string => (index === 0 ? 'choice' : `choice-${index + 1}`);

const LORA = /<(?:lora|lyco):([^<>:]+)(?::([^<>]*))?>/g;
const CHOICE = /\{([^{}|]*(?:\|[^{}|]*)+)\}/g;
const LEARNED = /\bembedding:([\w-]+)(?:\.(?:safetensors|pt|bin))?|<(?:embed|embedding|ti):([\w-]+)>/g;
/** NovelAI's `1.5::words::`. */
const NOVELAI_WEIGHT = /(?<![\w:])\d*\.?\d+::((?:(?!::)[^[\]])+)::/g;
const UNSAYABLE =
    /<\w+(?:\[[^\]]*\])?:|__\w|::(?![^[\]]*\])|\)\.(?:and|swap)\(|\[[^[\]]*:[^[\]]*\d\s*,\s*\d*\.?\d+\s*\]|\bAND_[A-Z]|\bADD(?:BASE|COMM|ROW|COL)\b|(?:^|\s)--[A-Za-z]/;
const BLEND = /^\s*\(\s*("(?:[^"\\]|\\.)*"(?:\s*,\s*"(?:[^"\\]|\\.)*")*)\s*\)\.blend\(([^()]*)\)\s*$/;
/** InvokeAI's weights, which are behind brackets and words. */
const COMPEL = /\)(?:\d*\.?\d+|\+{1,4}|-{1,4})(?![\w.])|\p{L}{2}(?:\+{2,4}|-{2,4})(?=[\s,.]|$)/u;

/**
 * What a prompt of AUTOMATIC1111, ComfyUI, InvokeAI or NovelAI means; undefined where a spec can't say all of it. `steps`
 * are those of the picture, where they are known: prompt editing counts them.
 */
export function readForeign(words: string, steps: number | undefined): ForeignPrompt | undefined {
    const loras: ForeignLora[] = [];
    let isSayable = true;
    const withoutLoras = words.replace(LORA, (_, name: string, weight = '1') => {
        // Two weights, of which the first is the text encoder's: a spec has one.
        if (weight.trim() === '' || !Number.isFinite(Number(weight))) isSayable = false;
        loras.push({ name: name.trim(), weight: Number(weight) });
        return '';
    });
    const learned: string[] = [];
    const withWords = withoutLoras.replace(LEARNED, (_, bare: string | undefined, tag: string | undefined) => {
        const name = bare ?? tag ?? '';
        learned.push(name);
        return `<${name}>`;
    });
    const choices: (readonly string[])[] = [];
    const text = withWords.replace(CHOICE, (_, options: string) => {
        const list = options.split('|').map((option) => option.trim());
        if (/::|\$\$/.test(options) || new Set(list).size < list.length) isSayable = false;
        choices.push(list);
        return `{${choiceName(choices.length - 1)}}`;
    });
    if (!isSayable || UNSAYABLE.test(text.replace(NOVELAI_WEIGHT, '$1'))) return undefined;
    const mixture = /\)\.blend\(/.test(text) ? blendIn(text, phrasesOf) : mixtureIn(text, steps, phrasesOf);
    return mixture && { ...mixture, loras, learned, choices };
}

/** The phrases of words whose only notation is emphasis; undefined where something gets lost. */
type PhrasesOf = (words: string) => readonly Phrase[] | undefined;

/**
 * The web UI's `AND` and prompt editing; undefined where a spec can't say all of it. One member where there is neither.
 * `steps` are those of the picture, where they are known.
 */
export function mixtureIn(text: string, steps: number | undefined, phrases: PhrasesOf): ForeignMixture | undefined {
    const parts = text.split(/\bAND\b/);
    const isSum = parts.length > 1;
    const members: ForeignMember[] = [];
    let sum = 0;
    for (const part of parts) {
        const [, edited = part, share] = (isSum && /^(.*?)(?:\s*:\s*([+-]?\d*\.?\d+))?\s*$/s.exec(part)) || [];
        const weight = share === undefined ? 1 : Number(share);
        const variants = variantsOf(edited, steps);
        if (!variants) return undefined;
        const own: Phrase[] = [];
        for (const { words: variant, from, to } of variants) {
            const read = phrases(variant);
            if (!read) return undefined;
            own.push(...read.filter(({ text }) => text !== '').map((phrase) => within(phrase, { from, to })));
        }
        members.push({ phrases: own, weight: constant(weight) });
        sum += weight;
    }
    // Shares are normalised to a sum of 1.
    if (isSum && !(sum > 0)) return undefined;
    return { members, over: isSum ? 'predictions' : 'embeddings', sum: isSum ? sum : 1 };
}

/** InvokeAI's `("a", "b").blend(0.7, 0.3)`; undefined for any other text. */
export function blendIn(text: string, phrases: PhrasesOf): ForeignMixture | undefined {
    const [, texts, weights] = BLEND.exec(text) ?? [];
    if (texts === undefined || weights === undefined) return undefined;
    const parts = [...texts.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!);
    const shares = weights.trim() === '' ? parts.map(() => 1) : weights.split(',').map(Number);
    const members = parts.map((text, k) => ({ phrases: phrases(text), weight: constant(shares[k] ?? Number.NaN) }));
    const isWhole = (one: (typeof members)[number]): one is ForeignMember =>
        one.phrases !== undefined && Number.isFinite(one.weight.keys[0]?.value);
    if (shares.length !== parts.length || !members.every(isWhole) || !(shares.reduce((a, b) => a + b, 0) > 0))
        return undefined;
    return { members, over: 'embeddings', sum: 1 };
}

/** The phrases of words whose only notation is emphasis and BREAK; undefined where something gets lost. */
function phrasesOf(words: string): readonly Phrase[] | undefined {
    const tool = COMPEL.test(words)
        ? 'invokeai'
        : new RegExp(`\\{\\{|\\{\\w[^{}]*\\}\\}|${NOVELAI_WEIGHT.source}`).test(words)
          ? 'novelai'
          : 'automatic1111';
    const { phrases, notes } = readPrompt(words.replace(/[ ,]*\bBREAK\b[ ,]*/g, ', '), tool);
    return notes.length > 0 ? undefined : phrases;
}

// ── Prompt editing ─────────────────────────────────────────────────────

interface Variant {
    readonly words: string;
    /** The part of the run, 0…1. */
    readonly from: number;
    readonly to: number;
}

/** Prompts that change more often are not read: it would take too long. */
const MOST_CHANGES = 50;

/** Innermost brackets first. */
const WORDS = String.raw`((?:\\.|\([^()]*\)|[^()[\]:|\\])*)`;
const CHANGE = new RegExp(String.raw`(?<!\\)\[(?:${WORDS}:)?${WORDS}:\s*(\d*\.?\d+)\s*\]`, 's');

/**
 * The prompts of one after the other: `[a:b:0.5]` is `a` for the first half of the steps, `[b:10]` adds after ten, `[a::10]`
 * removes. Undefined for words that alternate, and for counted steps where their number is unknown.
 */
function variantsOf(text: string, steps: number | undefined): readonly Variant[] | undefined {
    if (/(?<!\\)\[[^[\]]*\|[^[\]]*\]/.test(text)) return undefined;
    const points = [...text.matchAll(/:\s*(\d*\.?\d+)\s*\]/g)].map(([, when]) => partOf(when!, steps));
    if (points.length > MOST_CHANGES || points.some((point) => point === undefined)) return undefined;
    const borders = [...new Set([0, ...(points as number[]).filter((point) => point > 0 && point < 1), 1])].sort(
        (a, b) => a - b,
    );
    const variants: Variant[] = [];
    for (const [k, to] of borders.slice(1).entries()) {
        const from = borders[k]!;
        const words = textAt(text, from, steps);
        const last = variants.at(-1);
        if (last?.words === words) variants[variants.length - 1] = { ...last, to };
        else variants.push({ words, from, to });
    }
    return variants;
}

/** What the prompt is from this part of the run on. */
function textAt(text: string, from: number, steps: number | undefined): string {
    for (let rest = text; ; ) {
        const next = rest.replace(CHANGE, (_, before: string | undefined, after: string, when: string) =>
            from < partOf(when, steps)! ? (before ?? '') : after,
        );
        if (next === rest) return rest;
        rest = next;
    }
}

/**
 * The part of the run after which words change: a number with a point is a part, one without counts steps. The web UI cuts
 * to whole steps where specs round, so that a part may have to be another one to be the same step.
 */
function partOf(when: string, steps: number | undefined): number | undefined {
    const isPart = when.includes('.');
    const value = Number(when);
    if (steps === undefined) return isPart ? Math.min(value, 1) : undefined;
    const step = Math.min(steps, Math.floor(isPart ? value * steps : value));
    return isPart && value <= 1 && pointAt(value, steps) === step ? value : step / steps;
}

/** A phrase that is read in a part of the run. */
function within(phrase: Phrase, during: { readonly from: number; readonly to: number }): Phrase {
    return isAllSteps(during) ? phrase : { ...phrase, times: [{ during, weight: constant(1) }] };
}
