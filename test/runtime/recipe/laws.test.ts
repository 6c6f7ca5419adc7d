/** Laws of the language: specs whose pictures are the same, bitwise or but for rounding, and specs whose pictures are not. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digest } from '../../../src/plan/digest.ts';
import { openControlNet } from '../../../src/runtime/engine/controlnet.ts';
import type { GenerateContext } from '../../../src/runtime/generate.ts';
import { plain, type Rgb } from '../../../src/runtime/pictures/picture.ts';
import { plan } from '../../language/workbench.ts';
import { latents, one, worstError } from './nano-plans.ts';

/** The pictures of the nano plans. */
const FILES = { '0': [64, 64], '1': [90, 70] } as const;
const HEAD = `image e = "0"
image f = "1"
controlnet net = "builtin:sketch-edges"
generate p { prompt "a castle on a mountain" negative "blurry" size 64x72 steps 4 guidance 6 sampler euler seed 3 }
`;

interface Law {
    /** Settings by the name of the generate that extends `p` with them. */
    readonly specs: Readonly<Record<string, string>>;
    /** Declarations besides. */
    readonly more?: string;
    /** Names of specs that make one picture, bit for bit; `p` is the plain one. */
    readonly same?: string;
    /** Names of specs that make one picture but for rounding. */
    readonly near?: string;
    /** Pairs that make different pictures, so that a law is not true of nothing. */
    readonly differ?: string;
}

const NET = join(import.meta.dirname, '../../goldens/models/nano-controlnet');
const made = new Map<string, Promise<Float32Array>>();

/** The latents of one generate; plans that are the same are run once. */
async function latentsOf(text: string, name: string): Promise<Float32Array> {
    const work = await plan('picture', text, { name, files: FILES });
    const key = digest(work);
    const running =
        made.get(key) ??
        latents(work, { openControlNet: () => openControlNet(NET, { device: 'cpu' }) }).then(([first]) => first!);
    made.set(key, running);
    return running;
}

