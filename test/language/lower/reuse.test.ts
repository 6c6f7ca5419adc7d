/** What is used again: named settings, params set by `with`, prompts within prompts, cases, versions. */
import { expect, test } from 'vitest';
import { listRunnables, lowerRun, spell } from '../../../src/language/index.ts';
import { digest } from '../../../src/plan/digest.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { languageWith, parse, plan, refused } from '../workbench.ts';

const FILES = { 'a.png': [128, 128] } as const;
const words = ({ conditioning }: PicturePlan) =>
    conditioning.kind === 'prompt' ? conditioning.prompt.phrases.map(({ text, weight }) => `${text} ${weight}`) : [];
const short = (work: PicturePlan) => [
    work.steps,
    work.sampler.name,
    work.guidance.scale.keys[0]?.value,
    ...words(work),
];

test('named settings are taken like those of a base, later ones win', async () => {
    const head = `settings quick { steps 8 sampler euler-a }
        settings strong { guidance 12 steps 30 }
        generate subject { prompt "a cat" steps 20 guidance 5 }\n`;
    const of = async (generate: string) => short(await plan('picture', head + generate));
    expect(await of('generate t extends subject, quick { }')).toEqual([8, 'euler-a', 5, 'a cat 1']);
    expect(await of('generate t extends quick, subject { }')).toEqual([20, 'euler-a', 5, 'a cat 1']);
    expect(await of('generate t extends subject, quick, strong { }')).toEqual([30, 'euler-a', 12, 'a cat 1']);
    expect(await of('generate t extends quick { prompt "a dog" steps 4 }')).toEqual([4, 'euler-a', 7.5, 'a dog 1']);
    expect(await of('generate u extends subject, quick { }\ngenerate t extends u { without sampler }')).toEqual([
        8,
        'dpmpp-2m',
        5,
        'a cat 1',
    ]);
});

test('phrases have windows and weights that change, prompts that are named too, within those of the place', async () => {
    const phrases = async (text: string) => {
        const { conditioning } = await plan('picture', text);
        return conditioning.kind === 'prompt' ? conditioning.prompt.phrases : [];
    };
    const always = { from: 0, to: 1 };
    const half = { from: 0, to: 0.5 };
    const steady = { keys: [{ at: 0, value: 1 }], easing: 'linear' };
    const falling = { keys: [1, 0.5].map((value, at) => ({ at, value })), easing: 'linear' };
    expect(await phrases('generate g { prompt "a cat" during 0%..50%, "a dog" weight 1.2 }')).toEqual([
        { text: 'a cat', weight: 1, times: [{ during: half, weight: steady }] },
        { text: 'a dog', weight: 1.2 },
    ]);
    expect(await phrases('generate g { prompt { "a car" weight 1 -> 0.5 { "car" 1 -> 0.5 } } }')).toEqual([
        {
            text: 'a car',
            weight: 1,
            times: [{ during: always, weight: falling }],
            words: [{ words: 'car', weight: 1, times: [{ during: always, weight: falling }] }],
        },
    ]);
    const film = 'prompt film = "grain" during step 2..3, "soft" weight 0.8\n';
    const steps = { firstStep: 2, lastStep: 3 };
    const expected = [
        {
            text: 'grain',
            weight: 1.5,
            times: [
                { during: steps, weight: steady },
                { during: half, weight: steady },
            ],
        },
        { text: 'soft', weight: 0.8 * 1.5, times: [{ during: half, weight: steady }] },
        { text: 'a cat', weight: 1 },
    ];
    expect(await phrases(`${film}generate g { prompt film weight 1.5 during 0%..50%, "a cat" }`)).toEqual(expected);
    expect(await phrases(`${film}generate g { prompt { film weight 1.5 during 0%..50% "a cat" } }`)).toEqual(expected);
});

