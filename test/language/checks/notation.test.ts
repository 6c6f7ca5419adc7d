/** Prompts in the notation of other tools: the text after the quick fix has no problems, and means what the notation says. */
import { describe, expect, test } from 'vitest';
import { problemsOf } from '../../../src/language/index.ts';
import { sample } from '../../../src/plan/curve.ts';
import type { Conditioning } from '../../../src/plan/phrases.ts';
import { promptAt, stretchesOf } from '../../../src/plan/phrases.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { type Files, fixed, languageWith, parse, run } from '../workbench.ts';

const FILES: Files = { 'detail.safetensors': 'x', 'my_style.safetensors': 'x', 'bad-hands.safetensors': 'x' };

async function problemsIn(text: string) {
    const language = languageWith(FILES);
    return problemsOf(await parse(text, language));
}

/** The text with the fix of its one notation applied; nothing else is wrong before, and nothing after. */
async function mended(text: string): Promise<string> {
    const [problem, ...more] = await problemsIn(text);
    expect([problem?.code, more]).toEqual(['prompt/notation', []]);
    expect(problem!.fix, problem!.message).toBeDefined();
    const after = fixed(text, problem!.fix!);
    expect(await problemsIn(after), after).toEqual([]);
    return after;
}

async function planOf(text: string, name = 'it'): Promise<PicturePlan> {
    const { work } = await run(text, { name, files: FILES });
    if (work.kind !== 'picture') throw new Error(work.kind);
    return work;
}

/** `words *weight`, a comma between phrases. */
function words({ phrases }: PicturePlan['negative']): string {
    const stretch = ({ text, weight }: { text: string; weight: number }) =>
        weight === 1 ? text.trim() : `${text.trim()} *${Number(weight.toFixed(4))}`;
    return phrases.map((phrase) => stretchesOf(phrase).map(stretch).join('|')).join(', ');
}

/** What the conditioning is at each step: words, or words by their shares. */
function overSteps(conditioning: Conditioning, steps: number): readonly string[] {
    return Array.from({ length: steps }, (_, step) => {
        const at = (prompt: PicturePlan['negative']) => words(promptAt(prompt, { step, steps }));
        if (conditioning.kind === 'prompt') return at(conditioning.prompt);
        return conditioning.members
            .map(({ prompt, weight }) => [at(prompt), sample(weight, step, steps)] as const)
            .filter(([, share]) => share !== 0)
            .map(([text, share]) => (share === 1 ? text : `${share} ${text}`))
            .join(' + ');
    });
}

/** A fixed prompt in its generate, over four steps where it changes. */
async function meaning(prompt: string, steps = 4): Promise<string> {
    const after = await mended(`generate it { prompt "${prompt}" steps ${steps} seed 1 }`);
    const { conditioning } = await planOf(after);
    const all = overSteps(conditioning, steps);
    return new Set(all).size === 1 ? all[0]! : all.join(' / ');
}

