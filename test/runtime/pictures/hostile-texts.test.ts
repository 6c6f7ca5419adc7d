/** Texts that were written to do harm, or that were damaged: read in no time, and never as spec text with mistakes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Language, lowerRun, problemsOf } from '../../../src/language/index.ts';
import { originText } from '../../../src/language/write/origins/origin-text.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { picturePlanIn } from '../../../src/plan/plan-schema.ts';
import { originFrom } from '../../../src/runtime/pictures/metadata/read.ts';
import { pictureTexts } from '../../../src/runtime/pictures/texts.ts';
import { cpuTime } from '../../cpu-time.ts';

const KEYWORDS = ['parameters', 'prompt', 'sdspec', 'invokeai_metadata', 'sd-metadata', 'Comment'] as const;

describe('hostile texts are read in no time', () => {
    const chain = (n: number, link: (k: number) => object) =>
        JSON.stringify(Object.fromEntries(Array.from({ length: n }, (_, k) => [k, link(k)])));
    const join = (k: number, n: number) => ({
        class_type: 'Text Concatenate',
        inputs: { text_a: [String(k + 1), 0], text_b: [String(k + 1), 0], text_c: n > k ? 'x'.repeat(1000) : 'x' },
    });
    const sampler = { class_type: 'KSampler', inputs: { seed: 1, positive: ['t', 0], latent_image: ['s', 0] } };
    const encode = { class_type: 'CLIPTextEncode', inputs: { text: ['0', 0] } };
    const texts: Readonly<Record<string, string>> = {
        'lists in lists': '['.repeat(200_000),
        'lists in lists that end': `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
        'objects in objects': '{"a":'.repeat(100_000),
        'a long number': `{"1":${'9'.repeat(1_000_000)}}`,
        'quotes without end': '{"a":"\\'.repeat(50_000),
        '20,000 nodes': chain(20_000, (k) => ({
            class_type: 'KSampler',
            inputs: { seed: k, latent_image: [`${k + 1}`, 0] },
        })),
        '2,000 samplers in a row': chain(2000, (k) => ({
            class_type: 'KSampler',
            inputs: { seed: k, latent_image: [`${k + 1}`, 0] },
        })),
        '2,000 samplers in a circle': chain(2000, (k) => ({
            class_type: 'KSampler',
            inputs: { seed: k, latent_image: [`${(k + 1) % 2000}`, 0], positive: [`${(k * 7) % 2000}`, 0] },
        })),
        'texts that double': `${chain(1000, (k) => join(k, 0)).slice(0, -1)},"s":${JSON.stringify(sampler)},"t":${JSON.stringify(encode)}}`,
        'long texts that double': `${chain(1000, (k) => join(k, 1000)).slice(0, -1)},"s":${JSON.stringify(sampler)},"t":${JSON.stringify(encode)}}`,
        'every node to every other': chain(150, (k) => ({
            class_type: 'KSampler',
            inputs: Object.fromEntries(
                Array.from({ length: 150 }, (_, i) => [i === 0 ? 'latent_image' : `positive${i}`, [`${i}`, k]]),
            ),
        })),
        'a line of commas': `x\nSteps: 1, Seed: 1, ${','.repeat(90_000)}`,
        'a line of brackets': `x\nSteps: 1, Seed: ${'[{"'.repeat(30_000)}`,
        'many lines of pairs': 'Steps: 1, Sampler: Euler, Seed: 3\n'.repeat(20_000),
    };
    it.each(Object.entries(texts))('%s', (_, text) => {
        const started = cpuTime();
        for (const keyword of KEYWORDS) {
            const origin = originFrom({ [keyword]: text });
            if (origin) originText('house.png', origin);
        }
        expect(cpuTime() - started).toBeLessThan(20_000);
    });
    it('says that a graph is too large', () => {
        expect(originFrom({ prompt: texts['20,000 nodes']! })?.notes).toEqual([
            'The graph has 20000 nodes: graphs of up to 2000 are read.',
        ]);
    });
    it('names that every object has are names like others', () => {
        const text =
            '{"__proto__":{"class_type":"KSampler","inputs":{"seed":1}},"constructor":{"class_type":"x","inputs":{"__proto__":{"polluted":1}}}}';
        for (const keyword of KEYWORDS) originFrom({ [keyword]: text });
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    });
});

const language = new Language();
async function errorsOf(text: string): Promise<readonly string[]> {
    const problems = problemsOf(await language.parseText(text));
    // Files are for the user to bring.
    return problems.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code}: ${message}`);
}

/** Values with what ends strings, comments and lines, and with the words of other notations. */
const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc
        .array(
            fc.constantFrom(
                '"',
                '\\',
                '\n',
                '\r',
                '//',
                '*/',
                '{',
                '}',
                '<',
                '>',
                '(',
                ')',
                '[',
                ':',
                '1.2',
                'a',
                ' ',
                ',',
                '\u2028',
                '__proto__',
                '|',
            ),
            { maxLength: 12 },
        )
        .map((parts) => parts.join('')),
);