const L = '{ down.1 0.2 mid 0.3 OUT04 0.1 skip.2 -0.1 }';
const LAWS: Readonly<Record<string, Law>> = {
    'an infusion of weight 0 is none': {
        specs: { a: `infuse e weight 0 ${L}`, b: 'infuse e { mid 0 up.1 0 }', c: `infuse e ${L}` },
        same: 'p a b',
        differ: 'p c',
    },
    'a ControlNet of weight 0 is none': {
        specs: { a: 'control net by e weight 0', b: 'control net by e' },
        same: 'p a',
        differ: 'p b',
    },
    'a ControlNet whose residuals all have the weight 1 is the ControlNet': {
        specs: {
            a: 'control net by e { skip.* 1 mid 1 }',
            b: 'control net by e',
            c: 'control net by e weight 0.5 { skip.* 2 M00 2 }',
        },
        same: 'a b c',
    },
    'a ControlNet acts at the residuals that have a weight': {
        specs: {
            a: 'control net by e { mid 0.5 }',
            b: 'control net by e weight 0.5 { mid 1 skip.* 0 }',
            c: 'control net by e { skip.* 0.5 }',
            d: 'control net by e { skip.* 0 mid 0 }',
            e0: 'control net by e weight 0',
        },
        same: 'a b',
        differ: 'a c',
        near: 'd e0',
    },
    'two clauses are the mean of both at twice the weight': {
        specs: { a: `infuse e ${L} infuse f ${L}`, b: `infuse e, f weight 2 ${L}`, c: `infuse e ${L}` },
        near: 'a b',
        differ: 'a c',
    },
    'shares are relative, and one of 0 is left out': {
        specs: {
            a: `infuse e, f ${L}`,
            b: `infuse e share 0.5, f share 0.5 ${L}`,
            c: `infuse e share 1, f share 0 ${L}`,
            d: `infuse e ${L}`,
            x: `infuse e, e ${L}`,
        },
        same: 'a b',
        differ: 'a c',
        near: 'c d x',
    },
    'weights are multiplied': {
        specs: { a: 'infuse e weight 2 { mid 0.05 }', b: 'infuse e { mid 0.1 }' },
        same: 'a b',
    },
    'places with two names are one': {
        specs: {
            a: 'infuse e { mid 0.2 skip.0 0.05 up.1 0.1 }',
            b: 'infuse e { M00 0.2 skip[0]..skip[3] 0.05 OUT05 0.1 }',
        },
        same: 'a b',
        differ: 'p a',
    },
    '`*` is all stages, and what an infusion without layers acts on': {
        specs: {
            a: 'infuse e',
            b: 'infuse e { * 0.1 }',
            c: 'infuse e { down.* 0.1 mid 0.1 up.* 0.1 }',
            d: 'infuse e { * 0.1 skip.* 0.1 }',
        },
        same: 'a b c',
        differ: 'a d',
    },
    'a layer scaled by 1 is as it was': {
        specs: { a: 'scale { mid 1 up.1 1 }', b: 'scale { mid 0.5 }' },
        same: 'p a',
        differ: 'p b',
    },
    'an ensemble of equal prompts, of one, or with shares of 0 is the prompt': {
        more: ['predictions', 'latents', 'embeddings']
            .map(
                (space) => `ensemble two-${space} over ${space} { "a castle on a mountain" "a castle on a mountain" }
ensemble three-${space} over ${space} { "a castle on a mountain" "a castle on a mountain" share 2 "a castle on a mountain" }
ensemble one-${space} over ${space} { "a castle on a mountain" }
ensemble zero-${space} over ${space} { "a castle on a mountain" "a boat" share 0 }
ensemble other-${space} over ${space} { "a castle on a mountain" "a boat" }`,
            )
            .join('\n'),
        specs: {
            a: 'prompt two-predictions',
            b: 'prompt two-latents',
            c: 'prompt two-embeddings',
            a3: 'prompt three-predictions',
            b3: 'prompt three-latents',
            c3: 'prompt three-embeddings',
            d: 'prompt one-predictions',
            d2: 'prompt one-latents',
            d3: 'prompt one-embeddings',
            x: 'prompt zero-predictions',
            x2: 'prompt zero-latents',
            x3: 'prompt zero-embeddings',
            y: 'prompt other-predictions',
        },
        same: 'p d d2 d3 x x2 x3',
        near: 'p a b c a3 b3 c3',
        differ: 'p y',
    },
    'an ensemble over latents is that over predictions, for samplers whose step is linear': {
        more: 'ensemble l over latents { "a castle" "a boat" }\nensemble q { "a castle" "a boat" }',
        specs: { a: 'prompt l', b: 'prompt q', c: 'prompt "a castle"' },
        near: 'a b',
        differ: 'a c',
    },
    'a curve that stays is a number': {
        specs: { a: 'guidance 6 -> 6', b: 'guidance 6@0% -> 6@100%', c: 'guidance 9 -> 3' },
        same: 'p a b',
        differ: 'p c',
    },
    'the ends of a curve are at 0% and 100%': {
        specs: { c: 'guidance 9 -> 3', d: 'guidance 9@0% -> 3@100%' },
        same: 'c d',
    },
    'of one step a curve is its beginning': {
        specs: { a: 'steps 1 guidance 9 -> 3', b: 'steps 1 guidance 9' },
        same: 'a b',
    },
    'at 100% a curve is at its last step': {
        specs: {
            a: 'steps 2 guidance 9 -> 3',
            b: 'steps 2 guidance 9@0% -> 3@50% hold',
            c: 'steps 2 guidance 9',
        },
        same: 'a b',
        differ: 'a c',
    },
    'guidance is u + g (c − u): 0 is without the prompt, 1 the prompt alone, also at the end of a curve': {
        specs: {
            zero: 'guidance 0',
            words: 'prompt "blurry" guidance 1',
            one: 'guidance 1',
            half: 'guidance 0.5',
            held: 'guidance 0@0% -> 0@90% hold',
            rise: 'guidance 0 -> 1',
        },
        near: 'zero words held',
        differ: 'zero one half rise',
    },
    'neighbouring windows lose no step and count none twice': {
        specs: {
            a: `steps 3 infuse e ${L}`,
            b: `steps 3 infuse e as x ${L} during 0%..50% infuse e as y ${L} during 50%..100%`,
            c: `steps 3 infuse e as x ${L} during 0%..33% infuse e as y ${L} during 33%..34% infuse e as z ${L} during 34%..100%`,
            first: `steps 3 infuse e ${L} during 0%..33%`,
            step: `steps 3 infuse e ${L} during step 1`,
        },
        same: 'a b c',
        differ: 'a first',
    },
    'steps are counted from 1': {
        specs: {
            first: `steps 3 infuse e ${L} during 0%..33%`,
            step: `steps 3 infuse e ${L} during step 1`,
            none: 'steps 3',
        },
        same: 'first step',
        differ: 'first none',
    },
    'a window that holds no step has no effect': {
        specs: { a: `steps 3 infuse e ${L} during 33%..34%`, b: 'steps 3' },
        same: 'a b',
    },
    'start pictures do not move the noise: one of share 0 changes nothing, drawn or not': {
        specs: {
            a: 'start from e strength 0.75',
            b: 'start from e share 1, f share 0 strength 0.75',
            c: 'start from e share 2 strength 0.75',
            d: 'start from f share 0, e strength 0.75',
            s: 'start from e strength 0.75 latent sampled',
            x: 'start from f strength 0.75',
        },
        same: 'a b c d',
        differ: 'a s x',
    },
    'a drawn start picture beside one of share 0 is drawn alike': {
        specs: {
            s: 'start from e strength 0.75 latent sampled',
            t: 'start from e share 1, f share 0 strength 0.75 latent sampled',
        },
        same: 's t',
    },
    '`decay` counts steps, also of samplers that ask the model twice': {
        specs: {
            a: `steps 3 sampler heun infuse e ${L} decay 0`,
            b: `steps 3 sampler heun infuse e ${L} during step 1`,
            c: `steps 3 sampler heun infuse e ${L}`,
        },
        same: 'a b',
        differ: 'a c',
    },
    'phrases are one text, joined by commas; weights on words leave it as it is': {
        specs: {
            a: 'prompt "a castle", "on a mountain"',
            b: 'prompt "a castle, on a mountain"',
            c: 'prompt "a castle on a mountain" { "castle" 1 }',
            d: 'prompt "a castle on a mountain" { "castle" 1.4 }',
        },
        same: 'a b',
        differ: 'a p d',
    },
    'words of weight 1 are as they were': {
        specs: { c: 'prompt "a castle on a mountain" { "castle" 1 }' },
        same: 'p c',
    },
    'the default sampler is the one of its name': {
        specs: {
            a: 'without sampler',
            b: 'sampler dpmpp-2m',
            c: 'sampler dpmpp-2m on karras',
            d: 'sampler dpmpp-2m on normal',
        },
        same: 'a b c',
        differ: 'a d',
    },
};

