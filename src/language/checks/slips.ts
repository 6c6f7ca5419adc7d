/** Slips: signs where the language has none, pieces that belong together, and names where a declaration is needed. */
import { samplerOf } from '../../plan/other-tools/sampler-names.ts';
import type { Habit } from './habit.ts';

/** Clauses whose values other notations put behind a sign, or in front of a comma. */
const CLAUSES = 'use|prompt|negative|size|seed|steps|sampler|guidance|noise|clip|start|mask|infuse|control|apply|trace';

export const SLIPS: readonly Habit[] = [
    {
        // As word processors and web pages write them.
        pattern: /[“”„«]([^“”„«»"\n]*)[“”»]/g,
        meant: ([, words]) => ({
            code: 'syntax/character',
            message: 'Quotes are straight ones.',
            newText: `"${words}"`,
        }),
    },
    {
        pattern: new RegExp(`\\b(${CLAUSES})[ \\t]*=[ \\t]*`, 'g'),
        meant: ([, word]) => ({ message: 'A clause has no equals sign.', newText: `${word} ` }),
    },
    {
        pattern: new RegExp(`,([ \\t]*\\n?[ \\t]*)(?:${CLAUSES})\\b`, 'g'),
        meant: ([, blanks]) => ({
            message: 'Clauses are not separated by commas: leave the comma out.',
            length: 1 + (blanks?.length ?? 0),
        }),
    },
    {
        pattern: /\b(size|grid)[ \t]+(\d+)(?:[ \t]*[x×*,][ \t]*(\d+))?(?![\w.])/g,
        meant: ([text, word, width, height]) =>
            /\dx\d/.test(text!)
                ? undefined
                : {
                      message: `${word === 'size' ? 'Width and height' : 'Columns and rows'} are written together, with an x between them.`,
                      newText: `${word} ${width}x${height ?? width}`,
                  },
    },
    {
        pattern: /\bsampler[ \t]+"[^"\n]*"/g,
        meant: (_, written) => {
            const quoted = /"(.*)"/.exec(written)?.[1] ?? '';
            const { sampler, schedule } = samplerOf(quoted);
            const message = 'The name of a sampler has no quotes.';
            if (!sampler) return { message: `${message} Write it as in \`sampler euler-a\`.` };
            const on = schedule && schedule !== 'normal' ? ` on ${schedule}` : '';
            return { message, newText: `sampler ${sampler}${on}` };
        },
    },
    {
        pattern: /\b(use|apply|control)[ \t]+"[^"\n]*"/g,
        meant: ([, word], written) => {
            const kind = { use: 'model', apply: 'lora', control: 'controlnet' }[word as 'use'];
            const quoted = written.slice(written.indexOf('"'));
            return {
                message: `What is in a file has a name: declare \`${kind} mine = ${quoted}\` above, and write \`${word} mine\`.`,
            };
        },
    },
    {
        pattern:
            /\b(generate|sweep|mosaic|print|learn|settings)[ \t]+([A-Za-z_][\w-]*(?:[ \t]+(?!extends\b|over\b)[A-Za-z\d_][\w-]*){1,8})(?=[ \t]*(?:\{|extends\b|over\b))[^{\n]*\{?/g,
        meant: ([, word, names]) => ({
            message: 'A name is one word.',
            newText: `${word} ${names!.trim().split(/\s+/).join('-')}`,
            length: word!.length + 1 + names!.length,
        }),
    },
    {
        pattern: /\b(generate|sweep|mosaic|print|learn|settings)[ \t]+(\d[\w-]*)/g,
        meant: ([, word, name]) => ({ message: 'A name begins with a letter.', newText: `${word} my-${name}` }),
    },
    {
        pattern: /\bmask[ \t]+corners((?:[ \t]+-?[\d.]+[ \t]*,[ \t]*-?[\d.]+)*)/g,
        meant: ([, pairs = '']) =>
            pairs.split(',').length - 1 === 4
                ? undefined
                : {
                      message:
                          'A frame has four corners, clockwise from the top left, as in `mask corners 0,0 64,0 64,64 0,64`.',
                  },
    },
];
