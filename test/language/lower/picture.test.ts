/** Lowering of generates: every clause to its part of the Plan, every default filled in. */
import { expect, test } from 'vitest';
import { lowerRun } from '../../../src/language/index.ts';
import { constant } from '../../../src/plan/curve.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { languageWith, parse, plan, refused, run } from '../workbench.ts';

const FILES = { 'a.png': [128, 128], 'b.png': [128, 128], 'set/1.png': [64, 64], 'set/2.png': [64, 64] } as const;
const HEAD = `
image pic = "./a.png"
image other = "b.png"
image set = "./set/*.png"
image lines = edges of pic low 50
param style = "ink"
param strong = 9
prompt turtle = "a {style} turtle", "big" weight 1.2
ensemble both over latents {
    calm "a calm sea" weight 1 -> 0
    prompt turtle
}
weights deep { down.* 0  mid 0.3  up.0..up.1 0.3 -> 0.1 cosine  skip.2 -0.05 }
`;

/** A part of the plan of a generate with these settings. */
async function check<Part extends keyof PicturePlan>(
    settings: string,
    part: Part,
    expected: PicturePlan[Part],
): Promise<void> {
    const made = await plan('picture', `${HEAD}generate a { ${settings} }`, { files: FILES });
    expect(made[part]).toEqual(expected);
}

const words = (...texts: readonly string[]) => ({ phrases: texts.map((text) => ({ text, weight: 1 })) });
const file = (path: string) => ({ kind: 'file', path }) as const;

test('what a spec does not say has its default', async () => {
    expect(await plan('picture', 'generate a { }')).toMatchInlineSnapshot(`
      {
        "adapters": [],
        "clipSkip": 0,
        "conditioning": {
          "kind": "prompt",
          "prompt": {
            "phrases": [],
          },
        },
        "controls": [],
        "embeddings": [],
        "guidance": {
          "rescale": 0,
          "scale": {
            "easing": "linear",
            "keys": [
              {
                "at": 0,
                "value": 7.5,
              },
            ],
          },
        },
        "infusions": [],
        "kind": "picture",
        "longPrompts": "truncate",
        "model": {
          "kind": "builtin",
          "name": "sketch",
        },
        "negative": {
          "phrases": [],
        },
        "noise": {
          "kind": "torch-cpu",
        },
        "sampler": {
          "eta": 0,
          "name": "dpmpp-2m",
          "schedule": "karras",
        },
        "scales": [],
        "seeds": [
          0,
        ],
        "size": {
          "height": 128,
          "width": 128,
        },
        "steps": 25,
      }
    `);
});

test.each([
    ['prompt "a turtle"', words('a turtle')],
    ['prompt "a {style} turtle"', words('a ink turtle')],
    [String.raw`prompt "a \{style\} \<b\>"`, words('a {style} <b>')],
    [
        'prompt "x", "y" weight 1.3',
        {
            phrases: [
                { text: 'x', weight: 1 },
                { text: 'y', weight: 1.3 },
            ],
        },
    ],
    [
        'prompt { "x" "y" weight strong }',
        {
            phrases: [
                { text: 'x', weight: 1 },
                { text: 'y', weight: 9 },
            ],
        },
    ],
    [
        'prompt turtle',
        {
            phrases: [
                { text: 'a ink turtle', weight: 1 },
                { text: 'big', weight: 1.2 },
            ],
        },
    ],
    ['prompt ""', words()],
])('%s', (settings, prompt) => check(settings, 'conditioning', { kind: 'prompt', prompt }));

test('an ensemble', () =>
    check('prompt both', 'conditioning', {
        kind: 'ensemble',
        over: 'latents',
        members: [
            {
                name: 'calm',
                prompt: words('a calm sea'),
                weight: {
                    keys: [
                        { at: 0, value: 1 },
                        { at: 1, value: 0 },
                    ],
                    easing: 'linear',
                },
            },
            {
                name: 'turtle',
                prompt: {
                    phrases: [
                        { text: 'a ink turtle', weight: 1 },
                        { text: 'big', weight: 1.2 },
                    ],
                },
                weight: constant(1),
            },
        ],
    }));

test('negative words', () => check('negative "blurry"', 'negative', words('blurry')));
test('negative by name', () =>
    check('negative turtle', 'negative', {
        phrases: [
            { text: 'a ink turtle', weight: 1 },
            { text: 'big', weight: 1.2 },
        ],
    }));
test('size', () => check('size 64x96', 'size', { width: 64, height: 96 }));
test('steps', () => check('steps 7', 'steps', 7));
test('steps by param', () => check('steps strong', 'steps', 9));
test('clip skip', () => check('clip skip 2', 'clipSkip', 2));
test('long prompts', () => check('long prompts chunk', 'longPrompts', 'chunk'));

