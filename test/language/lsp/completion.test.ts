/** Completion offers what fits, and only that. */
import { describe, expect, test } from 'vitest';
import { Editor } from './editor.ts';

const editor = await Editor.start();
const HEAD = `model m = "builtin:sketch"
image portrait = "./portrait.png"
param style = "oil"
prompt words = "a"
weights deep { mid 0.1 }
layers shapes = mid
`;

const labels = async (text: string) => (await editor.completions(HEAD + text)).map(({ label }) => label);

/** Checks that some labels are offered at `|`, and that others (with a `!`) are not. */
const check = (text: string, ...expected: readonly string[]) =>
    test(text.replaceAll('\n', ' ⏎ '), async () => {
        const found = await labels(text);
        for (const label of expected) {
            if (label.startsWith('!')) expect(found).not.toContain(label.slice(1));
            else expect(found).toContain(label);
        }
    });

const exactly = (text: string, ...expected: readonly string[]) =>
    test(`${text.replaceAll('\n', ' ⏎ ')} exactly`, async () => {
        expect((await labels(text)).toSorted()).toEqual(expected.toSorted());
    });

describe('declarations', () => {
    check('|', 'generate', 'model', 'sweep', '!layer', '!sampler', '!weight', '!on');
    check('gen|', 'generate', '!model');
    check('generate a { seed 1 }\n|', 'generate', '!seed', '!extends');
    exactly('generate a |', 'extends');
});

describe('settings', () => {
    check(
        'generate a {\n    |\n}',
        'use',
        'prompt',
        'seed',
        'infuse',
        'expect',
        '!weight',
        '!generate',
        '!on',
        '!left',
    );
    check('generate a {\n    seed 1\n    |\n}', 'use', 'prompt', '!seed');
    check('generate a {\n    seed 1\n    |', 'use', '!seed');
    check('generate a {\n    sampler ddim\n    |\n}', '!eta', '!on', '!sampler', 'seed');
    check('generate a {\n    se|\n}', 'seed', '!use');
    check('generate a {\n    infuse portrait with deep\n    |\n}', 'infuse', '!weight');
    check('generate a { | }', 'seed', 'use');
    check('generate a {\n    steps 25 |\n}', '!seed', '!use');
    check('param wide = 64px\ngenerate a {\n    size 512x512 windows |\n}', 'wide', '128px', '!style');
    check('param late = 60%\ngenerate a {\n    trace at |\n}', 'late', '50%', '!style');
    check('generate a {\n    prompt words |\n}', 'with', 'during');
    check('generate a {\n    prompt words with |\n}', 'style', '!words', '!deep');
    check('generate a {}\nmosaic x {\n    tiles via a |\n}', 'with', 'strength', 'tile');
    check('generate a {\n    cache |\n}', 'deep', '!seed');
    check('generate a {\n    cache |\n}', 'text');
    check('generate a {\n    cache text |\n}', 'during', '!every');
    check('generate a {\n    precision |\n}', 'int8', 'fp16', 'fp32', '!seed');
    check('generate a {\n    cache deep every 3 |\n}', 'at', 'during', '!every', '!seed');
    check('generate a {\n    cache deep every 3 at |\n}', 'OUT10');
    check('generate a {\n    infuse portrait |\n}', 'with', 'weight', 'decay', 'during', '!seed', '!infuse');
    check('generate a {\n    infuse portrait weight 1 |\n}', 'with', 'decay', '!weight');
    check('sweep s over a {\n    |\n}', 'seed', 'guidance', 'infuse', 'columns', 'style', '!strength in', '!weight');
    check('mosaic w {\n    of a\n    |\n}', 'grid', 'tiles', 'depth', '!of', '!seed');
    check('print p {\n    |\n}', 'of', 'upscale', 'paper', '!grid');
    check('generate a {\n    expect {\n        |\n    }\n}', 'image', 'time', '!seed');
});

