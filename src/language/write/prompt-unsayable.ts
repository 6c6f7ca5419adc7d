/** What other tools' prompts say and no spec can: taken out of the prompt, with a note for each. */
import type { Origin } from '../../plan/origin.ts';

type Tool = Origin['tool'];

interface Unsayable {
    readonly what: RegExp;
    readonly instead: string;
    readonly note: string;
}

/** Words between the square brackets of AUTOMATIC1111's prompt editing; round ones may be among them. */
const WORDS = String.raw`((?:\\.|\([^()]*\)|[^()[\]:|\\])*)`;

const NUMBER = String.raw`\s*\d*\.?\d+\s*`;

const ON_THE_WAY = 'changes words on the way: here are those of the first step.';

const COMBINED: readonly Unsayable[] = [
    // The share of each, which is behind it.
    { what: / ?: ?-?[\d.]+(?= ?\bAND\b| ?$(?<=\bAND\b.*))/g, instead: '', note: '' },
    {
        what: /(?<![ ,])[ ,]*\bAND\b[ ,]*/g,
        instead: ', ',
        note: 'mixes several prompts: here they are one. An `ensemble` mixes them too.',
    },
];

const AUTOMATIC: readonly Unsayable[] = [
    { what: /<(?:lora|lyco):[^<>]*>/g, instead: '', note: '' },
    { what: /<hypernet:[^<>]*>/g, instead: '', note: 'asks for a network that specs do not have.' },
    { what: /<\w+(?:\[[^\]]*\])?:[^<>]*>/g, instead: '', note: 'is notation that specs do not have.' },
    { what: new RegExp(String.raw`(?<!\\)\[${WORDS}:${WORDS}:${NUMBER}\]`, 'gs'), instead: '$1', note: ON_THE_WAY },
    { what: new RegExp(String.raw`(?<!\\)\[${WORDS}:${NUMBER}\]`, 'gs'), instead: '', note: ON_THE_WAY },
    { what: new RegExp(String.raw`(?<!\\)\[${WORDS}\|[^[\]]*\]`, 'gs'), instead: '$1', note: ON_THE_WAY },
    ...COMBINED,
    {
        what: /(?<![ ,])[ ,]*\bBREAK\b[ ,]*/g,
        instead: ', ',
        note: 'begins another 75 tokens: specs have no word for it.',
    },
];

export const UNSAYABLE: Readonly<Record<Tool, readonly Unsayable[]>> = {
    sdspec: AUTOMATIC,
    automatic1111: AUTOMATIC,
    fooocus: AUTOMATIC,
    swarmui: AUTOMATIC,
    comfyui: [],
    novelai: [{ what: /[ ,]*\|[ ,]*/g, instead: ', ', note: 'mixes several prompts: here they are one.' }],
    other: [],
    invokeai: [{ what: /\)\.(?:and|blend|swap)\([^()]*\)/g, instead: ')', note: 'mixes prompts: specs leave it out.' }],
};

export function withoutUnsayable(
    prompt: string,
    rules: readonly Unsayable[],
): { text: string; notes: readonly string[] } {
    const notes: string[] = [];
    let text = prompt;
    // What is around something else is found once that is gone.
    for (let before = ''; before !== text; ) {
        before = text;
        for (const { what, instead, note } of rules) {
            if (note) notes.push(...(text.match(what) ?? []).map((found) => `${short(bare(found))} ${note}`));
            text = text.replace(what, instead);
        }
    }
    return { text, notes };
}

export function short(text: string): string {
    return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

export function bare(text: string): string {
    return text.replace(/^[\s,]+|(?<![\s,])[\s,]+$/g, '');
}
