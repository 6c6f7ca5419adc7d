import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { constant } from '../../../src/plan/curve.ts';
import { A1111_NAMES, samplerOf } from '../../../src/plan/other-tools/sampler-names.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { picturePlanIn } from '../../../src/plan/plan-schema.ts';
import { SAMPLER_NAMES } from '../../../src/plan/samplers.ts';
import { readParameters } from '../../../src/runtime/pictures/metadata/automatic1111.ts';
import { parametersText } from '../../../src/runtime/pictures/metadata/parameters.ts';
import { originFrom, originIn, readOrigin } from '../../../src/runtime/pictures/metadata/read.ts';
import { encodePng } from '../../../src/runtime/pictures/save.ts';
import { pictureTexts } from '../../../src/runtime/pictures/texts.ts';
import { cpuTime } from '../../cpu-time.ts';
import { busy } from './patterns.ts';

const PLAN: PicturePlan = {
    kind: 'picture',
    model: { kind: 'file', path: 'own.safetensors', sha256: 'a'.repeat(64) },
    conditioning: {
        kind: 'prompt',
        prompt: {
            phrases: [
                { text: 'a lighthouse at dusk', weight: 1 },
                { text: 'fog', weight: 1.3 },
            ],
        },
    },
    negative: { phrases: [{ text: 'blurry, text', weight: 1 }] },
    size: { width: 512, height: 768 },
    steps: 25,
    sampler: { name: 'dpmpp-2m', schedule: 'karras', eta: 0 },
    guidance: { scale: constant(7.5), rescale: 0 },
    seeds: [42],
    noise: { kind: 'torch-cpu' },
    clipSkip: 1,
    longPrompts: 'truncate',
    embeddings: [],
    infusions: [],
    scales: [],
    controls: [],
    adapters: [],
};

describe("sdspec's own pictures", () => {
    const texts = pictureTexts({ plan: PLAN, model: 'own.safetensors', sdspec: '0.1.0' });

    test("carry the parameters in the web UI's form", () => {
        expect(texts['parameters']).toBe(
            [
                'a lighthouse at dusk, (fog:1.3)',
                'Negative prompt: blurry, text',
                'Steps: 25, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 42, Size: 512x768, ' +
                    'Model hash: aaaaaaaaaa, Model: own.safetensors, Clip skip: 2, RNG: CPU, Version: sdspec 0.1.0',
            ].join('\n'),
        );
    });
    test('say where the guidance is not the same at all steps, and a reader keeps it as a comment', () => {
        const over = (guidance: PicturePlan['guidance']) =>
            pictureTexts({ plan: { ...PLAN, guidance }, model: 'm', sdspec: '' }).parameters!;
        const window = { from: 0.2, to: 0.8 };
        const text = over({ scale: constant(7), rescale: 0, window });
        expect(text).toContain('CFG scale: 7,');
        expect(text).toContain('Guidance over steps: "1 x 5, 7 x 15, 1 x 5"');
        const read = readParameters(text, {}, { needsSettings: true });
        expect(read?.notes?.join()).toContain('1 x 5, 7 x 15, 1 x 5');
        const never = { firstStep: 26, lastStep: 30 };
        expect(over({ scale: constant(7), rescale: 0, window: never })).toContain('Guidance over steps: 1 x 25');
        expect(over({ scale: constant(7), rescale: 0 })).not.toContain('Guidance over');
    });
    test('say what is kept over the steps', () => {
        const over = (deepCache: PicturePlan['deepCache']) =>
            pictureTexts({ plan: { ...PLAN, ...(deepCache ? { deepCache } : {}) }, model: 'm', sdspec: '' })
                .parameters!;
        expect(over({ every: 3 })).toContain('Cache: deep every 3,');
        const window = { from: 0.2, to: 1 };
        const text = over({ every: 2, at: 'OUT10', window });
        expect(text).toContain('Cache: deep every 2 at OUT10 during step 6..25');
        expect(readParameters(text, {}, { needsSettings: true })?.notes?.join()).toContain('deep every 2 at OUT10');
        expect(over(undefined)).not.toContain('Cache');
    });
    test('carry their plan, and a cache is read back', async () => {
        const cached: PicturePlan = { ...PLAN, deepCache: { every: 3, at: 'OUT09', window: { from: 0, to: 0.8 } } };
        const own = pictureTexts({ plan: cached, model: 'm', sdspec: '' });
        expect(await originIn(await encodePng(busy(8, 8), own))).toMatchObject({ sdspec: { plan: cached } });
        const valid = { ...PLAN, model: { kind: 'builtin', name: 'sketch' } };
        expect(picturePlanIn({ ...valid, deepCache: cached.deepCache })).toMatchObject({ deepCache: cached.deepCache });
        for (const deepCache of [{ every: 1 }, { every: 2, at: 'IN04' }, { every: 2, at: 'OUT12' }, {}]) {
            expect(picturePlanIn({ ...valid, deepCache })).toBeUndefined();
        }
    });
    test('carry their plan', async () => {
        const origin = await originIn(await encodePng(busy(8, 8), texts));
        expect(origin).toMatchObject({
            tool: 'sdspec',
            prompt: 'a lighthouse at dusk, (fog:1.3)',
            seed: 42,
            sampler: 'dpmpp-2m',
            schedule: 'karras',
            clipSkip: 1,
            noise: 'torch-cpu',
            sdspec: { plan: PLAN },
        });
    });
    test('write an ensemble as the mean it is', () => {
        const member = (text: string) => ({ prompt: { phrases: [{ text, weight: 1 }] }, weight: constant(2) });
        const conditioning = {
            kind: 'ensemble',
            over: 'predictions',
            members: [member('a frog'), member('a fox')],
        } as const;
        const { parameters } = pictureTexts({ plan: { ...PLAN, conditioning }, model: 'm', sdspec: '' });
        expect(parameters).toMatch(/^a frog :0.5 AND a fox :0.5\n/);
    });
});