describe('words', () => {
    test.each([
        ['(green:1.4) turtle, ((beach)), [blurry]', 'green *1.4|turtle, beach *1.21, blurry *0.9091'],
        ['a red car BREAK in the desert', 'a red car, in the desert'],
        ['BREAK (red:1.2) car', 'red *1.2|car'],
        ['a tall++ man', 'a|tall *1.21|man'],
        ['(an old house)1.2, sun', 'an old house *1.2, sun'],
        ['a red car AND a blue boat', 'a red car + a blue boat'],
        ['a red car :1.5 AND a blue boat:0.5', '1.5 a red car + 0.5 a blue boat'],
        ['a (red:1.2) car AND a boat', 'a|red *1.2|car + a boat'],
        ['a [red:blue:0.5] car', 'a red car / a red car / a blue car / a blue car'],
        ['a [red:blue:1] car', 'a red car / a blue car / a blue car / a blue car'],
        ['a [shiny :3]car', 'a car / a car / a car / a shiny car'],
        ['a [red::0.25] car', 'a red car / a car / a car / a car'],
        ['a [[red:green:1]:blue:3] car', 'a red car / a green car / a green car / a blue car'],
        ['a [red:(blue:1.3):0.5] car', 'a red car / a red car / a|blue *1.3|car / a|blue *1.3|car'],
        ['a [cat:dog:0.5] AND a boat', 'a cat + a boat / a cat + a boat / a dog + a boat / a dog + a boat'],
        ['(\\"a cat\\", \\"a dog\\").blend(0.7, 0.3)', '0.7 a cat + 0.3 a dog'],
    ])('%s', async (prompt, expected) => expect((await meaning(prompt)).replace(/ +/g, ' ')).toBe(expected));

    test('the web UI cuts to whole steps: of 25, half are 12', async () => {
        const steps = (await meaning('a [red:blue:0.5] car', 25)).split(' / ');
        expect(steps.lastIndexOf('a red car')).toBe(11);
    });
    test('steps that are counted are counted only where all that read the prompt have as many', async () => {
        const text = 'generate it { prompt "a [red:blue:5] car" steps 20 seed 1 }\n';
        expect(await mended(text)).toContain('0%..25%');
        for (const more of ['generate heir extends it { steps 40 }', 'sweep s over it { steps in [10, 40] }']) {
            const [problem] = await problemsIn(text + more);
            expect([problem?.code, problem?.fix], more).toEqual(['prompt/notation', undefined]);
        }
    });
    test('a LoRA that is named twice has the sum of its weights', async () => {
        const after = await mended('generate it { prompt "a cat <lora:detail:1> <lora:detail:0.5>" seed 1 }');
        expect(after.match(/apply.*/g)).toEqual([expect.stringMatching(/^apply detail weight 1.5/)]);
    });
    test('what AND adds up is said', async () => {
        const after = await mended('generate it { prompt "a cat AND a dog" seed 1 }');
        expect(after).toContain('// AND adds its prompts up: the same strength is guidance times 2.');
    });
    test('params and learned words stay', async () => {
        const before =
            'param colour = "red"\nembedding pip = "builtin:sketch-pip"\ngenerate it { prompt "a ({colour}:1.3) car, ((<pip>))" seed 1 }';
        const { conditioning, embeddings } = await planOf(await mended(before));
        expect(overSteps(conditioning, 1)).toEqual(['a|red *1.3|car, <pip> *1.21']);
        expect(embeddings).toMatchObject([{ token: 'pip' }]);
    });
});

describe('places', () => {
    test('a declared prompt becomes an ensemble where it is used as one', async () => {
        const after = await mended('prompt p = "a cat AND a dog"\ngenerate it {\n    prompt p\n    seed   1\n}');
        expect(after).toMatch(/^ensemble p \{\n/);
        expect(overSteps((await planOf(after)).conditioning, 1)).toEqual(['a cat + a dog']);
        const [problem] = await problemsIn(
            'prompt p = "a cat AND a dog"\ngenerate it { prompt "x" negative p seed 1 guidance 7 }',
        );
        expect(problem).toMatchObject({ code: 'prompt/notation' });
        expect(problem!.fix).toBeUndefined();
    });
    test('a member of an ensemble', async () => {
        const after = await mended(
            'ensemble e { calm "a (red:1.2) sea" share 2 "a storm" }\ngenerate it { prompt e seed 1 }',
        );
        expect(after).toContain('calm { "a red sea" { "red" 1.2 } } share 2');
    });
    test('a value of a sweep', async () => {
        const after = await mended(
            'generate it { prompt "x" seed 1 }\nsweep s over it { prompt in ["a (red:1.2) car", "y"] }',
        );
        expect(after).toContain('prompt words {\n    "a red car" { "red" 1.2 }\n}\n\nsweep s');
        const mixed = await mended(
            'generate it { prompt "x" seed 1 }\nsweep s over it { prompt in ["a AND b c", "y"] }',
        );
        expect(mixed).toContain('prompt in [mixture, "y"]');
    });
    test('a doc comment stays with its declaration', async () => {
        const after = await mended('/** My car. */\ngenerate it { prompt "a cat AND a dog" seed 1 }');
        expect(after).toMatch(/\}\n\n\/\*\* My car\. \*\/\ngenerate it/);
    });
});