it('whatever the texts are, the spec text has no mistakes', async () => {
    const value = fc.oneof(nasty, fc.integer(), fc.double(), fc.constant(null), fc.constant(true));
    const keys = [
        'ckpt_name',
        'lora_name',
        'text',
        'seed',
        'steps',
        'cfg',
        'width',
        'height',
        'sampler_name',
        'scheduler',
        'denoise',
        'positive',
        'negative',
        'model',
        'latent_image',
        'clip',
        'stop_at_clip_layer',
        'vae_name',
    ];
    const link = fc.tuple(fc.constantFrom('1', '2', '3', '4'), fc.nat(3));
    const inputs = fc.dictionary(fc.oneof(fc.constantFrom(...keys), nasty), fc.oneof(value, link), { maxKeys: 12 });
    const types = fc.oneof(
        fc.constantFrom('KSampler', 'CLIPTextEncode', 'SaveImage', 'CheckpointLoaderSimple', 'EmptyLatentImage'),
        nasty,
    );
    const graph = fc.dictionary(fc.constantFrom('1', '2', '3', '4'), fc.record({ class_type: types, inputs }));
    const pairs = fc.dictionary(
        fc.constantFrom(
            'Steps',
            'Sampler',
            'Seed',
            'Size',
            'Model',
            'VAE',
            'Clip skip',
            'TI hashes',
            'Denoising strength',
            'Odd',
        ),
        nasty,
    );
    const flat = fc.dictionary(
        fc.constantFrom(
            'prompt',
            'negative_prompt',
            'seed',
            'steps',
            'sampler',
            'width',
            'height',
            'model',
            'loras',
            'positive_prompt',
            'scheduler',
        ),
        value,
    );
    const texts = fc.oneof(
        graph.map((json) => ({ prompt: JSON.stringify(json) })),
        fc.tuple(nasty, pairs).map(([prompt, record]) => ({
            parameters: `${prompt}\nSteps: 1, ${Object.entries(record)
                .map(([key, text]) => `${key}: ${text}`)
                .join(', ')}`,
        })),
        fc
            .tuple(flat, fc.constantFrom('parameters', 'invokeai_metadata', 'Comment', 'sdspec'))
            .map(([json, keyword]) => ({
                [keyword]: JSON.stringify(json),
            })),
    );
    await fc.assert(
        fc.asyncProperty(texts, nasty, async (record: Record<string, string>, file) => {
            const origin = originFrom(record);
            if (!origin) return;
            const text = originText(`${file}.png`, origin);
            expect(await errorsOf(text), text).toEqual([]);
        }),
        { numRuns: 400 },
    );
});

// ── Our own plans ──────────────────────────────────────────────────────

const number = fc.double({ min: 1e-9, max: 1, noNaN: true });
const words = fc.record({
    // Lines of a spec's strings end in \n.
    text: nasty.map((text) => text.replace(/\r\n?/g, '\n')).filter((text) => text !== ''),
    weight: fc.constantFrom(1, 1.3, 0.123456789),
});
const prompt = fc.record({ phrases: fc.array(words, { maxLength: 3 }) });
const PATH = fc.constantFrom('a.png', 'x/"quoted".png', 'back\\slash.png', 'line\nend.png', 'a{b}<c>.png', 'euler.png');
const file = PATH.map((path) => ({ path }));
const curve = fc.record({
    keys: fc
        .uniqueArray(
            fc.nat(9999).map((n) => n / 100 / 100),
            { minLength: 2, maxLength: 4 },
        )
        .map((ats) => [...ats].sort((a, b) => a - b).map((at, k) => ({ at, value: (k + 1) / 7 }))),
    easing: fc.constantFrom('linear', 'cosine', 'hold'),
});
const plans = fc.record({
    kind: fc.constant('picture'),
    model: file.map((ref) => ({ kind: 'file', ...ref })),
    conditioning: fc.oneof(
        prompt.map((one) => ({ kind: 'prompt', prompt: one })),
        fc.array(fc.record({ name: nasty, prompt, weight: curve }), { minLength: 1, maxLength: 3 }).map((members) => ({
            kind: 'ensemble',
            over: 'latents',
            members,
        })),
    ),
    negative: prompt,
    size: fc.constant({ width: 512, height: 512 }),
    steps: fc.integer({ min: 100, max: 1000 }),
    sampler: fc.constantFrom(
        { name: 'euler', schedule: 'karras', eta: 0 },
        { name: 'ddim', schedule: 'normal', eta: 0.123456789 },
    ),
    guidance: curve.map((scale) => ({ scale, rescale: 0.1234567 })),
    seeds: fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 3 }),
    noise: fc.constant({ kind: 'torch-cpu' }),
    clipSkip: fc.integer({ min: 0, max: 11 }),
    longPrompts: fc.constantFrom('truncate', 'chunk'),
    embeddings: fc.constant([]),
    start: file.map((ref) => ({
        pictures: [{ picture: { kind: 'file', ...ref }, weight: 1 }],
        mixing: 'linear',
        latent: 'mean',
        strength: 0.987654321,
    })),
    infusions: fc.constant([]),
    scales: fc.constant([]),
    controls: fc.constant([]),
    adapters: fc.array(fc.record({ file, weight: number }), { maxLength: 2 }),
});