describe("AUTOMATIC1111's parameters", () => {
    const check = (text: string) => {
        const { texts: _, ...origin } = readParameters(text, {}) ?? { texts: {} };
        return origin;
    };
    test('of version 1.6 and later', () => {
        const text = `photo of a cat, <lora:ink:0.6>
second line
Negative prompt: blurry
low quality
Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 1234567890, Size: 512x768, Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Denoising strength: 0.6, Clip skip: 2, RNG: NV, Lora hashes: "ink: 123, other: 456", Version: v1.9.4`;
        expect(check(text)).toEqual({
            tool: 'automatic1111',
            prompt: 'photo of a cat, <lora:ink:0.6>\nsecond line',
            negative: 'blurry\nlow quality',
            seed: 1234567890,
            steps: 20,
            sampler: 'dpmpp-2m',
            schedule: 'karras',
            samplerText: 'DPM++ 2M',
            guidance: 7,
            width: 512,
            height: 768,
            model: 'v1-5-pruned-emaonly',
            modelHash: '6ce0161689',
            clipSkip: 1,
            strength: 0.6,
            noise: 'philox',
            loras: [{ name: 'ink', weight: 0.6 }],
            scheduleText: 'Karras',
            version: 'v1.9.4',
            notes: ['Lora hashes: ink: 123, other: 456'],
        });
    });
    test('of older versions, schedule and sampler in one', () => {
        expect(check('cat\nSteps: 20, Sampler: DPM++ SDE Karras, CFG scale: 7, Seed: 1')).toMatchObject({
            prompt: 'cat',
            sampler: 'dpmpp-sde',
            schedule: 'karras',
        });
    });
    test('of a sampler that specs do not have', () => {
        const origin = check('cat\nSteps: 20, Sampler: Restart, CFG scale: 7, Seed: 1');
        expect(origin).toMatchObject({ samplerText: 'Restart' });
        expect(origin).not.toHaveProperty('sampler');
    });
    test('of LoRAs with and without a weight', () => {
        const text = '<lora:ink> <lora:dots:-0.5> <lora:lines:0.3:0.7>\nSteps: 20, CFG scale: 7, Seed: 1';
        const loras = [
            { name: 'ink', weight: 1 },
            { name: 'dots', weight: -0.5 },
            // The first weight is the text encoder's.
            { name: 'lines', weight: 0.7, text: 0.3 },
        ];
        expect(check(text)).toMatchObject({ loras });
    });
    test('hostile text is read in no time', () => {
        const started = cpuTime();
        for (const text of ['a'.repeat(1e6), 'a b'.repeat(3e5), 'a: "'.repeat(1e5), 'k: v, '.repeat(1e5)]) {
            expect(readParameters(`prompt\n${text}`, {}, { needsSettings: true })).toBeUndefined();
        }
        expect(cpuTime() - started).toBeLessThan(2000);
    });
    test('text alone is a prompt where it need not have settings', () => {
        const text = 'just a prompt, with: colons';
        expect(readParameters(text, {}, { needsSettings: true })).toBeUndefined();
        expect(check(text)).toMatchObject({ prompt: text, notes: ['The text has no settings.'] });
    });
    test('what is written is read again', () => {
        // One line of text that does not look like a line of pairs or end in white space.
        const prose = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\s:]+/g, ' ').trim());
        const settings = fc.record({
            prompt: prose.filter((text) => text !== '' && !text.startsWith('Negative prompt')),
            seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
            steps: fc.integer({ min: 1, max: 1000 }),
            guidance: fc.integer({ min: 0, max: 300 }).map((n) => n / 10),
            sampler: fc.constantFrom(...SAMPLER_NAMES),
            schedule: fc.constantFrom('karras' as const, 'exponential' as const),
            model: fc.stringMatching(/^\w[\w,: .-]*\w$/),
            clipSkip: fc.integer({ min: 1, max: 11 }),
        });
        fc.assert(
            fc.property(settings, (source) => {
                expect(check(parametersText({ ...source, version: 'x' }))).toMatchObject(source);
            }),
        );
    });
});