test('`with` sets params for a generate and what it inherits; a run and an axis win over it', async () => {
    const head = `param style = "ink" param w = 9
        prompt cat = "a cat, {style}"
        generate base { prompt cat guidance w }\n`;
    const soft = `${head}generate soft extends base with w = 2, style = "oil" { seed 4 }\n`;
    expect(short(await plan('picture', soft, { name: 'base' }))).toEqual([25, 'dpmpp-2m', 9, 'a cat, ink 1']);
    expect(short(await plan('picture', soft))).toEqual([25, 'dpmpp-2m', 2, 'a cat, oil 1']);
    const heir = `${soft}generate softer extends soft with w = 1 { }`;
    expect(short(await plan('picture', heir))).toEqual([25, 'dpmpp-2m', 1, 'a cat, oil 1']);
    expect(short(await plan('picture', soft, { params: { w: '3' } }))).toEqual([25, 'dpmpp-2m', 3, 'a cat, oil 1']);
    const { cells } = await plan('sweep', `${soft}sweep s over soft { w in [4, 5] }`);
    expect(cells.map((cell) => short(cell.plan)[2])).toEqual([4, 5]);
    // What another generate makes has its own values.
    const made = await plan('picture', `${soft}generate later extends soft { start from base }`);
    const source = made.start?.pictures[0]?.picture;
    expect(source?.kind === 'made' && words(source.plan)).toEqual(['a cat, ink 1']);
});

test('`with` sets params where a picture is used, each use its own', async () => {
    const text = `param style = "ink"
        generate base { prompt "a cat, {style}" seed 1..2 }
        generate one { prompt "x" start from base with seed 2, style = "oil" }
        generate each-one { prompt "x" seed 1..2 start from base each with style = "oil" }
        generate two { prompt "x" infuse base all with style = "oil" share 2, base all { mid 0.2 } }`;
    const made = (work: PicturePlan) => {
        const pictures = [...(work.start?.pictures ?? []), ...work.infusions.flatMap((one) => one.pictures)];
        return pictures.map(({ picture }) =>
            picture.kind === 'made' ? `${words(picture.plan)} ${picture.plan.seeds}` : '',
        );
    };
    const of = async (name: string) => made(await plan('picture', text, { name }));
    expect(await of('one')).toEqual(['a cat, oil 1 2']);
    expect(await of('each-one')).toEqual(['a cat, oil 1 1,2']);
    const [oil, ink] = ['a cat, oil 1', 'a cat, ink 1'];
    expect(await of('two')).toEqual([`${oil} 1`, `${oil} 2`, `${ink} 1`, `${ink} 2`]);
    // A run wins.
    expect(made(await plan('picture', text, { name: 'one', params: { style: 'wax' } }))).toEqual(['a cat, wax 1 2']);
});

test('`with` sets params where a prompt is named, each use its own; the nearest wins', async () => {
    const head = `param subject = "rabbit" param late = 50%
        prompt styled = "painting of a {subject}" during 0%..late, "oil"
        prompt owl = styled with subject = "owl"
        ensemble both { prompt styled with subject = "cat"  prompt styled }
        generate plain { prompt styled }\n`;
    const of = async (prompt: string, more: Parameters<typeof plan>[2] = {}) =>
        words(await plan('picture', `${head}generate a { ${prompt} }`, more)).map((one) => one.replace(/ 1$/, ''));
    const painted = (subject: string) => [`painting of a ${subject}`, 'oil'];
    expect(await of('prompt styled')).toEqual(painted('rabbit'));
    expect(await of('prompt styled with subject = "owl"')).toEqual(painted('owl'));
    expect(await of('prompt styled with subject = "owl", late = 20%, "at night"')).toEqual([
        ...painted('owl'),
        'at night',
    ]);
    const beside = 'prompt { styled with subject = "owl" weight 0.5  "x"  styled with subject = "cat" }';
    expect(await of(beside)).toEqual([...painted('owl').map((one) => `${one} 0.5`), 'x', ...painted('cat')]);
    expect(await of('prompt owl with subject = "cat"')).toEqual(painted('owl'));
    // A run wins, and what the generate inherits does not.
    expect(await of('prompt styled with subject = "owl"', { params: { subject: 'dog' } })).toEqual(painted('dog'));
    const heir = `${head}generate b extends plain with subject = "fox" { prompt styled with subject = "owl", styled }`;
    expect(words(await plan('picture', heir)).map((one) => one.replace(/ 1$/, ''))).toEqual([
        ...painted('owl'),
        ...painted('fox'),
    ]);
    const { negative } = await plan('picture', `${head}generate a { prompt "x" negative styled with subject = "owl" }`);
    expect(negative.phrases.map(({ text }) => text)).toEqual(painted('owl'));
    const { conditioning } = await plan('picture', `${head}generate a { prompt both with late = 10% }`);
    const members = conditioning.kind === 'ensemble' ? conditioning.members : [];
    expect(members.map(({ prompt }) => prompt.phrases[0]?.text)).toEqual([painted('cat')[0], painted('rabbit')[0]]);
    expect(members.map(({ prompt }) => prompt.phrases[0]?.times?.[0]?.during)).toEqual(
        [0, 1].map(() => ({ from: 0, to: 0.1 })),
    );
    const { cells } = await plan(
        'sweep',
        `${head}sweep s over plain { prompt in [styled with subject = "owl", owl, styled with subject = "cat", late = 20%] }`,
    );
    expect(cells.map((cell) => [cell.labels['prompt'], words(cell.plan)[0]])).toEqual([
        ['styled with subject = "owl"', 'painting of a owl 1'],
        ['owl', 'painting of a owl 1'],
        ['styled with subject = "cat", late = 20%', 'painting of a cat 1'],
    ]);
});