test.each([
    ['seed 7', [7]],
    ['seed 1..4', [1, 2, 3, 4]],
    ['seed 7, 11..12, 3', [7, 11, 12, 3]],
    // Seeds that are given twice are made once.
    ['seed 1, 1, 1..2', [1, 2]],
] as const)('%s', (settings, seeds) => check(settings, 'seeds', seeds));

test.each([
    ['sampler euler', { name: 'euler', schedule: 'normal', eta: 0 }],
    ['sampler euler on karras', { name: 'euler', schedule: 'karras', eta: 0 }],
    ['sampler ddim eta 0.3 spacing trailing', { name: 'ddim', schedule: 'normal', eta: 0.3, spacing: 'trailing' }],
    ['sampler ddim spacing leading eta 1', { name: 'ddim', schedule: 'normal', eta: 1, spacing: 'leading' }],
] as const)('%s', (settings, sampler) => check(settings, 'sampler', sampler));

test.each([
    ['guidance 5', { scale: constant(5), rescale: 0 }],
    ['guidance 5 rescale 0.7', { scale: constant(5), rescale: 0.7 }],
    [
        'guidance 9 -> 5 cosine',
        {
            scale: {
                keys: [
                    { at: 0, value: 9 },
                    { at: 1, value: 5 },
                ],
                easing: 'cosine',
            },
            rescale: 0,
        },
    ],
    [
        'guidance 9 -> 7@20% -> 6 -> 5@80% -> 1',
        {
            scale: {
                keys: [
                    { at: 0, value: 9 },
                    { at: 0.2, value: 7 },
                    { at: 0.5, value: 6 },
                    { at: 0.8, value: 5 },
                    { at: 1, value: 1 },
                ],
                easing: 'linear',
            },
            rescale: 0,
        },
    ],
] as const)('%s', (settings, guidance) => check(settings, 'guidance', guidance));

test.each([
    ['noise philox', { kind: 'philox' }],
    [
        `noise "./n.safetensors" sha256:${'A'.repeat(64)}`,
        { kind: 'file', path: 'n.safetensors', sha256: 'a'.repeat(64) },
    ],
] as const)('%s', async (settings, noise) => {
    const files = { ...FILES, 'n.safetensors': 'x' };
    expect((await plan('picture', `generate a { ${settings} }`, { files })).noise).toEqual(noise);
});

test.each([
    [
        'start from pic strength 0.4',
        {
            pictures: [{ picture: file('a.png'), weight: 1 }],
            mixing: 'linear',
            latent: 'mean',
            fit: 'cover',
            strength: 0.4,
        },
    ],
    [
        'start from pic',
        {
            pictures: [{ picture: file('a.png'), weight: 1 }],
            mixing: 'linear',
            latent: 'mean',
            fit: 'cover',
            strength: 0.6,
        },
    ],
    [
        'start from pic weight 0.3, other mixing spherical strength 0.7',
        {
            pictures: [
                { picture: file('a.png'), weight: 0.3 },
                { picture: file('b.png'), weight: 1 },
            ],
            mixing: 'spherical',
            latent: 'mean',
            fit: 'cover',
            strength: 0.7,
        },
    ],
    [
        'start from set strength 0.5',
        {
            pictures: [
                { picture: file('set/1.png'), weight: 0.5 },
                { picture: file('set/2.png'), weight: 0.5 },
            ],
            mixing: 'linear',
            latent: 'mean',
            fit: 'cover',
            strength: 0.5,
        },
    ],
    [
        'start from lines strength 0.5',
        {
            pictures: [{ picture: { kind: 'edges', of: file('a.png'), low: 50, high: 200 }, weight: 1 }],
            mixing: 'linear',
            latent: 'mean',
            fit: 'cover',
            strength: 0.5,
        },
    ],
    [
        'start from pic strength 0.5 fit contain',
        {
            pictures: [{ picture: file('a.png'), weight: 1 }],
            mixing: 'linear',
            latent: 'mean',
            fit: 'contain',
            strength: 0.5,
        },
    ],
] as const)('%s', (settings, start) => check(settings, 'start', start));

test('a mask', () =>
    check('start from pic mask outside other feather 4px', 'mask', {
        picture: file('b.png'),
        outside: true,
        feather: 4,
    }));
test.each([
    ['cache deep every 3', { every: 3 }],
    ['cache deep every 2 at OUT09', { every: 2, at: 'OUT09' }],
    ['cache deep every 2 at up.3.attn.1 during 20%..100%', { every: 2, at: 'OUT10', window: { from: 0.2, to: 1 } }],
    ['cache deep every 5 during 0%..100%', { every: 5 }],
    ['cache deep every strong', { every: 9 }],
    ['cache deep every 1', undefined],
] as const)('%s', (clause, expected) => check(clause, 'deepCache', expected));