const names = (list: string | undefined) => (list ? list.split(' ') : []);

test.each(Object.entries(LAWS))('%s', async (_, { specs, more = '', same, near, differ }) => {
    const text = `${HEAD}${more}\n${Object.entries(specs)
        .map(([name, settings]) => `generate ${name} extends p { ${settings} }`)
        .join('\n')}`;
    const of = (name: string) => latentsOf(text, name);
    for (const name of names(same).slice(1)) expect(await of(name), name).toEqual(await of(names(same)[0]!));
    for (const name of names(near).slice(1))
        expect(worstError(await of(name), await of(names(near)[0]!)), name).toBeLessThan(3e-5);
    const [first, ...others] = names(differ);
    for (const name of others) expect(worstError(await of(name), await of(first!)), name).toBeGreaterThan(1e-4);
});

const WHITE = plain(64, 72, [255, 255, 255]);
const BLACK = plain(64, 72, [0, 0, 0]);
const GREY = (level: number) => plain(64, 72, [level, level, level]);
const SKY = plain(64, 72, [40, 90, 200]);

test('a mask of white repaints as none does, one of black nothing, and grey counts from one half on', async () => {
    const files = { ...FILES, sky: [64, 72], mask: [64, 72] } as const;
    const text = `${HEAD}image sky = "sky"\nimage m = "mask"
generate a extends p { start from sky strength 0.75 }
generate b extends a { mask m }`;
    const of = async (name: string, mask: Rgb) => {
        const picture = async ({ path }: { readonly path?: string }) => (path === 'mask' ? mask : SKY);
        const work = await plan('picture', text, { name, files });
        return one(work, { picture: picture as GenerateContext['picture'] });
    };
    const plainly = await of('a', WHITE);
    expect(await of('b', WHITE)).toEqual(plainly);
    expect(await of('b', GREY(128))).toEqual(plainly);
    const kept = await of('b', BLACK);
    expect(await of('b', GREY(127))).toEqual(kept);
    // What is kept are the latents of the picture itself, whatever the seed.
    const other = await plan('picture', `${text}\ngenerate c extends b { seed 9 }`, { name: 'c', files });
    const picture = async ({ path }: { readonly path?: string }) => (path === 'mask' ? BLACK : SKY);
    expect(worstError(await one(other, { picture: picture as GenerateContext['picture'] }), kept)).toBeLessThan(1e-5);
    expect(worstError(kept, plainly)).toBeGreaterThan(1e-4);
});

