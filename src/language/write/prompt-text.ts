/** Prompts as spec text: phrases with weights, learned words, ensembles. */

import { isConstant } from '../../plan/curve.ts';
import type { Conditioning, Phrase, PhraseTime, Prompt } from '../../plan/phrases.ts';
import { type Ingredients, isName } from './ingredients.ts';
import { curveText, exact, isNeutral, windowText } from './value-text.ts';

export function conditioningText(known: Ingredients, conditioning: Conditioning, words: PromptWords): string {
    if (conditioning.kind === 'prompt') return promptText(conditioning.prompt, words, { known }) || '""';
    const lines = conditioning.members.map(({ name, prompt, weight }) => {
        const [first, ...more] = prompt.phrases;
        const isText = first && more.length === 0 && isPlain(first);
        const said = !first
            ? '""'
            : isText
              ? words(first.text)
              : `{ ${promptText(prompt, words, { between: ' ', known })} }`;
        return `${name && isName(name) ? `${name} ` : ''}${said} share ${curveText(weight)}`;
    });
    const over = conditioning.over === 'predictions' ? '' : ` over ${conditioning.over}`;
    return known.block('ensemble', 'mixture', over, lines);
}

interface PromptTextOptions {
    /** What separates phrases, ", " unless given: in a block they follow each other without commas. */
    readonly between?: string;
    /** Where prompts are declared that phrases with a window within a window need. */
    readonly known?: Ingredients;
}

export function promptText(
    { phrases }: Prompt,
    words: PromptWords,
    { between = ', ', known }: PromptTextOptions = {},
): string {
    return phrases.map((phrase) => phraseText(phrase, words, known)).join(between);
}

/** Whether a phrase is its words alone, without emphasis or window. */
export function isPlain({ weight, words, times }: Phrase): boolean {
    return weight === 1 && !words && !times;
}

function phraseText(phrase: Phrase, words: PromptWords, known: Ingredients | undefined): string {
    const { text, weight, words: own = [], times = [] } = phrase;
    const [time, ...outer] = times;
    if (!time || outer.length === 0 || !known) return words(text) + emphasisText(weight, time, own, words);
    // A window within a window: a prompt in a prompt. Words whose weights follow the outer window are its own.
    const border = own.findIndex((one) => one.times && !isSame(one.times[0]?.during, time.during));
    const [within, beyond] = border < 0 ? [own, []] : [own.slice(0, border), own.slice(border)];
    const inner = words(text) + emphasisText(weight, time, within, words);
    const name = known.block('prompt', 'words', '', [inner]);
    return outer.reduce((said, one, k) => {
        const last = k === outer.length - 1;
        const all = said + emphasisText(1, one, last ? beyond : [], words);
        return last ? all : known.block('prompt', 'words', '', [all]);
    }, name);
}

function emphasisText(
    weight: number,
    time: PhraseTime | undefined,
    own: NonNullable<Phrase['words']>,
    words: PromptWords,
): string {
    const lines = own.map((one) => `${words(one.words)} ${weightText(one.weight, one.times?.[0])}`).join('  ');
    const isAlways = weight === 1 && (!time || isNeutral(time.weight));
    const said = isAlways ? '' : ` weight ${weightText(weight, time)}`;
    return said + (time ? windowText(time.during) : '') + (lines && ` { ${lines} }`);
}

function weightText(weight: number, time: PhraseTime | undefined): string {
    if (!time || isConstant(time.weight)) return exact(weight * (time?.weight.keys[0]?.value ?? 1));
    return curveText({
        ...time.weight,
        keys: time.weight.keys.map(({ at, value }) => ({ at, value: value * weight })),
    });
}

function isSame(one: PhraseTime['during'] | undefined, other: PhraseTime['during']): boolean {
    return JSON.stringify(one) === JSON.stringify(other);
}

/** Writes words of a plan as a string. */
export type PromptWords = (text: string) => string;
