/** Whatever is in a picture's file becomes a spec without mistakes, which says what it can't express. */
import { describe, expect, it } from 'vitest';
import { KEYWORDS } from '../../../../src/language/generated/keywords.ts';
import { Language, lowerRun, problemsOf } from '../../../../src/language/index.ts';
import { namesInUse } from '../../../../src/language/write/names-in-use.ts';
import { originText } from '../../../../src/language/write/origins/origin-text.ts';
import type { Origin } from '../../../../src/plan/origin.ts';
import { originFrom } from '../../../../src/runtime/pictures/metadata/read.ts';
import { PLAN } from '../../../runtime/run/fake-workshop.ts';

/** Without a disk: the paths of weights are for the user to fill in. */
const language = new Language();

interface Picture extends Partial<Origin> {
    readonly file?: string;
    readonly existing?: string;
}

/** The text of a picture by AUTOMATIC1111 unless it says otherwise, with what it joins; and what is wrong with it. */
async function written({ file = 'house.png', existing = '', ...told }: Picture) {
    const origin: Origin = { tool: 'automatic1111', prompt: 'a house', seed: 7, texts: {}, ...told };
    const names = namesInUse((await language.parseText(existing)).parseResult.value);
    const text = `${existing}${originText(file, origin, names)}`;
    const errors = problemsOf(await language.parseText(text)).filter(({ severity }) => severity === 'error');
    return { text, errors: errors.map(({ code, message }) => `${code}: ${message}`) };
}

const LINES = 'first\r\nsecond\nthird';
const ODD: Readonly<Record<string, Picture>> = {
    'a file that begins with a digit': { file: '00042-7.png' },
    'a file without a name': { file: '.png' },
    'a file of other letters': { file: '家 1.png' },
    'a file of several lines': { file: `${LINES}.png` },
    'a name that is taken': { existing: 'generate house { prompt "x" }\n' },
    'a name with a hyphen that is taken': { file: 'old-house.png', existing: 'generate old-house { prompt "x" }\n' },
    'a model named like the picture': { model: 'house' },
    'a model without a name': { model: '.safetensors' },
    'a model in a folder': { model: 'sd\\v1 "final".ckpt', modelHash: LINES },
    'a model and a LoRA of one name': { model: 'ink', loras: [{ name: 'ink', weight: 1 }] },
    'LoRAs by file and folder': { loras: [{ name: 'styles/ink.safetensors', weight: -40 }] },
    'samplers, layers and schedules as names': {
        file: 'euler.png',
        model: 'mid',
        loras: [{ name: 'karras', weight: 1 }],
    },
    'a sampler that specs do not have': { samplerText: LINES },
    'no prompt': { prompt: '', negative: ', ' },
    'a prompt of several lines': { prompt: `${LINES}, (${LINES}:1.2)` },
    'quotes, braces and backslashes': { prompt: '"a" {b} <c> {d \\ """ \\" \\( // /* (e:1.2)' },
    'brackets of all kinds': { prompt: '((( [[ )) ] (a:b:1.2) (:1) (x:-3) (y:99)', negative: ')]:1.2)' },
    'words that change': { prompt: '[a:b:0.5] AND [c|d] BREAK e' },
    'a long seed': { tool: 'comfyui', seed: 1125899906842624 },
    'a seed that is none': { seed: -1 },
    'too many steps': { steps: 100_000 },
    'part of a step': { steps: 20.5 },
    'no step': { steps: 0 },
    'much guidance': { guidance: 400 },
    'less than no guidance': { guidance: -7 },
    'an uneven size': { width: 513.5, height: 770 },
    'a tiny size': { width: 1, height: -8 },
    'much clip skip': { clipSkip: 30, eta: 3, sampler: 'ddim' },
    'another picture': { strength: 0.6, schedule: 'karras', sampler: 'dpmpp-2m' },
    'a prompt of a novel': { prompt: 'once, '.repeat(10_000) },
};
describe('odd pictures become text without mistakes', () => {
    it.each(Object.entries(ODD))('%s', async (_, picture) => {
        const { text, errors } = await written(picture);
        expect(errors, text.slice(0, 2000)).toEqual([]);
    });
    it.each(KEYWORDS)('%s.png of the model %s', async (word) => {
        const { text, errors } = await written({
            file: `${word}.png`,
            model: word,
            loras: [{ name: word, weight: 1 }],
        });
        expect(errors, text).toEqual([]);
    });
});

