/** Parsing: the whole language is read, and one slip costs one line. */

import { AstUtils } from 'langium';
import { expect, test } from 'vitest';
import { isText, type Text } from '../../../src/language/generated/ast.ts';
import { pieces, sourceWords } from '../../../src/language/grammar/text.ts';
import { parse } from '../workbench.ts';

/** The texts of the language's own description: every form of every clause. */
const WHOLE = `
import { sd15, canny as edges-net } from "./models.sdspec"

model      sketch    = "builtin:sketch"
model      hub       = "hf:owner/name" revision "451f4fe"
model      own       = "./weights/own.safetensors" sha256:9aba26ab      // a comment
model      fast      = "./weights/fast.safetensors" predicts v zero-snr vae "./weights/vae.safetensors" sha256:77ab01
lora       ink       = "./weights/ink.safetensors"
embedding  moonglow  = "./weights/moonglow.safetensors"
controlnet canny     = "./weights/control_canny"
upscaler   esrgan    = "./weights/RealESRGAN_x4.safetensors"
image      portrait  = "./assets/portrait.png" sha256:77ab01
image      cowboys   = "./assets/cowboys/*.png"
image      outline   = edges of portrait low 100 high 200
param      style     = "oil painting"
param      strong    = 7.5

prompt     turtle    = "a photo of a turtle"
prompt     seaside {
    "a lighthouse on a cliff at dusk, {style}"
    "volumetric fog by <moonglow>"                weight 1.3
    """
    many "lines"
    of {style}
    """
}

/** Neither animal alone. */
ensemble   frograffe {
    "a giraffe that looks like a frog"
    "a frog that looks like a giraffe"            weight 1
    prompt turtle                                 weight 0.2
}
ensemble   weather over latents {
    calm   "a calm sea at dawn"                   weight 1 -> 0
    storm  { "a storm" "lightning" weight 1.2 }   weight 0 -> 1 cosine
}
layers     shapes    = IN04..IN08, mid, skip[3], up_blocks.1.attentions.0
weights    deep {
    down.*        0
    mid           0.3
    up.0..up.1    0.3 -> 0.1 cosine
    @shapes       0.2
    skip.*       -0.05
    IN*, OUT*     0@0% -> 0.7@40% -> 0.2@100% hold
}

generate hybrid {
    use       sketch
    prompt    frograffe
    negative  "blurry, text"      weight 1.2
    size      128x128
    steps     25
    sampler   ddim eta 0
    guidance  7.5 rescale 0.7
    seed      42
    noise     torch-cpu
    clip      skip 1
    long prompts chunk
    infuse    cowboys with deep weight 1 decay 0.99 during 0%..60% latent matched text caption "cowboys" rows cond normalise match-std
    infuse    portrait noise matched text as painted on prompt normalise { OUT03..OUT05 0.4  skip.2 0.1 }
    infuse    portrait share 1, cowboys share 2 weight 0.5 -> 0
    scale     with deep { OUT04 0.75 }
    apply     ink weight 0.6
    control   canny by outline weight 0.8 during 0%..80%
    trace     every 5 finished in 1, 4 steps attention "turtle", "sea"
    expect {
        image  phash:c3d2e1f0a1b2c3d4 within 4
        image  ssim to portrait >= 0.97
        time   <= 90s
    }
}
generate aged extends hybrid {
    start     from portrait strength 0.6
    seed      1..4, 7
    sampler   euler on karras spacing trailing
    noise     "./noise.safetensors" sha256:00
    guidance  strong -> 5
    prompt    "one", "two" weight 1.2
    without   infuse cowboys
    without   negative
    trace     at 0%, 50%, 100%
}
generate dream extends hybrid { start from portrait weight 0.5, cowboys weight 0.5 mixing spherical strength 0.7 fit stretch }
settings quick { steps 8 }
generate brief extends hybrid, quick with style = "ink" { start from many with seed 2 }
sweep table over hybrid { case none { without infuse } case more { guidance 9 } columns case }
sweep pairs over hybrid zipped { seed in 1..2 }
generate framed extends hybrid {
    start     from dream strength 0.95
    mask      outside portrait feather 4px
    prompt    { "a drawing" "of an animal" weight 1.1 }
}
generate wide extends hybrid { outpaint left 32px, right 32px }
generate faster extends hybrid { cache deep every 3 at OUT10 during 20%..100% cache text during step 5..9 precision int8 }
generate halved extends hybrid { precision fp16 }
generate whole extends hybrid { precision fp32 }

sweep styles over hybrid together animate {
    seed      in 1..4
    guidance  in [5, 7.5, 10, 12]
    clip skip in 0..3
    style     in ["oil painting", "linocut", "ink", "chalk"]
    columns   guidance
    measure   ssim to framed, moved, towards sky from framed
    measure   subject "turtle", phash to framed
    mean      over seed
}
sweep scan over hybrid {
    infuse cowboys at each down.*, mid, up.*, skip.* weight 0.5
    infuse portrait weight in 0..1 step 0.25
    infuse portrait with in [deep]
    infuse portrait from in [portrait, dream]
    infuse portrait { mid in [0, 0.5] }
    scale { up.0 in [0.5, 1] }
    size in [128x128, 256x256]
    sampler in [ddim, euler on karras]
    prompt in [turtle, frograffe, "a {style}"]
    negative in [turtle, ""]
    use in [sketch, own]
    start from in [portrait, dream]
    apply ink weight in [0, 1]
    control canny weight in [0, 1]
    expect { time <= 10min }
}
sweep members over hybrid { member turtle weight in [0, 1] }

mosaic wall {
    of        hybrid
    grid      16x16
    tiles     via hybrid strength 0.5 colour 0.9 vary 4 pool 32 tile 64px
    depth     2 zoom into 8x8 frames 48 width 384px
}
print poster {
    of        framed inside
    upscale   via hybrid by 2 strength 0.3 tile 512px overlap 64px
    upscale   esrgan
    paper     30x40cm at 240dpi bleed 3mm fit cover cmyk "press.icc" marks
}
print small { of framed paper 10x15cm at 240dpi fit contain }
generate seen extends hybrid {
    size      256x128 windows 128px overlap 32px
    mask      corners 12,10 90,14 88,70 10,66 margin 24px feather 2px
}
generate near extends hybrid { mask frame only margin 8px }
learn pip {
    use       sketch
    word      like "animal" vectors 2
    from      cowboys, sky "photo of <pip>", "a <pip>"
    beside    wall-pictures "x" weight 0.5
    size      64x64
    steps     400
    batch     4
    rate      0.005 warmup 40 decay 0.01 clip 1 constant
    seed      1
    flip
    memory    balanced
    trace     every 100 "<pip>", "a <pip>"
    expect    { loss <= 0.11 }
}
learn tin { lora rank 8 alpha 4 at transformer of OUT03..OUT05, mid }
learn more { lora at attention }
learn most { weights at all }
learn some { weights at OUT*, @shapes from sky }
print large { of framed upscale via hybrid strength 0.3 tile 512px overlap 64px paper 12x16in at 300dpi }
`;