describe('LoRAs', () => {
    test('are declared and applied', async () => {
        const before =
            'generate it {\n    prompt "a (red:1.3) car <lora:detail:0.8>, <lora:my style>"\n    seed   1\n}';
        const files = before.replace('my style', 'my_style');
        const after = await mended(files);
        expect(after).toContain('    apply detail weight 0.8\n    apply my_style\n    seed');
        const plan = await planOf(after);
        expect(overSteps(plan.conditioning, 1)).toEqual(['a|red *1.3|car']);
        expect(plan.adapters).toEqual([
            { file: { path: 'detail.safetensors' }, weight: 0.8 },
            { file: { path: 'my_style.safetensors' }, weight: 1 },
        ]);
    });
    test('that are declared or applied are used as they are', async () => {
        const before =
            'lora ink = "./detail.safetensors"\ngenerate it { prompt "a car <lora:detail:0.8>" apply ink weight 0.5 seed 1 }';
        expect(await mended(before)).toBe(before.replace(' <lora:detail:0.8>', ''));
    });
    test('of a declared prompt are applied where it is used', async () => {
        const after = await mended(
            'prompt p = "a car <lora:detail:0.8>"\ngenerate it { prompt p seed 1 }\ngenerate b { prompt p seed 2 }',
        );
        for (const name of ['it', 'b']) expect((await planOf(after, name)).adapters).toMatchObject([{ weight: 0.8 }]);
    });
});

test('learned words by the name of their file', async () => {
    const after = await mended('generate it { prompt "a hand" negative "embedding:bad-hands, blurry" seed 1 }');
    const { negative, embeddings } = await planOf(after);
    expect(words(negative)).toBe('<bad-hands>, blurry');
    expect(embeddings).toEqual([{ token: 'bad-hands', file: { path: 'bad-hands.safetensors' } }]);
});

test('words to choose from are a param and a sweep over it', async () => {
    const after = await mended('generate it { prompt "a {red|blue} (old:1.2) car" seed 1 }');
    const { conditioning } = await planOf(after);
    expect(overSteps(conditioning, 1)).toEqual(['a red|old *1.2|car']);
    const { work } = await run(after, { name: 'it-choices', files: FILES });
    expect(work).toMatchObject({ kind: 'sweep', axes: [{ values: ['red', 'blue'] }] });
});

test.each([
    ['a [red|blue] car', /alternates from step to step; the mean of both comes nearest/],
    ['a car <hypernet:anime:1>', /hypernetworks can't be used here; a `lora` or an `embedding` comes nearest/],
    ['a __colour__ car', /a `param` in braces and a `sweep`/],
    ['(\\"a\\", \\"b\\").and()', /come nearest/],
    ['a car <lora:detail:0.5:0.8>', /acts on the whole picture/],
    ['a cat::2 a dog::1', /prompts with weights are an `ensemble`/],
    ['a {0.5::red|blue} car', /`sweep`/],
])('what no fix can say: %s', async (prompt, message) => {
    const [problem, ...more] = await problemsIn(`generate it { prompt "${prompt}" seed 1 }`);
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ code: 'prompt/notation', message: expect.stringMatching(message) });
    expect(problem!.fix).toBeUndefined();
});

test.each(['photo of an [old] sign', 'a car (red:) here', 'SAND AND SEA', 'C++', 'time 10:30', 'a :) face'])(
    'plain words: %s',
    async (prompt) => expect(await problemsIn(`generate it { prompt "${prompt}" seed 1 }`)).toEqual([]),
);

test('a bracket around a whole part may be emphasis', async () => {
    const text = 'generate it { prompt "(masterpiece), best quality, [blurry]" seed 1 }';
    const [problem] = await problemsIn(text);
    expect(problem).toMatchObject({ code: 'prompt/notation', severity: 'information' });
    expect(fixed(text, problem!.fix!)).toBe(
        'generate it { prompt "masterpiece" weight 1.1, "best quality", "blurry" weight 0.9091 seed 1 }',
    );
});
