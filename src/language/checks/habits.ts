/** Habits: what people write who come from other tools, and what it is called here. */
import { samplerOf } from '../../plan/other-tools/sampler-names.ts';
import { type SamplerName, type ScheduleName, samplerFacts } from '../../plan/samplers.ts';
import { SdspecGrammar } from '../generated/grammar.ts';
import { keywordsOf, SOFT } from '../grammar/tokens.ts';
import { nearest } from '../linking/nearest.ts';
import { DECLARATIONS } from '../meaning/clause-words.ts';
import { figure } from '../write/curve-text.ts';
import type { Habit, Meant } from './habit.ts';
import { SLIPS } from './slips.ts';

/** Words that can't be names. */
const RESERVED: ReadonlySet<string> = new Set(keywordsOf(SdspecGrammar()).filter((word) => !SOFT.has(word)));

const NUMBER = String.raw`(-?\d+(?:\.\d+)?)(?![\w.])`;

/** The words of a declaration of which the first is none of the language. */
function misspeltDeclaration([text, word]: RegExpExecArray): Meant | undefined {
    const near = DECLARATIONS.some((one) => one === word) ? undefined : nearest(word!, DECLARATIONS);
    if (near === undefined) return undefined;
    const message = `There is no declaration \`${word}\`. Did you mean \`${near}\`?`;
    return { code: 'declaration/unknown', message, newText: near, length: text!.indexOf(word!) + word!.length };
}

/** The last number of a curve. */
function lastNumber(curve: string): string {
    return /(-?[\d.]+)(?:@[\d.]+%)?\s*$/.exec(curve)?.[1] ?? '1';
}

/** A name, which may be that of a param, where values are written out. */
const NAME = '([A-Za-z_][\\w-]*)';

/** What is written out in some places, and how. */
const WRITTEN_OUT = [
    [`-?[\\d.]+@${NAME}[ \\t]*->`, 'The positions of keys are', 'guidance 9@20% -> 5'],
    [`->[ \\t]*-?[\\d.]+@${NAME}`, 'The positions of keys are', 'guidance 9 -> 5@80%'],
    [`model[ \\t]+${NAME}[ \\t]*=[ \\t]*"[^"\\n]*"`, 'The path of a model is', 'model m = "./model.safetensors"'],
    [`zoom[ \\t]+into[ \\t]+${NAME}`, 'The tile of a zoom is', 'zoom into 3x3'],
    [`mask[ \\t]+corners[ \\t]+${NAME}`, 'Corners are', 'mask corners 0,0 64,0 64,64 0,64'],
] as const;

const PARAMS_ARE_FOR =
    'Params are for numbers of settings, sizes, lengths, windows, samplers, schedules, sets of weights, words and paths of images, LoRAs, embeddings, ControlNets and upscalers.';