describe('names of the right kind', () => {
    exactly('generate a {\n    use |\n}', 'm');
    exactly('generate a {\n    infuse portrait with |\n}', 'deep', 'original', 'decoder', 'seed');
    check('generate a {\n    prompt |\n}', 'words', '!m', '!portrait');
    check('generate b {}\ngenerate a extends |', 'b', '!a');
    check('generate b extends a {}\ngenerate a extends |', '!b');
    check('generate a {\n    sampler |\n}', 'ddim', 'dpmpp-2m', '!karras', '!m');
    exactly('generate a {\n    sampler euler on |\n}', 'normal', 'karras', 'exponential');
    check('generate a {\n    sampler ddim |\n}', 'eta', 'spacing', '!on');
    check('generate a {\n    sampler euler |\n}', 'on', '!eta');
    check('weights w {\n    |\n}', 'mid', 'down.0', 'IN04', 'down.*', '!m', '!cosine');
    check('weights w {\n    mid 1 |\n}', '->', '!mid', 'cosine', '!down.0');
    check('layers l = mid, |', 'down.0', 'skip.*');
    check('layers l = @|', 'shapes', '!mid');
    check('generate a {\n    start from |\n}', 'portrait', '!m', '!deep');
    check('generate a {\n    steps |\n}', 'style');
});

describe('sweeps and inheritance', () => {
    const BASE =
        'ensemble e { calm "a" storm "b" }\ngenerate base { use m prompt e infuse portrait with deep negative "x" }\n';
    exactly(`${BASE}sweep s over base {\n    infuse |\n}`, 'portrait', 'base');
    exactly(`${BASE}sweep s over base {\n    infuse portrait |\n}`, 'weight', 'decay', 'with', 'from', 'at');
    check(`${BASE}sweep s over base {\n    infuse portrait { |\n}`, 'mid', 'up.0');
    exactly(`${BASE}sweep s over base {\n    member |\n}`, 'calm', 'storm');
    exactly(
        `${BASE}sweep s over base {\n    seed in 1..2\n    infuse portrait weight in [1, 2]\n    columns |\n}`,
        'seed',
        'infuse',
    );
    exactly(`${BASE}generate q extends base {\n    without |\n}`, 'infuse', 'negative', 'prompt', 'use');
    check('generate b { use m infuse portrait as early { mid 1 } }\ngenerate q extends b {\n    without |\n}', 'early');
    check('generate b { use m infuse portrait as early { mid 1 } }\nsweep s over b {\n    |\n}', 'early', 'seed');
    check(
        'generate b { use m infuse portrait as early { mid 1 } }\nsweep s over b {\n    early |\n}',
        'weight',
        'at',
        '!of',
    );
    exactly(`${BASE}generate q extends base {\n    without infuse |\n}`, 'portrait');
    exactly('generate q {\n    long |\n}', 'prompts');
    check('generate q {\n    sead 1 = ] 7\n    infuse portrait |\n    seed 1\n}', 'with', 'weight', '!seed');
});

describe('values', () => {
    check('generate a {\n    use m\n    size |\n}', '128x128', '!512x512');
    check('generate a {\n    infuse portrait during |\n}', '0%');
    check('print p {\n    paper 10x15cm at |\n}', '300dpi');
    check('generate a {\n    expect {\n        time <= |\n    }\n}', '90s');
});

describe('within strings', () => {
    exactly('prompt p = "a {|"', 'style');
    exactly('prompt p = "a {st|} b"', 'style');
    check('model x = "|"', 'builtin:sketch', 'hf:', '!builtin:sketch-robot');
    check('lora x = "|"', 'builtin:sketch-robot', '!builtin:sketch', '!builtin:sketch-edges');
    check('embedding x = "|"', 'builtin:sketch-pip', '!builtin:sketch-robot');
    check('controlnet x = "|"', 'builtin:sketch-edges', '!builtin:sketch-robot');
    check('upscaler x = "|"', '!builtin:sketch-robot');
    check('generate a { use m prompt "photo of a |" }', 'turtle', 'in a meadow');
    check('generate a { use m }\nparam what = "a |"', 'turtle');
    check('param what = "a {|"', '!style');
    exactly('model other = "hf:a/b"\ngenerate a { use other prompt "photo of a |" }');
    exactly('generate a { use nothing prompt "photo of a |" }');
    exactly('// gen|');
    exactly('/** gen| */');
});

