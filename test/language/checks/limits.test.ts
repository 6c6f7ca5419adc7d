/** Texts that only a program writes: limits with a sentence, instead of seconds to hours. */
import { EmptyFileSystem } from 'langium';
import { expect, test } from 'vitest';
import { Language, problemsOf } from '../../../src/language/index.ts';
import type { Problem } from '../../../src/plan/problem.ts';
import { cpuTime } from '../../cpu-time.ts';
import { fileAccess, parse, plan, problems, refused } from '../workbench.ts';

const lines = (count: number, line: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');
const errors = (found: readonly Problem[]) => [
    ...new Set(found.filter(({ severity }) => severity === 'error').map(({ code }) => code)),
];

test('a thousand generates extend each other, and no more', async () => {
    const chain = (count: number) =>
        `generate g0 { prompt "x" seed 3 }\n${lines(count, (i) => `generate g${i + 1} extends g${i} { steps ${(i % 900) + 1} }`)}`;
    const begin = cpuTime();
    expect(await plan('picture', chain(1000))).toMatchObject({ seeds: [3], steps: 100 });
    // About a second on one core of 2023; a guard against what grows by the square.
    expect(cpuTime() - begin).toBeLessThan(20_000);
    expect(errors(await problems(chain(1100)))).toEqual(['extends/deep']);
});

test('a plan holds a limited number of pictures for other pictures', async () => {
    const doubling = (count: number) =>
        `generate g0 { prompt "x" }\n${lines(count, (i) => `generate g${i + 1} { start from g${i} weight 0.5, g${i} weight 0.5 }`)}`;
    expect(await refused(doubling(7))).toEqual(['runs']);
    expect(await refused(doubling(40))).toEqual(['plan/large']);
    const sweep = '\nsweep s over g1 { seed in 1..1000 }';
    expect(await refused(doubling(1) + sweep)).toEqual(['runs']);
    expect(await refused(`${doubling(12)}${sweep.replace('g1', 'g12')}`)).toEqual(['plan/large']);
    const deep = `generate g0 { prompt "x" }\n${lines(60, (i) => `generate g${i + 1} { start from g${i} }`)}`;
    expect(await refused(deep)).toEqual(['plan/large']);
});

test('what is learnt and used twice counts twice', async () => {
    const learning = (count: number) =>
        `learn l0 { lora rank 4 from g "x" }\ngenerate g { prompt "x" }\n${lines(
            count,
            (i) => `generate g${i} { prompt "x" apply l${i} }\nlearn l${i + 1} { lora rank 4 from g${i}, g${i} "x" }`,
        )}\ngenerate last { prompt "x" apply l${count} }`;
    expect(await refused(learning(3))).toEqual(['runs']);
    expect(await refused(learning(14))).toEqual(['plan/large']);
});

test('a curve has as many keys as there can be steps', async () => {
    const keys = Array.from({ length: 1001 }, (_, i) => i % 9);
    expect(errors(await problems(`generate g { prompt "x" guidance ${keys.join(' -> ')} }`))).toEqual(['curve/many']);
    const { guidance } = await plan('picture', `generate g { prompt "x" guidance ${keys.slice(1).join(' -> ')} }`);
    expect(guidance.scale).toMatchObject({ keys: expect.objectContaining({ length: 1000 }) });
});

test('edges of edges have a limit', async () => {
    const edges = `image e0 = "./a.png"\n${lines(3000, (i) => `image e${i + 1} = edges of e${i}`)}`;
    expect(errors(await problems(`${edges}\ngenerate g { start from e3000 }`))).toContain('image/deep');
});

test('sets of layers that name others twice stay small', async () => {
    const sets = `layers s0 = mid, IN01\n${lines(80, (i) => `layers s${i + 1} = @s${i}, @s${i}`)}`;
    const text = `${sets}\nimage p = "./a.png"\ngenerate g { prompt "x" infuse p { @s80 0.5 } }`;
    const { infusions } = await plan('picture', text, { files: { 'a.png': [128, 128] } });
    expect(infusions[0]?.sites.map(({ site }) => site)).toEqual(['mid', 'IN01']);
});

test('seeds are counted over all ranges', async () => {
    const text = `generate g { prompt "x" seed ${Array.from({ length: 50 }, () => '0..999').join(', ')} }`;
    expect(errors(await problems(text))).toEqual(['seed/many']);
});

test('a prompt of 5,000 words that are not learnt is read once', async () => {
    const begin = cpuTime();
    expect(errors(await problems(`generate g { prompt "${'<p>'.repeat(5000)}" }`))).toEqual(['name/unknown']);
    // Two seconds on one core of 2021; half a minute where the prompt is read again for each word.
    expect(cpuTime() - begin).toBeLessThan(20_000);
});

test('seeds beyond all numbers are no count', async () => {
    const found = await problems('generate g { prompt "a turtle" seed 1..12e999 }');
    expect(errors(found)).toEqual(['seed/range', 'number/large']);
});

test('a pattern that would look through the disk is refused', async () => {
    const language = new Language({ ...EmptyFileSystem, files: { ...fileAccess({}), glob: () => undefined } });
    const document = await parse('image p = "../**/*.png"\ngenerate g { prompt "x" infuse p }', language);
    expect(errors(problemsOf(document))).toEqual(['file/many']);
});

test('a text of more than a million characters is refused', async () => {
    expect(errors(await problems(`generate g { prompt "${'x'.repeat(1_000_000)}" }`))).toEqual(['syntax/large']);
});

test('comments without an end are found in one pass', async () => {
    const begin = cpuTime();
    const found = await problems(`${'/* '.repeat(20_000)}generate g { prompt "x" }`);
    expect(found.map(({ code }) => code)).toContain('comment/unclosed');
    expect(cpuTime() - begin).toBeLessThan(20_000);
});

test('messages show long names by their ends, on one line', async () => {
    const [found] = await problems(`generate g { prompt "x" infuse ${'a'.repeat(5000)} }`);
    expect(found?.message).toMatch(/`a{90,}…a{29,30}`/);
    expect(found?.message.length).toBeLessThan(1001);
    const [turned] = await problems('image p = "./a\u202eb.png" "');
    expect(JSON.stringify(turned)).not.toContain('\u202e');
});

test('half a spec is reported without words of the program', async () => {
    const texts = [
        'import { b2 = "x"',
        'learn { word like "animal" from p "a" }\nimage p = "./a.png"',
        'param style = "ink"\ngenerate a { prompt "x" steps style }\nmosaic m { of a grid 4x4 tiles via a tile 4px }',
        'generate a { prompt "x" sampler none eta 0.5 }',
        'image i = "//host/a.png"\nimport { a } from "//host/a.sdspec"',
    ];
    for (const text of texts)
        for (const { message } of await problems(text)) expect(message).not.toMatch(/undefined|NaN|null|\[object/);
});

test('a file of five thousand lines is checked, and two thousand cells are planned', async () => {
    const begin = cpuTime();
    const text = `${lines(1250, (i) => `generate g${i} {\n    prompt "a turtle"\n    seed ${i}\n}`)}\nsweep s over g0 { seed in 1..500 guidance in 1..4 }`;
    expect(text.split('\n')).toHaveLength(5001);
    expect(errors(await problems(text))).toEqual([]);
    expect((await plan('sweep', text)).cells).toHaveLength(2000);
    // Some seconds on one core of 2023; a guard against what grows by the square.
    expect(cpuTime() - begin).toBeLessThan(40_000);
});

test('a file with a mosaic and a print has no problem, and both are planned', async () => {
    const text =
        'sdspec 1\ngenerate a { prompt "a turtle" }\nmosaic wall { of a grid 4x4 tiles via a }\nprint poster { of a paper 3x3cm at 100dpi }';
    const found = await problems(text);
    expect(found.filter(({ severity }) => severity === 'error' || severity === 'warning')).toEqual([]);
    expect(await refused(text, { name: 'wall' })).toEqual(['runs']);
    expect(await refused(text, { name: 'poster' })).toEqual(['runs']);
});