describe('noise', () => {
    const parameters = (rng: string) => `a house\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5000000000${rng}`;
    it.each([
        ['AUTOMATIC1111 on a device', { parameters: parameters('') }, 'philox', 5_000_000_000],
        ['AUTOMATIC1111 on the CPU', { parameters: parameters(', RNG: CPU') }, 'torch-cpu', 705_032_704],
        ['AUTOMATIC1111 as on NVIDIA devices', { parameters: parameters(', RNG: NV') }, 'philox', 5_000_000_000],
        ['InvokeAI', { invokeai_metadata: '{"positive_prompt": "a", "seed": 3}' }, 'torch-cpu', 3],
        [
            'ComfyUI',
            { prompt: '{"1": {"class_type": "KSampler", "inputs": {"seed": 5000000000, "latent_image": ["2", 0]}}}' },
            'torch-cpu',
            705_032_704,
        ],
    ])('%s', async (_, texts, kind, seed) => {
        const text = originText('house.png', originFrom(texts as Record<string, string>)!);
        const { value } = lowerRun(await language.parseText(text), 'house');
        expect(value?.work).toMatchObject({ noise: { kind }, seeds: [seed] });
    });
    it('that the picture does not name is remarked', async () => {
        expect((await written({})).text).toMatch(/noise {5}philox \/\/ .*names no generator/);
        expect((await written({ noise: 'philox' })).text).toMatch(/noise {5}philox\n/);
    });
});

describe('what specs can not say is in a comment', () => {
    it.each<readonly [Picture, string]>([
        [{ prompt: '[a|b]' }, '// [a|b] changes words on the way'],
        [{ negative: 'a BREAK b' }, '// BREAK begins'],
        [{ samplerText: 'Restart' }, '// Specs have no sampler Restart.'],
        [{ steps: 5000 }, '// steps 5000 was written. Steps are'],
        [{ tool: 'comfyui', seed: 2 ** 32 + 1 }, 'seed      1 // the last 32 bits of 4294967297'],
        [{ strength: 0.6 }, '// It was made from another picture: start from … strength 0.6'],
    ])('%j', async (picture, comment) => {
        expect((await written(picture)).text).toContain(comment);
    });
});

it.each([
    ['euler-a', 0.5, 'all of its noise'],
    ['euler', 0.5, 'no noise'],
] as const)('an eta that %s does not have is said', async (sampler, eta, draws) => {
    const { text } = await written({ sampler, eta });
    expect(text).toContain(`eta ${eta} was written`);
    expect(text).toContain(`draws ${draws}`);
    expect((await written({ sampler, eta: sampler === 'euler' ? 0 : 1 })).text).not.toContain('eta');
});

it('a mosaic is read as what makes its tiles, with its layout in comments', async () => {
    const tiles = { via: PLAN, strength: 0.25, colour: 0.92, vary: 4, pool: 12, size: { width: 64, height: 64 } };
    const plan = {
        kind: 'mosaic',
        of: { kind: 'file', path: 'a.png' },
        grid: { columns: 8, rows: 6 },
        tiles,
        depth: 1,
    };
    const { text, errors } = await written({ tool: 'sdspec', sdspec: { plan } });
    expect(errors).toEqual([]);
    expect(text).toContain('// A mosaic of 8x6 tiles of 64x64 pixels, depth 1.');
    expect(text).toContain('generate house {');
    expect(text).not.toContain('damaged');
    const damaged = { ...plan, tiles: { ...tiles, strength: 'much' } };
    expect((await written({ tool: 'sdspec', sdspec: { plan: damaged } })).text).toContain('damaged');
});