describe('where nothing says `use`, the built-in model is the default', () => {
    const offered = async (text: string) => (await editor.completions(text)).map(({ label }) => label);
    test.each([
        'generate a { prompt "photo of a |" }',
        'prompt p = "a |"',
        'prompt p = "a |"\ngenerate a { prompt p }',
        'generate a { seed 1 }\nsweep s over a {\n    prompt in ["a |"]\n}',
    ])('%s', async (text) => expect(await offered(text)).toContain('turtle'));
    test('sizes are its own', async () => {
        expect(await offered('generate a {\n    size |\n}')).toContain('128x128');
    });
    test('in a file of several models, words are those of the one around', async () => {
        const file = 'model far = "hf:a/b"\ngenerate a { use far }\n';
        expect(await offered(`${file}generate b { prompt "a |" }`)).toContain('turtle');
        expect(await offered(`${file}generate b { use far prompt "a |" }`)).toEqual([]);
        expect(await offered(`${file}generate b { seed 1 }\nprompt p = "a |"`)).toEqual([]);
    });
});

describe('learning', () => {
    check(
        'learn pip {\n    |\n}',
        'word',
        'lora',
        'weights',
        'from',
        'beside',
        'rate',
        'trace',
        '!prompt',
        '!like',
        '!grid',
    );
    check('learn pip {\n    word |\n}', 'like', 'vectors', '!from');
    check('learn pip {\n    word like "x"\n    |\n}', 'from', '!word', '!vectors');
    check('learn pip {\n    lora rank 8 at |\n}', 'attention', 'transformer', 'OUT03', 'all');
    check('learn pip {\n    from |\n}', 'portrait', '!style');
    check('learn pip {\n    rate 0.1 |\n}', 'warmup', 'cosine', '!batch');
    check('learn pip {\n    memory |\n}', 'keep', 'small');
    check('learn net {\n    controlnet |\n}', 'edges', '!from');
    check(
        'learn net { controlnet edges from portrait "a" }\nlearn tin { lora from portrait "a" }\ngenerate a {\n    control |\n}',
        'net',
        '!tin',
    );
    check('learn pip { word like "x" from portrait "a <pip>" }\ngenerate a { prompt "a <|" }', 'pip');
    check('learn tin { lora from portrait "a" }\ngenerate a {\n    apply |\n}', 'tin');
    check('learn tin { lora from portrait "a" expect { | } }', 'loss');
});

describe('words with weights of their own', () => {
    exactly('generate a { prompt "a red car" { "|" } }', 'a', 'red', 'car');
    exactly('generate a {\n    prompt "a {style} car" weight 1.2 { "a" 1.1 "|', 'a', '{style}', 'car');
    check('prompt p { "one" "a red car" { "red" 1.2 } "|" }', '!one');
    exactly('generate a { prompt "a red car" { | } }', '"a"', '"red"', '"car"');
    exactly('generate a { prompt "a red car" weight 1.2 { "a" 1.1 |', '"a"', '"red"', '"car"');
    check('generate a { prompt "a red car" { "red" 1.2 } |', '!"red"');
});

test('words that are begun are replaced as a whole', async () => {
    const found = await editor.completions(`${HEAD}generate a { use m prompt "a cat in a mea|" }`);
    const edit = found.find(({ label }) => label === 'in a meadow')?.textEdit;
    const start = edit && 'range' in edit ? edit.range.start.character : -1;
    expect(start).toBe('generate a { use m prompt "a cat '.length);
});

test('declarations come as snippets', async () => {
    const found = (await editor.completions('|')).find(({ label }) => label === 'generate');
    expect(found?.insertTextFormat).toBe(2);
    expect(found?.textEdit?.newText).toMatch(/prompt "\$\{3\}"/);
});