test('every form of every clause is read', async () => {
    const { parseResult } = await parse(WHOLE);
    expect(parseResult.lexerErrors).toEqual([]);
    expect(parseResult.parserErrors.map(({ message }) => message)).toEqual([]);
});

test('every word of the language is used in it', async () => {
    // Keywords that the text above has not: declarations of the library, and alternatives of what it has.
    const rest = new Set(
        'layer sampler schedule alias predictions embeddings spherical linear truncate leading linspace philox numpy top bottom clean empty both none psnr as prompts epsilon keep small mean sampled diffusers gradient completed finish'.split(
            ' ',
        ),
    );
    const { keywordsOf } = await import('../../../src/language/grammar/tokens.ts');
    const { SdspecGrammar } = await import('../../../src/language/generated/grammar.ts');
    const words = new Set(WHOLE.split(/[^\w-]+/));
    const missing = keywordsOf(SdspecGrammar()).filter(
        (word) => /^[a-z]/.test(word) && !words.has(word) && !rest.has(word),
    );
    expect(missing).toEqual([]);
});

async function strings(text: string): Promise<readonly Text[]> {
    const { parseResult } = await parse(`prompt p { ${text} }`);
    expect(parseResult.parserErrors.map(({ message }) => message)).toEqual([]);
    return AstUtils.streamAst(parseResult.value).filter(isText).toArray();
}