test('text that is kept, and precision', () => {
    check('cache text during 40%..100%', 'textCache', { window: { from: 0.4, to: 1 } });
    check('cache text during step 5..9 cache deep every 3', 'textCache', { window: { firstStep: 5, lastStep: 9 } });
    check('precision int8', 'precision', 'int8');
    check('precision fp16', 'precision', 'fp16');
    check('precision fp32', 'precision', 'fp32');
    check('steps 5', 'precision', undefined);
});

test('outpainting', () =>
    check('start from pic outpaint left 32px, top 8px', 'outpaint', { left: 32, right: 0, top: 8, bottom: 0 }));

test('outpainting of what the base makes', async () => {
    const wide = await plan(
        'picture',
        'generate a { prompt "x" seed 3..4 }\ngenerate b extends a { outpaint right 64px }',
    );
    const picture = wide.start?.pictures[0]?.picture;
    expect(wide.start?.strength).toBe(1);
    expect(picture?.kind === 'made' && [picture.name, picture.plan.seeds, picture.plan.outpaint]).toEqual([
        'a',
        [3, 4],
        undefined,
    ]);
});

test.each([
    ['steps 10 trace every 5', { after: [5, 10], completed: false, finish: 0, attention: [] }],
    ['steps 10 trace every 4 finished in 1 step', { after: [4, 8], completed: true, finish: 0, attention: [] }],
    ['steps 3 trace finished in 1, 4 steps', { after: [1, 2, 3], completed: true, finish: 4, attention: [] }],
    ['steps 10 trace every 4 completed', { after: [4, 8], completed: true, finish: 0, attention: [] }],
    ['steps 3 trace', { after: [1, 2, 3], completed: false, finish: 0, attention: [] }],
    ['steps 10 trace at 0%, 50%, 100% finish 4', { after: [0, 5, 10], completed: false, finish: 4, attention: [] }],
    [
        'steps 2 trace at 0%, 10%, 20% attention "sea", "x"',
        { after: [0], completed: false, finish: 0, attention: ['sea', 'x'] },
    ],
    [
        'steps 10 start from pic strength 0.5 trace every 2',
        { after: [2, 4], completed: false, finish: 0, attention: [] },
    ],
    [
        'steps 10 trace at 0%, 4%, 10%, 50%, 90%, 100%',
        { after: [0, 1, 5, 9, 10], completed: false, finish: 0, attention: [] },
    ],
] as const)('%s', (settings, trace) => check(settings, 'trace', trace));

test('scales leave out what changes nothing', () =>
    check('scale { OUT04 0.75  mid 1  skip.* 0  skip.1 1 }', 'scales', [
        { site: 'skip.0', weight: constant(0) },
        { site: 'skip.2', weight: constant(0) },
        { site: 'skip.3', weight: constant(0) },
        { site: 'OUT04', weight: constant(0.75) },
    ]));

// ── Infusion ───────────────────────────────────────────────────────────

const TRUNK = ['down.0', 'down.1', 'down.2', 'down.3', 'mid', 'up.0', 'up.1', 'up.2', 'up.3'] as const;

test('an infusion that names nothing', () =>
    check('infuse pic', 'infusions', [
        {
            pictures: [{ picture: file('a.png'), weight: 1 }],
            sites: TRUNK.map((site) => ({ site, weight: constant(0.1) })),
            weight: constant(1),
            decay: 1,
            window: { from: 0, to: 1 },
            latent: 'clean',
            text: { kind: 'prompt' },
            rows: 'both',
            normalise: 'none',
        },
    ]));

test('an infusion that names everything', () =>
    check(
        'infuse set share 2, pic with deep weight 0.5 -> 0 decay 0.99 during 0%..60% latent matched text caption "a {style}" rows cond normalise match-std { mid 0.4 }',
        'infusions',
        [
            {
                pictures: [
                    { picture: file('set/1.png'), weight: 1 },
                    { picture: file('set/2.png'), weight: 1 },
                    { picture: file('a.png'), weight: 1 },
                ],
                sites: [
                    { site: 'mid', weight: constant(0.4) },
                    {
                        site: 'up.0',
                        weight: {
                            keys: [
                                { at: 0, value: 0.3 },
                                { at: 1, value: 0.1 },
                            ],
                            easing: 'cosine',
                        },
                    },
                    {
                        site: 'up.1',
                        weight: {
                            keys: [
                                { at: 0, value: 0.3 },
                                { at: 1, value: 0.1 },
                            ],
                            easing: 'cosine',
                        },
                    },
                    { site: 'skip.2', weight: constant(-0.05) },
                ],
                weight: {
                    keys: [
                        { at: 0, value: 0.5 },
                        { at: 1, value: 0 },
                    ],
                    easing: 'linear',
                },
                decay: 0.99,
                window: { from: 0, to: 0.6 },
                latent: 'matched',
                text: { kind: 'caption', caption: words('a ink') },
                rows: 'cond',
                normalise: 'match-std',
            },
        ],
    ));

