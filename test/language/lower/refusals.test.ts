/** Expectations, params from outside, files of companions, and specs that are refused. */
import { expect, test } from 'vitest';
import { lowerRun } from '../../../src/language/index.ts';
import { languageWith, parse, plan, refused, run } from '../workbench.ts';
import { FILES, HEAD } from './picture/checked.ts';

test('expectations', async () => {
    const { expect: judged } = await run(
        `${HEAD}generate a { expect { image phash:00112233445566FF image ssim to pic >= 0.9 time <= 2min image sha256:${'0'.repeat(64)} } }`,
        { files: FILES },
    );
    expect(judged).toEqual([
        { kind: 'phash', phash: '00112233445566ff', within: 4 },
        { kind: 'ssim', to: { path: 'a.png' }, atLeast: 0.9 },
        { kind: 'time', atMostSeconds: 120 },
        { kind: 'sha256', sha256: '0'.repeat(64) },
    ]);
});

test('params from outside', async () => {
    const text = `${HEAD}generate a { prompt turtle steps strong }`;
    const made = await plan('picture', text, { files: FILES, params: { style: 'linocut', strong: '12' } });
    expect(made.steps).toBe(12);
    expect(made.conditioning).toMatchObject({ prompt: { phrases: [{ text: 'a linocut turtle' }, {}] } });
});

test.each([
    [{ styel: 'x' }, ['param/unknown']],
    [{ strong: 'many' }, ['param/number']],
    [{ strong: '5000' }, ['steps/range']],
] as const)('params %j are refused', async (params, codes) => {
    expect(await refused(`${HEAD}generate a { prompt turtle steps strong }`, { files: FILES, params })).toEqual(codes);
});

test.each([
    ['generate a { use }', ['syntax/unexpected']],
    ['generate a { prompt nothing }', ['name/unknown']],
    ['generate a { steps 0 }', ['steps/range']],
    ['image x = "none.png"\ngenerate a { start from x }', ['file/missing']],
    ['generate a { start from a }', ['image/cycle']],
    ['generate b { start from a }\ngenerate a { start from b }', ['image/cycle']],
    ['generate b { steps 0 }\ngenerate a { }', ['runs']],
    ['generate b { use }\ngenerate a { }', ['runs']],
    ['image x =\n\ngenerate a { start from x }', ['syntax/unexpected']],
    ['image x =\n\nprompt p = "x"\ngenerate a { start from x }', ['syntax/incomplete']],
    ['lora l = "l.safetensors"\ngenerate b { apply l }\ngenerate a extends b { without apply }', ['file/missing']],
])('%j: %j', async (text, codes) => expect(await refused(text, { files: FILES })).toEqual(codes));

test('what comes with sdspec keeps its name, wherever the spec and its imports are', async () => {
    const ingredients = `
lora robot = "builtin:sketch-robot"
embedding pip = "builtin:sketch-pip"
controlnet outline = "builtin:sketch-edges"
`;
    const imports = 'import { robot, pip, outline } from "../ingredients.sdspec"\nimage pic = "../a.png"\n';
    const picture = 'generate a { prompt "a robot, <pip>" apply robot control outline by pic }';
    const language = languageWith(FILES);
    await parse(ingredients, language, 'ingredients.sdspec');
    const document = await parse(imports + picture, language, 'deep/spec.sdspec');
    const { value, problems } = lowerRun(document, 'a');
    expect(problems).toEqual([]);
    expect(value?.work).toMatchObject({
        adapters: [{ file: { path: 'builtin:sketch-robot' } }],
        controls: [{ net: { path: 'builtin:sketch-edges' } }],
        embeddings: [{ token: 'pip', file: { path: 'builtin:sketch-pip' } }],
    });
});

test('sets of pictures need files', async () => {
    expect(await refused('image s = "*.png"\ngenerate a { start from s }')).toEqual(['file/no-access']);
});

test('a name that is not there', async () => {
    expect(await refused('generate turtle { }', { name: 'turtel' })).toEqual(['run/unknown']);
});