test.each([
    ['"a turtle"', 'a turtle'],
    ['""', ''],
    [String.raw`"say \"hi\" \\ there"`, 'say "hi" \\ there'],
    [String.raw`"a \{literal\} and \<mark\>"`, 'a {literal} and <mark>'],
    ['"3 < 4 and { open"', '3 < 4 and { open'],
    ['"a {style} turtle"', 'a {style} turtle'],
    ['"{style}"', '{style}'],
    ['"a <moonglow> sky by {style}, {style}"', 'a <moonglow> sky by {style}, {style}'],
    [String.raw`"\{a\} {b} \<c\> <d>"`, '{a} {b} <c> <d>'],
    ['"""one\n    two"""', 'one\ntwo'],
    ['"""\n    one\n      two "quoted"\n    """', 'one\n  two "quoted"'],
    ['"""\n    a {style}\n    sky\n    """', 'a {style}\nsky'],
    ['"größe 🐢 ok"', 'größe 🐢 ok'],
])('the string %s means %j', async (text, words) => {
    expect((await strings(text)).map(sourceWords)).toEqual([words]);
});

test('holes are params in braces and embeddings in angle brackets', async () => {
    const [text] = await strings('"a {style} and <moon>"');
    expect(pieces(text!).map((piece) => (piece.kind === 'words' ? piece.words : piece.kind))).toEqual([
        'a ',
        'param',
        ' and ',
        'embedding',
        '',
    ]);
});

/** What is left of a generate after a slip: the types of its settings. */
async function settings(text: string): Promise<readonly string[]> {
    const { parseResult } = await parse(`generate a {\n${text}\n}`);
    const [generate] = parseResult.value.declarations;
    return generate?.$type === 'Generate' ? generate.settings.map(({ $type }) => $type.replace('Clause', '')) : [];
}

test.each([
    ['seed 1\nsead 42\nsteps 5', ['Seed', 'UnknownSetting', 'Steps']],
    ['samplr euler on karras\nsteps 5', ['UnknownSetting', 'Steps']],
    ['promt "a {b} c" weight 1.2\nsteps 5', ['UnknownSetting', 'Steps']],
    ['infus cow { IN04 0.4 skip.* 1 }\nsteps 5', ['UnknownSetting', 'Steps']],
    ['use\nsize 128x128\nsteps 5', ['Use', 'Size', 'Steps']],
    ['prompt "unclosed\nsteps 5', ['Prompt', 'Steps']],
    ['prompt "{unclosed\nsteps 5', ['Prompt', 'Steps']],
    ['infuse a at\nsteps 5', ['Infuse', 'Steps']],
    ['', []],
])('after the slip in %j the rest is read', async (text, types) => {
    expect(await settings(text)).toEqual(types);
});

test.each(['edges', 'left', 'empty', 'layer', 'time', 'caption', 'step', 'low', 'to'])(
    '`%s` may be a name',
    async (name) => {
        const text = `image ${name} = "a.png"\ngenerate a { prompt "x" start from ${name} strength 0.5 infuse ${name} share 2 }`;
        const { parseResult } = await parse(text);
        expect(parseResult.parserErrors.map(({ message }) => message)).toEqual([]);
    },
);

test.each([
    ['down.0', 'LayerRange'],
    ['IN04..IN08', 'LayerRange'],
    ['up.0..up.3', 'LayerRange'],
    ['skip[4]', 'LayerRange'],
    ['down_blocks.1.attentions.0', 'LayerRange'],
    ['down.*', 'LayerGlob'],
    ['IN*', 'LayerGlob'],
    ['*', 'LayerGlob'],
    ['@set', 'LayerSetUse'],
])('%s selects layers', async (selector, type) => {
    const { parseResult } = await parse(`layers set = ${selector}`);
    const [set] = parseResult.value.declarations;
    expect(parseResult.parserErrors).toEqual([]);
    expect(set?.$type === 'LayerSet' && set.selectors[0]?.$type).toBe(type);
});