export const HABITS: readonly Habit[] = [
    ...WRITTEN_OUT.map(
        ([pattern, what, example]): Habit => ({
            pattern: new RegExp(`(?<![\\w.])${pattern}`, 'g'),
            meant: () => ({
                code: 'param/place',
                message: `${what} written out, as in \`${example}\`. ${PARAMS_ARE_FOR}`,
            }),
        }),
    ),
    {
        pattern: /^([a-z]+)[ \t]+[A-Za-z_][\w-]*[ \t]*(?:(?:over|extends)[ \t]+[\w-]+[ \t]*)?\{[^}]*\}?/gm,
        meant: misspeltDeclaration,
    },
    {
        pattern: /\b(weight|share|decay|strength|eta|rescale)[ \t]+(\d+(?:\.\d+)?)%/g,
        meant: ([, word, number]) => ({
            message: `The ${word} is a number.`,
            newText: `${word} ${figure(Number(number) / 100)}`,
        }),
    },
    {
        pattern:
            /\bapply[ \t]+([A-Za-z_][\w-]*)[ \t]+weight[ \t]+(-?[\d.]+)(?:@[\d.]+%)?(?:[ \t]*->[ \t]*-?[\d.]+(?:@[\d.]+%)?)+/g,
        meant: ([text, lora, weight]) => ({
            message:
                'A LoRA changes the weights of the model, which are the same at all steps: its weight is one number.',
            newText: `apply ${lora} weight ${Number(weight) === 0 ? lastNumber(text!) : weight}`,
        }),
    },
    {
        pattern:
            /\bapply[ \t]+([A-Za-z_][\w-]*(?:[ \t]+weight[ \t]+-?[\d.]+)?)[ \t]+during[ \t]+(?:step[ \t]+)?[\d.%]+(?:\.\.[\d.]+%?)?/g,
        meant: ([, applied]) => ({
            message: 'A LoRA changes the weights of the model, which are the same at all steps: it has no window.',
            newText: `apply ${applied}`,
        }),
    },
    {
        pattern: /\bduring[ \t]+(\d+(?:\.\d+)?)(%?)\.\.(\d+(?:\.\d+)?)(%?)(?![\w.%])/g,
        meant: ([, from, unit, to, other]) =>
            unit && other
                ? undefined
                : { message: 'Both ends of a window are percentages.', newText: `during ${from}%..${to}%` },
    },
    {
        pattern: /\bseed[ \t]+(?:random|rand|any|-1)(?![\w.-])/g,
        meant: () => ({
            message: 'A seed is a number, so that the picture can be made again; several are `seed 1..4`.',
            newText: 'seed 42',
        }),
    },
    {
        pattern: /^[ \t]*([a-z]+)[ \t]*:[ \t]*/gm,
        meant: ([text, word]) => ({
            code: 'syntax/character',
            message: 'There are no colons in a spec.',
            newText: `${text!.slice(0, text!.indexOf(word!))}${word} `,
        }),
    },
    {
        pattern: /'([^'"\n]*)'/g,
        meant: ([, words]) => ({
            code: 'syntax/character',
            message: 'Words are in double quotes.',
            newText: `"${words}"`,
        }),
    },
    {
        pattern: /\/\*\s*$/g,
        meant: () => ({ code: 'comment/unclosed', message: 'This comment is not closed: write `*/` at its end.' }),
    },
    {
        pattern: /"""\s*$/g,
        meant: () => ({ code: 'string/unclosed', message: 'This string is not closed: write `"""` at its end.' }),
    },
    {
        pattern:
            /^(?:[a-z]+)[ \t]+([a-z][\w-]*)(?=[ \t]*[={]|[ \t]+(?:over|extends)\b)(?:[^\n{]*(?:\{[^\n]*\}[ \t]*)?$|[\s\S]*?(?:\n\}|\n(?=\n)|$(?![\s\S])))/gm,
        meant: ([text, name]) =>
            RESERVED.has(name!) && DECLARATIONS.some((word) => word !== 'import' && text!.startsWith(`${word} `))
                ? {
                      code: 'name/reserved',
                      message: `\`${name}\` is a word of the language: choose another name, like \`my-${name}\`.`,
                      length: text!.indexOf(name!, text!.search(/\s/)) + name!.length,
                  }
                : undefined,
    },
    { pattern: /\bsampler[ \t]+([^\s{}]+(?:[ \t]+[^\s{}]+){0,3})/g, meant: foreignSampler },
    {
        pattern: new RegExp(String.raw`\bcfg(?:[ _]?scale)?[ \t]+${NUMBER}`, 'gi'),
        meant: ([, number]) => ({
            message: 'The scale of guidance is called `guidance`.',
            newText: `guidance ${number}`,
        }),
    },
    {
        pattern: /\bnegative[ \t_]+prompt\b/g,
        meant: () => ({ message: 'The negative prompt is called `negative`.', newText: 'negative' }),
    },
    {
        pattern: new RegExp(String.raw`\bdenois(?:e|ing)(?:[ _]?strength)?[ \t]+${NUMBER}`, 'gi'),
        meant: ([, number]) => ({
            message: `How much is repainted is the strength of the picture that it starts from: write \`start from photo strength ${number}\`.`,
        }),
    },
    {
        pattern: /\bwidth[ \t]+(\d+)\s+height[ \t]+(\d+)(?![\w.])/g,
        meant: ([, width, height]) => ({
            message: 'Width and height are one clause.',
            newText: `size ${width}x${height}`,
        }),
    },
    {
        pattern: /\b(?:width|height)[ \t]+\d+(?![\w.])/g,
        meant: () => ({ message: 'Width and height are one clause: write `size 512x768`.' }),
    },
    {
        pattern: /\bscheduler[ \t]+(karras|normal|exponential)\b/gi,
        meant: ([, schedule]) => ({
            message: `The schedule is written behind the sampler: \`sampler dpmpp-2m on ${schedule!.toLowerCase()}\`.`,
        }),
    },
    {
        pattern: new RegExp(String.raw`\blora[ \t]+([A-Za-z_][\w-]*)[ \t]+${NUMBER}`, 'g'),
        meant: ([, name, weight]) => ({
            message: 'A LoRA is declared above, and applied here.',
            newText: `apply ${name} weight ${weight}`,
        }),
    },
    {
        pattern: /\b(guidance|strength|weight|decay|eta|share|rescale)[ \t]+(-?\d+),(\d+)(?![\w.])/g,
        meant: ([, word, whole, part]) => ({
            message: 'Decimals are written with a point.',
            newText: `${word} ${whole}.${part}`,
        }),
    },
    {
        pattern: /(?<=[\s,[])-?\.\d+/g,
        meant: ([number]) => ({
            message: 'A digit is before the point.',
            newText: number.replace('.', '0.'),
        }),
    },
    {
        pattern:
            /\b(case|generate|sweep|mosaic|print|learn|settings)[ \t]+"[^"\n]*"(?:[ \t]*(?:(?:over|extends)[ \t]+[\w-]+[ \t]*)?\{[^}]*\}?)?/g,
        meant: quotedName,
    },
    {
        pattern: /\b(start[ \t]+from|infuse|mask|by)[ \t]+"[^"\n]*"/g,
        meant: ([, words]) => ({
            message: `Pictures have names: declare \`image photo = "…"\` above, and write \`${words!.replace(/\s+/g, ' ')} photo\`.`,
        }),
    },
    ...SLIPS,
];

