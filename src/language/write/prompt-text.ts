/** Prompts as spec text: phrases with weights, learned words, ensembles. */

import type { Conditioning, Phrase, Prompt } from '../../plan/phrases.ts';
import { type Ingredients, isName } from './ingredients.ts';
import { curveText, exact, optional } from './value-text.ts';

export function conditioningText(known: Ingredients, conditioning: Conditioning, words: PromptWords): string {
    if (conditioning.kind === 'prompt') return promptText(conditioning.prompt, words) || '""';
    const lines = conditioning.members.map(({ name, prompt, weight }) => {
        const [first, ...more] = prompt.phrases;
        const isText = first && more.length === 0 && first.weight === 1 && !first.words;
        const said = !first ? '""' : isText ? words(first.text) : `{ ${promptText(prompt, words, ' ')} }`;
        return `${name && isName(name) ? `${name} ` : ''}${said} weight ${curveText(weight)}`;
    });
    const over = conditioning.over === 'predictions' ? '' : ` over ${conditioning.over}`;
    return known.block('ensemble', 'mixture', over, lines);
}

/** In a block phrases follow each other without commas. */
export function promptText({ phrases }: Prompt, words: PromptWords, between = ', '): string {
    return phrases.map((phrase) => phraseText(phrase, words)).join(between);
}

function phraseText({ text, weight, words: own = [] }: Phrase, words: PromptWords): string {
    const lines = own.map((one) => `${words(one.words)} ${exact(one.weight)}`).join('  ');
    return `${words(text)}${optional(' weight', weight, 1)}${lines && ` { ${lines} }`}`;
}

/** Writes words of a plan as a string. */
export type PromptWords = (text: string) => string;