test('learned words are found in what prompts within prompts and their params say', async () => {
    const text = `embedding pip = "builtin:sketch-pip"
        param who = "a cat"
        prompt styled = "painting of {who}"
        prompt around = styled, "at home"
        generate a { prompt "x", around }
        generate b { prompt "x", styled with who = "a <pip>" }`;
    const tokens = async (name: string, params = {}) =>
        (await plan('picture', text, { name, params })).embeddings.map(({ token }) => token);
    expect(await tokens('a')).toEqual([]);
    expect(await tokens('a', { who: 'a <pip>' })).toEqual(['pip']);
    expect(await tokens('b')).toEqual(['pip']);
    expect(await tokens('b', { who: 'a dog' })).toEqual([]);
});

test('`with` sets params for the tiles of a mosaic and for what a print redoes; a spec that is spelled out keeps the picture', async () => {
    const text = `param subject = "rabbit" param big = 128x64
        generate a { prompt "photo of a {subject}" size big }
        mosaic m { of a grid 2x2 tiles via a with subject = "owl", big = 128x64 strength 0.5 }
        mosaic n { of a grid 2x2 tiles via a with big = 64x128 }
        print p { of a upscale via a with subject = "fox" by 2 paper 10x5cm at 100dpi }`;
    expect(words((await plan('mosaic', text, { name: 'm' })).tiles.via)).toEqual(['photo of a owl 1']);
    expect((await plan('mosaic', text, { name: 'n' })).tiles.size).toEqual({ width: 64, height: 128 });
    const [step] = (await plan('print', text, { name: 'p' })).steps;
    expect(step?.kind === 'refine' && words(step.via)).toEqual(['photo of a fox 1']);
    const timed = await parse(
        'param late = 50%\nprompt p = "a" during 0%..late, "b"\ngenerate g { prompt p with late = 80% steps 10 }',
    );
    expect(spell(listRunnables(timed)[0]!.node)).toContain('// during 0%..late: steps 1 to 8 of 10');
    const document = await parse(text);
    for (const params of [{}, { subject: 'turtle' }]) {
        const node = listRunnables(document).find(({ name }) => name === 'm')!.node;
        const spelled = spell(node, { params })!;
        expect(digest(await plan('mosaic', spelled))).toBe(digest(await plan('mosaic', text, { name: 'm', params })));
    }
});