describe("sdspec's own plans", () => {
    it('come back as they were, whatever their names and numbers', async () => {
        await fc.assert(
            fc.asyncProperty(plans, async (plan) => {
                const text = originText('one.png', originFrom({ sdspec: JSON.stringify({ plan }) })!);
                expect(await errorsOf(text), text).toEqual([]);
                const { value } = lowerRun(await language.parseText(text), 'one');
                const read = value?.work as PicturePlan;
                expect(read, text).toMatchObject({
                    steps: plan.steps,
                    seeds: plan.seeds,
                    guidance: plan.guidance,
                    start: { strength: plan.start.strength },
                    sampler: plan.sampler,
                    negative: { phrases: plan.negative.phrases },
                    adapters: plan.adapters.map(({ weight }) => ({ weight })),
                });
            }),
            { numRuns: 150 },
        );
    });
    it.each<readonly [string, (plan: Record<string, unknown>) => void]>([
        ['without a prompt', (plan) => delete plan['conditioning']],
        [
            'of an unknown sampler',
            (plan) => {
                plan['sampler'] = { name: 'constructor', schedule: 'normal', eta: 0 };
            },
        ],
        [
            'with a number that is none',
            (plan) => {
                plan['steps'] = '5\n} generate x {';
            },
        ],
        [
            'with layers that are none',
            (plan) => {
                plan['scales'] = [{ site: 'mid }', weight: { keys: [{ at: 0, value: 1 }], easing: 'linear' } }];
            },
        ],
        [
            'with a setting of a later version',
            (plan) => {
                plan['swirl'] = 1;
            },
        ],
    ])('%s are read by their parameters, which is said', async (_, damage) => {
        const plan = fc.sample(plans, { numRuns: 1, seed: 4 })[0] as unknown as Record<string, unknown>;
        damage(plan);
        expect(picturePlanIn(plan)).toBeUndefined();
        const origin = originFrom({
            sdspec: JSON.stringify({ plan }),
            parameters: 'a castle\nSteps: 7, Sampler: Euler, Seed: 3',
        })!;
        const text = originText('one.png', origin);
        expect(text).toContain('// The plan in the file is damaged or of another version');
        expect(text).toContain('steps     7');
        expect(await errorsOf(text)).toEqual([]);
    });
    it.each([
        ['a window that runs backwards', { during: { from: 1, to: 0.4 } }],
        ['a window of no length', { during: { from: 0.4, to: 0.4 } }],
        ['steps that run backwards', { during: { firstStep: 5, lastStep: 4 } }],
    ])('%s is no plan of a spec', (_, { during }) => {
        const weight = { keys: [{ at: 0, value: 1 }], easing: 'linear' };
        const [plan] = fc.sample(plans, { numRuns: 1, seed: 4 });
        const withTimes = (times: unknown) => ({
            ...plan,
            conditioning: { kind: 'prompt', prompt: { phrases: [{ text: 'a turtle', weight: 1, times }] } },
        });
        expect(picturePlanIn(withTimes([{ during: { from: 0.2, to: 0.4 }, weight }]))).toBeDefined();
        expect(picturePlanIn(withTimes([{ during, weight }]))).toBeUndefined();
    });
    it('say in their parameters what other tools would read as emphasis', () => {
        const phrases = [{ text: 'photo of a (red) car, [old] sign', weight: 1 }];
        const plan = {
            ...fc.sample(plans, { numRuns: 1, seed: 4 })[0],
            conditioning: { kind: 'prompt', prompt: { phrases } },
        } as unknown as PicturePlan;
        const { parameters } = pictureTexts({ plan, model: 'm', sdspec: '' });
        expect(parameters).toContain('photo of a \\(red\\) car, \\[old\\] sign');
        expect(originText('one.png', originFrom({ parameters: parameters! })!)).toContain(
            '"photo of a (red) car, [old] sign"',
        );
    });
});