test('every sampler is found by its own name and by that of the web UI', () => {
    for (const name of SAMPLER_NAMES) {
        expect(samplerOf(A1111_NAMES[name]).sampler).toBe(name);
        expect(samplerOf(name).sampler).toBe(name);
    }
});

test.each([
    ['euler_ancestral', 'normal', 'euler-a', 'normal'],
    ['dpmpp_2m', 'karras', 'dpmpp-2m', 'karras'],
    ['dpmpp_2m_k', undefined, 'dpmpp-2m', 'karras'],
    ['k_lms', undefined, 'lms', undefined],
    ['dpmpp_2m_sde_gpu', 'exponential', 'dpmpp-2m-sde', 'exponential'],
    ['uni_pc', 'simple', 'unipc', undefined],
] as const)('%s with %s elsewhere is %s on %s here', (text, schedule, sampler, found) => {
    const origin = samplerOf(text, schedule);
    expect([origin.sampler, origin.schedule]).toEqual([sampler, found]);
});

test('any text under any keyword is read or not, without an error', () => {
    const keyword = fc.constantFrom('parameters', 'prompt', 'sdspec', 'invokeai_metadata', 'sd-metadata');
    const text = fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.json(),
        fc.json().map((json) => `{"1":${json},"seed":${json}}`),
    );
    fc.assert(
        fc.property(fc.dictionary(keyword, text), (texts) => {
            const seed = originFrom(texts)?.seed;
            // Beyond 2^53 a seed is a bigint, which keeps every digit.
            if (seed !== undefined) expect(typeof seed === 'bigint' || Number.isFinite(seed)).toBe(true);
        }),
    );
});

describe("ComfyUI's graph", () => {
    const graph = {
        '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'dream.safetensors' } },
        '2': {
            class_type: 'LoraLoader',
            inputs: { lora_name: 'ink.safetensors', strength_model: 0.7, model: ['1', 0], clip: ['1', 1] },
        },
        '3': { class_type: 'CLIPTextEncode', inputs: { text: 'a castle', clip: ['2', 1] } },
        '4': { class_type: 'CLIPTextEncode', inputs: { text: ['8', 0], clip: ['2', 1] } },
        '5': { class_type: 'EmptyLatentImage', inputs: { width: 640, height: 448, batch_size: 1 } },
        '6': {
            class_type: 'KSampler',
            inputs: {
                seed: 77,
                steps: 30,
                cfg: 6.5,
                sampler_name: 'dpmpp_2m',
                scheduler: 'karras',
                denoise: 1,
                model: ['2', 0],
                positive: ['9', 0],
                negative: ['4', 0],
                latent_image: ['5', 0],
            },
        },
        '7': { class_type: 'SaveImage', inputs: { images: ['10', 0] } },
        '8': { class_type: 'PrimitiveString', inputs: { value: 'ugly' } },
        '9': { class_type: 'ControlNetApply', inputs: { conditioning: ['3', 0], strength: 1, image: ['11', 0] } },
        '10': { class_type: 'VAEDecode', inputs: { samples: ['6', 0], vae: ['1', 2] } },
    };
    test('is walked from the saved picture', () => {
        expect(originFrom({ prompt: JSON.stringify(graph), workflow: '{}' })).toMatchObject({
            tool: 'comfyui',
            prompt: 'a castle',
            negative: 'ugly',
            seed: 77,
            steps: 30,
            guidance: 6.5,
            sampler: 'dpmpp-2m',
            schedule: 'karras',
            width: 640,
            height: 448,
            model: 'dream.safetensors',
            loras: [{ name: 'ink.safetensors', weight: 0.7 }],
        });
    });
    test('with loops, NaN and broken links still ends', () => {
        const loop = {
            ...graph,
            '9': { class_type: 'ConditioningCombine', inputs: { conditioning_1: ['9', 0], conditioning_2: ['99', 0] } },
        };
        const text = JSON.stringify(loop).replace('"denoise":1', '"denoise": NaN');
        expect(originFrom({ prompt: text })).toMatchObject({ seed: 77 });
    });
    test.each(['', '{}', '[]', 'null', '{"1":null}'])('%j is none', (text) => {
        expect(originFrom({ prompt: text })).toBeUndefined();
    });
});