const CELLS: Readonly<Record<string, readonly [base: string, axis: string, single: (value: string) => string]>> = {
    guidance: ['sampler euler-a', 'guidance in [3, 7]', (value) => `guidance ${value}`],
    steps: ['sampler ddpm', 'steps in [2, 3]', (value) => `steps ${value}`],
    weight: [
        'sampler dpmpp-sde steps 2 infuse e noise matched { mid 0.2 }',
        'infuse e weight in [0.5, 1]',
        (value) => `infuse e noise matched weight ${value} { mid 0.2 }`,
    ],
    strength: ['start from e strength 0.9', 'strength in [0.5, 0.75]', (value) => `start from e strength ${value}`],
    'one of two clauses': [
        'infuse e as early { up.1 0.1 } infuse e as late { up.1 0.1 }',
        'early weight in [2]',
        (value) => `infuse e as early weight ${value} { up.1 0.1 }`,
    ],
    layer: [
        'infuse e { mid 0.2 up.1 0.1 }',
        'infuse e layer mid in [0.4]',
        (value) => `infuse e { mid ${value} up.1 0.1 }`,
    ],
};

test.each(Object.entries(CELLS))(
    'each cell of a sweep is the plan of a generate of its own: %s',
    async (_, [base, axis, single]) => {
        const head = `${HEAD}generate b extends p { ${base} }\n`;
        const { cells } = await plan('sweep', `${head}sweep s over b { ${axis} }`, { files: FILES });
        for (const { plan: work, labels } of cells) {
            const [value] = Object.values(labels);
            const alone = await plan('picture', `${head}generate c extends b { ${single(value!)} }`, {
                files: FILES,
            });
            expect(work).toEqual(alone);
        }
    },
);

test('line ends and a byte order mark change no plan', async () => {
    const text = `${HEAD}generate a extends p { infuse e weight 2 { mid 0.05 } }`;
    const digested = digest(await plan('picture', text, { files: FILES }));
    for (const other of [text.replaceAll('\n', '\r\n'), text.replaceAll('\n', '\r'), `\ufeff${text}`])
        expect(digest(await plan('picture', other, { files: FILES }))).toBe(digested);
});

test('the seeds of a range are those seeds alone', async () => {
    const text = `${HEAD}generate a extends p { seed 3..4 }\ngenerate b extends p { seed 4 }`;
    const [, second] = await latents(await plan('picture', text, { name: 'a', files: FILES }));
    expect(await latentsOf(text, 'b')).toEqual(second);
});