test.each([
    ['mid 0.1 mid 0.2', ['mid 0.2']],
    ['down.* 0.1 down.1 0', ['down.0 0.1', 'down.2 0.1', 'down.3 0.1']],
    ['OUT05 0.1 IN04 0.2 skip[3] 0.3 mid 0.4', ['mid 0.4', 'IN04 0.2', 'OUT05 0.1', 'skip[3] 0.3']],
    ['MID 0.1 up_blocks.1.attentions.1 0.2', ['M00 0.1', 'OUT04 0.2']],
    ['skip.1..skip.3 0.1', ['skip.1 0.1', 'skip.2 0.1', 'skip.3 0.1']],
    ['down.2..up.1 0.1', ['down.2 0.1', 'down.3 0.1', 'mid 0.1', 'up.0 0.1', 'up.1 0.1']],
] as const)('layers %s', async (lines, expected) => {
    const made = await plan('picture', `${HEAD}generate a { infuse pic { ${lines} } }`, { files: FILES });
    expect(made.infusions[0]?.sites.map(({ site, weight }) => `${site} ${weight.keys[0]?.value}`)).toEqual(expected);
});

// ── Inheritance ────────────────────────────────────────────────────────

const BASE = `${HEAD}
generate base {
    prompt   "x"
    negative "blurry"
    seed     1
    steps    10
    infuse   pic weight 0.1
    infuse   other weight 0.2
    start    from pic strength 0.5
    expect { time <= 9s }
}
`;

async function infused(settings: string): Promise<readonly string[]> {
    const made = await plan('picture', `${BASE}generate a extends base { ${settings} }`, { files: FILES });
    return made.infusions.map(
        ({ pictures, weight }) =>
            `${pictures.map(({ picture }) => 'path' in picture && picture.path)} ${weight.keys[0]?.value}`,
    );
}

test.each([
    ['', ['a.png 0.1', 'b.png 0.2']],
    ['infuse pic weight 0.9', ['a.png 0.9', 'b.png 0.2']],
    ['infuse lines weight 0.3', ['a.png 0.1', 'b.png 0.2', 'false 0.3']],
    ['infuse pic, other weight 0.4', ['a.png 0.1', 'b.png 0.2', 'a.png,b.png 0.4']],
    ['without infuse pic', ['b.png 0.2']],
    ['without infuse', []],
    ['without infuse infuse pic weight 1', ['a.png 1']],
    [
        'infuse other weight 0.5 during 0%..50% infuse other weight 0.6 during 50%..100%',
        ['a.png 0.1', 'b.png 0.5', 'b.png 0.6'],
    ],
] as const)('an heir with %j infuses %j', async (settings, expected) =>
    expect(await infused(settings)).toEqual(expected),
);

test('an heir replaces clauses by kind, keeps the others and is judged by its own expectations', async () => {
    const { work, expect: judged } = await run(`${BASE}generate a extends base { seed 2 without start }`, {
        files: FILES,
    });
    expect(work.kind === 'picture' && [work.seeds, work.steps, work.start, work.negative]).toEqual([
        [2],
        10,
        undefined,
        words('blurry'),
    ]);
    expect(judged).toEqual([]);
});

test('equal work has an equal digest, however it is written', async () => {
    const { digest } = await import('../../../src/plan/digest.ts');
    const one = await plan('picture', 'generate a { steps 10 prompt "x" seed 3 }');
    const two = await plan(
        'picture',
        'prompt p = "x"\ngenerate z { prompt p steps 9 }\ngenerate b extends z { seed 3 steps 10 size 128x128 }',
    );
    expect(digest(two)).toBe(digest(one));
    // A change of the digest would make every stored result a stranger: it is stated in the change log.
    expect(digest(one)).toMatchInlineSnapshot(`"fa921f2603db753628bf6bddc25071f8ffbc83add4f0c122641ecf0ad163a961"`);
});

// ── Expectations, params, refusals ─────────────────────────────────────

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

test('the default sampler means the same whether it is written or not', async () => {
    const sampler = async (settings: string) =>
        (await plan('picture', `generate a { prompt "x" ${settings} }`)).sampler;
    expect(await sampler('sampler dpmpp-2m')).toEqual(await sampler(''));
    expect((await sampler('sampler dpmpp-2m on normal')).schedule).toBe('normal');
    expect((await sampler('sampler euler')).schedule).toBe('normal');
});