/** `case "My turtle"` as `case my-turtle`. */
function quotedName([, word]: RegExpExecArray, written: string): Meant {
    const [head, name] = /^[^"]*"([^"]*)"/.exec(written) as unknown as [string, string];
    const plain = name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^[\d-]+|-+$/g, '');
    const newText = plain === '' || RESERVED.has(plain) ? undefined : `${word} ${plain}`;
    const message = 'A name is one word, without quotes.';
    return { code: 'name/quotes', message, length: head.length, ...(newText ? { newText } : {}) };
}

/** `DPM++ 2M Karras` as `dpmpp-2m on karras`: as many words as are a sampler elsewhere and none here. */
function foreignSampler(match: RegExpExecArray): Meant | undefined {
    const words = match[1]!.split(/[ \t]+/);
    for (let count = words.length; count > 0; count--) {
        const text = words.slice(0, count).join(' ');
        const { sampler, schedule } = hyphenated(text) ?? samplerOf(text);
        if (!sampler || (count === 1 && samplerFacts(text))) continue;
        // The rest of the line is not part of the name.
        match[0] = match[0].slice(0, match[0].indexOf(text) + text.length);
        const newText = schedule && schedule !== 'normal' ? `${sampler} on ${schedule}` : sampler;
        return { message: `\`${text}\` is called \`${newText}\` here.`, newText: `sampler ${newText}` };
    }
    return undefined;
}

/** `dpmpp-2m-karras`: a sampler and a schedule of the language as one word. */
function hyphenated(text: string): ReturnType<typeof samplerOf> | undefined {
    const [, name = '', schedule] = /^([a-z][\w-]*)-(karras|exponential|normal)$/.exec(text) ?? [];
    return samplerFacts(name) && schedule
        ? { sampler: name as SamplerName, schedule: schedule as ScheduleName }
        : undefined;
}