describe("InvokeAI's records", () => {
    test('of version 3 and later', () => {
        const invokeai_metadata = JSON.stringify({
            positive_prompt: 'landscape',
            negative_prompt: 'low quality',
            width: 768,
            height: 432,
            seed: 356120443,
            rand_device: 'cpu',
            cfg_scale: 7.5,
            steps: 50,
            scheduler: 'dpmpp_2m_sde_k',
            clip_skip: 0,
            model: { model_name: 'amixx', base_model: 'sd-1' },
            loras: [{ model: { name: 'ink' }, weight: 0.5 }],
        });
        expect(originFrom({ invokeai_metadata })).toMatchObject({
            tool: 'invokeai',
            prompt: 'landscape',
            negative: 'low quality',
            seed: 356120443,
            sampler: 'dpmpp-2m-sde',
            schedule: 'karras',
            guidance: 7.5,
            width: 768,
            model: 'amixx',
            noise: 'torch-cpu',
            clipSkip: 0,
            loras: [{ name: 'ink', weight: 0.5 }],
        });
    });
    test('of version 2', () => {
        const image = {
            prompt: [{ prompt: 'a barn [blurry]', weight: 1 }],
            steps: 50,
            cfg_scale: 7.5,
            sampler: 'k_lms',
            seed: 5,
        };
        const text = JSON.stringify({ model_weights: 'stable-diffusion-1.5', image });
        expect(originFrom({ 'sd-metadata': text })).toMatchObject({
            prompt: 'a barn',
            negative: 'blurry',
            sampler: 'lms',
            model: 'stable-diffusion-1.5',
        });
    });
});

describe('other files', () => {
    const parameters = 'ein Schloß am Meer\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 9';
    const image = () => sharp(busy(16, 16).data, { raw: { width: 16, height: 16, channels: 3 } });

    /** A TIFF block with one directory that points to an EXIF directory with the comment. */
    function exifBlock(comment: Buffer): Buffer {
        const block = Buffer.alloc(44 + comment.length);
        block.write('MM\0*', 0, 'latin1');
        block.writeUInt32BE(8, 4);
        block.writeUInt16BE(1, 8);
        block.writeUInt16BE(0x8769, 10);
        block.writeUInt16BE(4, 12);
        block.writeUInt32BE(1, 14);
        block.writeUInt32BE(26, 18);
        block.writeUInt16BE(1, 26);
        block.writeUInt16BE(0x9286, 28);
        block.writeUInt16BE(7, 30);
        block.writeUInt32BE(comment.length, 32);
        block.writeUInt32BE(44, 36);
        comment.copy(block, 44);
        return block;
    }

    test.each(['little', 'big'])('a JPEG with a comment in UTF-16, %s end first', async (order) => {
        const utf16 = Buffer.from(parameters, 'utf16le');
        const comment = Buffer.concat([Buffer.from('UNICODE\0', 'latin1'), order === 'big' ? utf16.swap16() : utf16]);
        const block = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifBlock(comment)]);
        const jpeg = await image().jpeg().toBuffer();
        const length = Buffer.alloc(4);
        length.writeUInt16BE(0xffe1, 0);
        length.writeUInt16BE(block.length + 2, 2);
        const marked = Buffer.concat([jpeg.subarray(0, 2), length, block, jpeg.subarray(2)]);
        expect(await originIn(marked)).toMatchObject({ prompt: 'ein Schloß am Meer', sampler: 'euler-a', seed: 9 });
    });
    test('files that do not say it', async () => {
        expect(await originIn(await image().webp().toBuffer())).toBeUndefined();
        expect(await originIn(await encodePng(busy(8, 8)))).toBeUndefined();
        expect(originFrom({ sdspec: '{broken', parameters: '' })).toBeUndefined();
    });
    test('files that are none', async () => {
        await expect(readOrigin(import.meta.filename)).rejects.toMatchObject({ code: 'picture/unreadable' });
        await expect(readOrigin('/nowhere/a.png')).rejects.toMatchObject({ code: 'picture/missing' });
        expect((await readFile(import.meta.filename)).length).toBeGreaterThan(0);
    });
});
