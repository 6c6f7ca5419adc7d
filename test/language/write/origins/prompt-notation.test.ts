/** Prompts of other tools: each tool's own brackets, read as that tool reads them. */
import { describe, expect, it } from 'vitest';
import { readPrompt } from '../../../../src/language/write/origins/prompt-notation.ts';
import { stretchesOf } from '../../../../src/plan/phrases.ts';
import { cpuTime } from '../../../cpu-time.ts';

type Tool = Parameters<typeof readPrompt>[1];

/** Stretches as `words` or `words *weight`, separated by bars. */
function check(tool: Tool, prompt: string, expected: string): void {
    it(prompt.slice(0, 60), () => {
        const { phrases } = readPrompt(prompt, tool);
        const said = phrases
            .flatMap(stretchesOf)
            .map(({ text, weight }) => (weight === 1 ? text.trim() : `${text.trim()} *${weight}`));
        expect(said.join(' | ')).toBe(expected);
    });
}

// The numbers are those of `parse_prompt_attention` in its own examples, and of the same rules by hand.
describe('AUTOMATIC1111', () => {
    const a1111 = (prompt: string, expected: string) => check('automatic1111', prompt, expected);
    a1111('normal text', 'normal text');
    a1111('an (important) word', 'an | important *1.1 | word');
    a1111('(unbalanced', 'unbalanced *1.1');
    a1111('\\(literal\\]', '(literal]');
    a1111('(unnecessary)(parens)', 'unnecessaryparens *1.1');
    a1111(
        'a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).',
        'a | house *1.573 | on | a *1.1 | hill *0.55 | sun *1.1 | sky *1.4641 | . *1.1',
    );
    a1111('((masterpiece)), ((a (cat:1.2)):1.1)', 'masterpiece *1.21 | a *1.21 | cat *1.452');
    a1111('[dim], [[dimmer]]', 'dim *0.9091 | dimmer *0.8264');
    a1111('(red: 1.3 ), (a:b)', 'red *1.3 | a:b *1.1');
    a1111('time 10:30) and ]', 'time 10:30) and ]');
    a1111('(nothing:0), (much:40), (less:-1)', 'nothing *0 | much *10 | less *0');
    a1111('a cat, <lora:ink:0.6>, <hypernet:x:1> dog', 'a cat, dog');
    a1111('[a cat:a dog:0.5] here', 'a cat here');
    a1111('a dog[ in the rain:10], [blue::0.3], [red|green|(blue:1.2)]', 'a dog, blue, red');
    a1111('[[a|b]:c:0.5]', 'a');
    a1111('a sea BREAK a harbour', 'a sea, a harbour');
    a1111('a sea :1.2 AND a harbour:0.8', 'a sea, a harbour');
    a1111('SAND, BREAKFAST', 'SAND, BREAKFAST');
    a1111(' ,, ', '');
});

describe('ComfyUI', () => {
    const comfy = (prompt: string, expected: string) => check('comfyui', prompt, expected);
    comfy('an (important) word', 'an | important *1.1 | word');
    comfy('((a (cat:1.2)):1.1), [plain], [a:b:0.5]', 'a *1.21 | cat *1.2 | [plain], [a:b:0.5]');
    comfy('((house:1.3))', 'house *1.3');
    comfy('\\(literal\\) a\\b', '(literal) a\\b');
    comfy('sad :( face, BREAK', 'sad :( face, BREAK');
    comfy('embedding:blurry, text', '<blurry>, text');
    comfy('cat AND dog', 'cat AND dog');
});

describe('InvokeAI', () => {
    const invoke = (prompt: string, expected: string) => check('invokeai', prompt, expected);
    invoke('a tall++ man, well-lit', 'a | tall *1.21 | man | well-lit');
    invoke('(an old house)1.2, (dim)--, (plain)', 'an old house *1.2 | dim *0.81 | plain');
    invoke('((a cat)+ asleep)1.2', 'a cat *1.32 | asleep *1.2');
    invoke('[square], a \\(b\\)', '[square], a (b)');
});

describe('what gets lost is reported', () => {
    const table: readonly (readonly [Tool, string, readonly (string | RegExp)[]])[] = [
        ['automatic1111', 'a, (red:1.3), house', []],
        ['automatic1111', 'a (red:1.3) house', []],
        ['automatic1111', 'a (re:1.3)d house', [/joined by commas/]],
        ['automatic1111', '[a:b:0.5]', [/^\[a:b:0\.5\] changes words/]],
        ['automatic1111', 'a BREAK b', [/^BREAK /]],
        ['automatic1111', 'a AND b', [/^AND mixes/]],
        ['automatic1111', '<hypernet:x:1>', [/^<hypernet:x:1> asks/]],
        ['automatic1111', '<lora:x:1>', []],
        ['automatic1111', '(a:40)', [/between 0 and 10/]],
        ['comfyui', '[a:b:0.5] BREAK', []],
        ['invokeai', '("a", "b").blend(1, 1)', [/mixes prompts/]],
    ];
    it.each(table)('%s: %s', (tool, prompt, expected) => {
        const { notes } = readPrompt(prompt, tool);
        expect(notes).toEqual(expected.map((one) => expect.stringMatching(one)));
    });
});

it('hostile prompts are read in no time', () => {
    const started = cpuTime();
    const parts = ['(', '[', '(a', '[a|', '[a:', ')', '(a:1.1)', ':1)', ' AND ', '\\', '[(a)', ', ', 'a+', '<lora:'];
    for (const tool of ['automatic1111', 'comfyui', 'invokeai'] as const) {
        for (const part of parts) for (const times of [4000, 400_000]) readPrompt(part.repeat(times), tool);
    }
    expect(cpuTime() - started).toBeLessThan(20_000);
});