test('an import sets params of the file that it takes from', async () => {
    const language = languageWith();
    const lib = 'param style = "ink"\nprompt cat = "a cat, {style}"\ngenerate base { prompt cat }';
    await parse(lib, language, 'lib.sdspec');
    const own = async (text: string) => {
        const document = await parse(text, language, `own-${text.length}.sdspec`);
        const { value, problems } = lowerRun(document, listRunnables(document).at(-1)!.name);
        if (value?.work.kind !== 'picture') throw new Error(JSON.stringify(problems));
        // Spelled out it is one file, with the values that were set.
        const node = listRunnables(document).at(-1)!.node;
        expect(digest(await plan('picture', spell(node)!))).toBe(digest(value.work));
        return words(value.work);
    };
    expect(await own('import { base } from "./lib.sdspec"\ngenerate a extends base { }')).toEqual(['a cat, ink 1']);
    expect(await own('import { base } from "./lib.sdspec" with style = "chalk"\ngenerate a extends base { }')).toEqual([
        'a cat, chalk 1',
    ]);
    const nearer =
        'import { base } from "./lib.sdspec" with style = "chalk"\ngenerate a extends base with style = "oil" { }';
    expect(await own(nearer)).toEqual(['a cat, oil 1']);
});

test('a prompt may name prompts: styles', async () => {
    const head = `prompt film = "cinematic", "film grain" weight 0.8
        prompt night = film, "at night"\n`;
    const of = async (prompt: string) => words(await plan('picture', `${head}generate a { ${prompt} }`));
    expect(await of('prompt film, "photo of a cat"')).toEqual(['cinematic 1', 'film grain 0.8', 'photo of a cat 1']);
    expect(await of('prompt "photo of a cat", film weight 0.5')).toEqual([
        'photo of a cat 1',
        'cinematic 0.5',
        'film grain 0.4',
    ]);
    expect(await of('prompt { "a cat" night }')).toEqual(['a cat 1', 'cinematic 1', 'film grain 0.8', 'at night 1']);
    expect(await of('prompt night')).toEqual(['cinematic 1', 'film grain 0.8', 'at night 1']);
    const { negative } = await plan('picture', `${head}generate a { prompt "x" negative film, "text" }`);
    expect(negative.phrases.map(({ text }) => text)).toEqual(['cinematic', 'film grain', 'text']);
});

test('cases are one axis, and each is what a generate that extends the subject would be', async () => {
    const text = `image e = "a.png"
weights deep { mid 0.3 }
generate subject { prompt "photo of a rabbit" steps 8 infuse e as early { up.1 0.1 } }
generate deeper extends subject { infuse e as early with deep guidance 9 }
generate bare extends subject { without early }
sweep ablation over subject {
    case none { without early }
    case same { }
    case deep { infuse e as early with deep guidance 9 }
    seed in 1..2
    columns case
}`;
    const { axes, cells, columns } = await plan('sweep', text, { files: FILES });
    expect(axes).toEqual([
        { name: 'case', values: ['none', 'same', 'deep'] },
        { name: 'seed', values: ['1', '2'] },
    ]);
    expect(columns).toBe('case');
    expect(cells).toHaveLength(6);
    for (const [name, at] of [
        ['bare', 0],
        ['subject', 2],
        ['deeper', 4],
    ] as const) {
        const wanted = await plan('picture', text, { files: FILES, name });
        expect(cells[at]?.plan).toEqual({ ...wanted, seeds: [1] });
    }
});

test('options may come before or after the block', async () => {
    const infused = async (clause: string) =>
        (await plan('picture', `image e = "a.png"\ngenerate a { prompt "x" ${clause} }`, { files: FILES })).infusions;
    expect(await infused('infuse e { mid 0.3 } during 0%..50% decay 0.9')).toEqual(
        await infused('infuse e during 0%..50% decay 0.9 { mid 0.3 }'),
    );
    const car = async (phrase: string) => (await plan('picture', `generate a { prompt ${phrase} }`)).conditioning;
    expect(await car('"a red car" { "red" 1.4 } weight 0.9')).toEqual(
        await car('"a red car" weight 0.9 { "red" 1.4 }'),
    );
});

test('a spec may say which version it is written for', async () => {
    const without = await plan('picture', 'generate a { prompt "x" }');
    expect(await plan('picture', 'sdspec 1\n\ngenerate a { prompt "x" }')).toEqual(without);
    // Errors elsewhere in a file do not prevent a run, but a version that is not known changes everything.
    expect(await refused('sdspec 2\ngenerate a { prompt "x" }')).toEqual(['spec/version']);
});
