/**
 * Files in the forms that other tools write them, from the spec to the latents: as diffusers makes them on the CPU with
 * the same noise (test/goldens/files/make.py).
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { createNodeLanguage, lowerRun, nodeFiles } from '../../../src/language/index-node.ts';
import { openControlNet } from '../../../src/runtime/engine/controlnet.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import { generate } from '../../../src/runtime/generate.ts';
import { loadPicture } from '../../../src/runtime/pictures/load.ts';
import { encodePng } from '../../../src/runtime/pictures/save.ts';
import { type Tensor, tensor } from '../../../src/runtime/tensor.ts';
import { readControlNet } from '../../../src/runtime/weights/controlnet.ts';
import type { Overrides } from '../../../src/runtime/weights/parts.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import {
    CLIP_SIZE,
    clipVocabulary,
    vocabularyOfMerges,
} from '../../../src/runtime/weights/single-file/clip-vocabulary.ts';
import { MODELS, noise, SD15, SD21 } from '../engine/nano.ts';
import { type Typed, temporaryFolder, writeTensors } from '../weights/write-safetensors.ts';

const EXPECTED = readSafetensors(join(MODELS, '../files/expected.safetensors')).tensors;
const expected = (name: string) => readTensor(EXPECTED.get(name)!).data;
const read = (path: string) =>
    new Map([...readSafetensors(path).tensors].map(([name, location]) => [name, readTensor(location)] as const));
const KOHYA = read(join(MODELS, 'adapters/nano-lora.kohya.safetensors'));
const PEFT = read(join(MODELS, 'adapters/nano-lora.peft.safetensors'));
const SETTINGS = 'prompt "a turtle on a beach" negative "blurry" size 64x64 steps 5 sampler euler seed 3';
const QUERY = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q';
const BLOCK = 'lora_unet_down_blocks_0_attentions_0_';

type Entries = ReadonlyMap<string, Tensor | Typed>;

interface Made {
    readonly latents: Float32Array;
    readonly notices: readonly string[];
}

/** The path of a model, file or picture of the plan. */
function pathOf(one: object): string {
    if ('path' in one && typeof one.path === 'string') return one.path;
    throw new Error(`${JSON.stringify(one)} is no file.`);
}

/** The latents of the generate `it` of a spec, whose paths are relative to `folder`. */
async function made(spec: string, folder: string, overrides?: Overrides): Promise<Made> {
    const file = join(folder, 'case.sdspec');
    writeFileSync(file, spec);
    const document = await (await createNodeLanguage()).parseFile(file);
    const { value, problems } = lowerRun(document, 'it', { files: nodeFiles });
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    if (value?.work.kind !== 'picture') throw new Error('The spec gives no picture.');
    const notices: string[] = [];
    const options = { device: 'cpu', threads: 1 } as const;
    const context: Parameters<typeof generate>[1] = {
        openModel: async (ref, adapters) => {
            const path = join(folder, pathOf(ref));
            const used = adapters.map(({ file, weight }) => ({ path: join(folder, pathOf(file)), weight }));
            const model = await openModel(path, { ...options, adapters: used, ...(overrides && { overrides }) });
            notices.push(...model.checkpoint.notices);
            return model;
        },
        openControlNet: (ref) => openControlNet(join(folder, pathOf(ref)), options),
        picture: (source, as) => loadPicture(join(folder, pathOf(source)), as ? { as } : {}),
        emit: (event) => {
            if (event.kind === 'notice') notices.push(event.text);
        },
    };
    for await (const { latents } of generate(value.work, context)) return { latents, notices };
    throw new Error('No picture was made.');
}

/** Peak signal-to-noise ratio in decibels. */
function psnr(found: Float32Array, wanted: Float32Array): number {
    expect(found.length).toBe(wanted.length);
    const error = wanted.reduce((sum, value, i) => sum + (value - found[i]!) ** 2, 0) / wanted.length;
    const peak = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return 20 * Math.log10(peak) - 10 * Math.log10(error);
}

let folder: string;

beforeAll(() => {
    folder = temporaryFolder();
    cpSync(SD15, join(folder, 'nano'), { recursive: true });
});

describe('LoRAs', () => {
    const applied = (entries: Entries, metadata = {}) => {
        writeTensors(join(folder, 'lora.safetensors'), entries, metadata);
        const spec = `model nano = "./nano"\nlora l = "./lora.safetensors"\ngenerate it { use nano ${SETTINGS} apply l }`;
        return made(spec, folder);
    };
    const filled = (shape: readonly number[], value: number) =>
        tensor(new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(value), shape);
    const int64 = (value: bigint): Typed => ({ dtype: 'I64', dims: [], data: BigInt64Array.of(value) });
    const with_ = (base: Entries, more: Readonly<Record<string, Tensor>>): Entries =>
        new Map([...base, ...Object.entries(more)]);
    const stabilised = { lora_alpha: 2, r: 4, use_rslora: true };
    const header = Object.fromEntries(
        ['unet', 'text_encoder'].flatMap((part) =>
            Object.entries(stabilised).map(([name, value]) => [`${part}.${name}`, value]),
        ),
    );

    test.each<readonly [string, string, () => Entries, Record<string, string>]>([
        ['as it is', 'lora', () => KOHYA, {}],
        [
            'an alpha that is a whole number of 64 bits',
            'half',
            () => new Map([...KOHYA].map(([name, one]) => [name, name.endsWith('.alpha') ? int64(2n) : one])),
            {},
        ],
        // alpha / √rank = 2 / 2
        ['rsLoRA by its header', 'lora', () => PEFT, { lora_adapter_metadata: JSON.stringify(header) }],
        [
            'a DoRA as peft stores it',
            'dora',
            () => with_(PEFT, { [`unet.${QUERY}.lora_magnitude_vector`]: filled([16], 1) }),
            {},
        ],
        ['a bias beside', 'bias', () => with_(KOHYA, { [`${BLOCK}proj_in.diff_b`]: filled([16], 2) }), {}],
        [
            'a difference beside',
            'diff',
            () => with_(KOHYA, { 'lora_unet_conv_in.diff': filled([16, 4, 3, 3], 0.5) }),
            {},
        ],
        [
            'norms beside',
            'norm',
            () => with_(KOHYA, { [`${BLOCK}norm.w_norm`]: filled([16], 1), [`${BLOCK}norm.b_norm`]: filled([16], 1) }),
            {},
        ],
        ['a bias of an up matrix', 'upbias', () => with_(PEFT, { [`unet.${QUERY}.lora_B.bias`]: filled([16], 1) }), {}],
    ])('%s', async (_, name, entries, metadata) => {
        const { latents, notices } = await applied(entries(), metadata);
        expect(psnr(latents, expected(name))).toBeGreaterThan(60);
        expect(notices).toEqual([]);
        // What was left out would show.
        if (name !== 'lora') expect(psnr(expected('lora'), expected(name))).toBeLessThan(50);
    });

    test('without it the picture is another one', async () => {
        const { latents } = await made(`model nano = "./nano"\ngenerate it { use nano ${SETTINGS} }`, folder);
        expect(psnr(latents, expected('plain'))).toBeGreaterThan(60);
        expect(psnr(latents, expected('lora'))).toBeLessThan(30);
    });

    /** The U-Net's part of the LoRA under other names. */
    const renamed = (rename: (module: string, role: 'up' | 'down' | 'alpha') => string | undefined): Entries =>
        new Map(
            [...PEFT].flatMap(([name, one]): readonly (readonly [string, Tensor])[] => {
                const [, module, side] = /^unet\.(.*)\.lora_([AB])\.weight$/.exec(name) ?? [];
                if (!module) return [];
                const entry = rename(module, side === 'A' ? 'down' : 'up');
                const alpha = side === 'A' ? rename(module, 'alpha') : undefined;
                return [
                    ...(entry ? [[entry, one] as const] : []),
                    ...(alpha ? [[alpha, tensor(Float32Array.of(4), [])] as const] : []),
                ];
            }),
        );
    const ROLES = { up: 'lora_up.weight', down: 'lora_down.weight', alpha: 'alpha' } as const;
    const peft = { up: 'lora_B', down: 'lora_A', alpha: undefined } as const;

    test.each<readonly [string, Entries]>([
        ['kohya, LDM', renamed((m, role) => `lora_unet_${ldmName(m).replaceAll('.', '_')}.${ROLES[role]}`)],
        ['ComfyUI', renamed((m, role) => `diffusion_model.${ldmName(m)}.${ROLES[role]}`)],
        ['peft', renamed((m, role) => peft[role] && `base_model.model.${m}.${peft[role]}.weight`)],
        ['no prefix', renamed((m, role) => peft[role] && `${m}.${peft[role]}.weight`)],
        ['an adapter name', renamed((m, role) => peft[role] && `unet.${m}.${peft[role]}.default_0.weight`)],
    ])('in the names of %s', async (_, entries) => {
        expect(entries.size).toBeGreaterThan(100);
        expect(psnr((await applied(entries)).latents, expected('lora.unet'))).toBeGreaterThan(60);
    });

    test('in float8, up to its rounding', async () => {
        const bytes = ({ data, dims }: Tensor): Typed => ({
            dtype: 'F8_E5M2',
            dims,
            data: Uint8Array.from(data, float8),
        });
        const entries = new Map([...KOHYA].map(([name, one]) => [name, name.endsWith('.alpha') ? one : bytes(one)]));
        expect(psnr((await applied(entries)).latents, expected('lora'))).toBeGreaterThan(20);
    });

    test('with a learned word inside: reported, and used where it is declared', async () => {
        const entries = with_(KOHYA, { 'bundle_emb.pip.string_to_param.*': noise(5, 2, 32) });
        const { latents, notices } = await applied(entries);
        expect(psnr(latents, expected('lora'))).toBeGreaterThan(60);
        expect(notices).toEqual([expect.stringContaining('holds learned words as well ("pip")')]);
    });
});

/** `down_blocks.1.attentions.0.proj_in` → `input_blocks.4.1.proj_in`: attention in four levels of two blocks. */
function ldmName(module: string): string {
    return module
        .replace(/^down_blocks\.(\d)\.attentions\.(\d)/, (_, i, j) => `input_blocks.${3 * +i + +j + 1}.1`)
        .replace(/^up_blocks\.(\d)\.attentions\.(\d)/, (_, i, j) => `output_blocks.${3 * +i + +j}.1`)
        .replace(/^mid_block\.attentions\.0/, 'middle_block.1');
}

/** The upper half of a float16, rounded to even, for values between 2^-14 and 2^15; smaller ones are 0. */
function float8(value: number): number {
    const word = new DataView(new ArrayBuffer(4));
    word.setFloat32(0, value);
    const bits = word.getUint32(0);
    const sign = (bits >>> 24) & 0x80;
    if (Math.abs(value) < 2 ** -14) return sign;
    const rounded = (bits & 0x7fffffff) + 0xfffff + ((bits >>> 21) & 1);
    return sign | ((((rounded >>> 23) - 112) << 2) | ((rounded >>> 21) & 3));
}

describe('ControlNets', () => {
    const steered = async (net: string) => {
        const row = Array.from({ length: 64 }, (_, x) => [Math.round((x * 255) / 63), 51, Math.round((x * 255) / 63)]);
        const data = Uint8Array.from(Array.from({ length: 64 }, () => row.flat()).flat());
        writeFileSync(join(folder, 'hint.png'), await encodePng({ width: 64, height: 64, data }));
        const spec = `model nano = "./nano"\ncontrolnet net = "./${net}"\nimage hint = "./hint.png"
generate it { use nano ${SETTINGS} control net by hint weight 0.8 }`;
        return (await made(spec, folder)).latents;
    };
    const copied = (name: string, change: object) => {
        cpSync(join(MODELS, 'nano-controlnet'), join(folder, name), { recursive: true });
        const config = join(folder, name, 'config.json');
        writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), ...change }));
        return name;
    };

    test('add their residuals at every place', async () => {
        expect(psnr(await steered(copied('net', {})), expected('control'))).toBeGreaterThan(60);
    });
    test('that pool globally add the mean over the picture, to the prompted rows alone', async () => {
        const latents = await steered(copied('shuffle', { global_pool_conditions: true }));
        expect(psnr(latents, expected('shuffle'))).toBeGreaterThan(60);
        expect(psnr(expected('control'), expected('shuffle'))).toBeLessThan(30);
        // Single files say it by their name alone.
        const weights = join(MODELS, 'nano-controlnet/diffusion_pytorch_model.safetensors');
        for (const [name, pools] of [
            ['control_v11e_sd15_shuffle', true],
            ['control_v11p_sd15_canny', false],
        ] as const) {
            cpSync(weights, join(folder, `${name}.safetensors`));
            const { config } = readControlNet(join(folder, `${name}.safetensors`), { norm_num_groups: 8 });
            expect(config.globalPool).toBe(pools);
        }
    });
    test('of another family are refused with what they read', async () => {
        const net = copied('wide', { cross_attention_dim: 64 });
        const file = join(folder, net, 'diffusion_pytorch_model.safetensors');
        const doubled = ({ data, dims: [rows = 1, columns = 1] }: Tensor) =>
            tensor(
                Float32Array.from({ length: 2 * data.length }, (_, i) => data[i >> 1]!),
                [rows, 2 * columns],
            );
        writeTensors(
            file,
            new Map([...read(file)].map(([name, one]) => [name, /attn2\.to_[kv]/.test(name) ? doubled(one) : one])),
        );
        await expect(steered(net)).rejects.toThrow(
            /was made for another family of models: it reads texts 64 wide, the model's are 32 wide/,
        );
    });
});

describe('models', () => {
    test('without a middle block', async () => {
        cpSync(SD15, join(folder, 'tiny'), { recursive: true });
        const config = join(folder, 'tiny/unet/config.json');
        writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), mid_block_type: null }));
        const weights = join(folder, 'tiny/unet/diffusion_pytorch_model.safetensors');
        writeTensors(weights, new Map([...read(weights)].filter(([name]) => !name.startsWith('mid_block.'))));
        const { latents } = await made(`model tiny = "./tiny"\ngenerate it { use tiny ${SETTINGS} }`, folder);
        expect(psnr(latents, expected('no-middle'))).toBeGreaterThan(60);
        expect(psnr(expected('plain'), expected('no-middle'))).toBeLessThan(50);
    });

    test('SD2 pads as its family does, also where the tokenizer does not say it', async () => {
        cpSync(SD21, join(folder, 'nano21'), { recursive: true });
        for (const name of ['tokenizer_config.json', 'special_tokens_map.json'])
            rmSync(join(folder, 'nano21/tokenizer', name));
        const { latents } = await made(`model own = "./nano21"\ngenerate it { use own ${SETTINGS} }`, folder);
        expect(psnr(latents, expected('sd21'))).toBeGreaterThan(60);
    });

    test("a single file whose text encoder is of CLIP's size works alone", async () => {
        const single = join(MODELS, 'nano-sd15.ldm-fp16.safetensors');
        const table = 'cond_stage_model.transformer.text_model.embeddings.token_embedding.weight';
        const { data, dims } = noise(4, CLIP_SIZE, 32);
        const embedding = tensor(
            data.map((value) => value / 20),
            dims,
        );
        writeTensors(join(folder, 'alone.safetensors'), new Map([...read(single), [table, embedding]]));
        const config = JSON.parse(readFileSync(join(MODELS, 'single_files.json'), 'utf8'))[basename(single)];
        const overrides = { unet: config.unet, vae: config.vae };
        const spec = `model own = "./alone.safetensors"\ngenerate it { use own ${SETTINGS} }`;
        const alone = await made(spec, folder, overrides);
        expect(alone.latents.every(Number.isFinite)).toBe(true);
        expect(alone.notices.join()).not.toContain('tokenizer');
        // The same with the two files that the published folders have.
        mkdirSync(join(folder, 'tokenizer'));
        const { merges = '' } = clipVocabulary();
        cpSync(merges, join(folder, 'tokenizer/merges.txt'));
        const vocabulary = vocabularyOfMerges(readFileSync(merges, 'utf8'));
        writeFileSync(join(folder, 'tokenizer/vocab.json'), JSON.stringify(vocabulary));
        expect((await made(spec, folder, overrides)).latents).toEqual(alone.latents);
    });
});

test('a strength of 1 keeps a faint trace of the picture, as diffusers does', async () => {
    const from = async (level: number) => {
        const data = new Uint8Array(64 * 64 * 3).fill(level);
        writeFileSync(join(folder, `${level}.png`), await encodePng({ width: 64, height: 64, data }));
        const start = `start from level strength 1`;
        const spec = `model nano = "./nano"\nimage level = "./${level}.png"\ngenerate it { use nano ${SETTINGS} ${start} }`;
        return (await made(spec, folder)).latents;
    };
    const [white, black] = [await from(255), await from(0)];
    expect(psnr(black, white)).toBeLessThan(60);
    expect(psnr(white, expected('plain'))).toBeLessThan(60);
});

describe('masks', () => {
    const SIZE = 64;
    /** A picture of four channels, `at` giving a pixel. */
    const write = async (name: string, at: (x: number, y: number) => readonly [number, number, number, number]) => {
        const pixels = Array.from({ length: SIZE * SIZE }, (_, i) => at(i % SIZE, Math.floor(i / SIZE))).flat();
        const raw = { width: SIZE, height: SIZE, channels: 4 } as const;
        await sharp(Uint8Array.from(pixels), { raw })
            .png()
            .toFile(join(folder, `${name}.png`));
    };
    const isInside = (x: number, y: number) => x >= 16 && x < 48 && y >= 16 && y < 40;
    const picture = (x: number, y: number) => [x * 4, y * 4, 90] as const;
    const masked = (mask: string) =>
        made(
            `model nano = "./nano"\nimage photo = "./photo.png"\nimage part = "./${mask}.png"
generate it { use nano ${SETTINGS} start from photo strength 0.8 mask part }`,
            folder,
        );

    test('what is transparent is kept, a hole erased in the picture is repainted, and a mask of nothing is reported', async () => {
        await write('photo', (x, y) => [...picture(x, y), 255]);
        await write('plain', (x, y) => (isInside(x, y) ? [255, 255, 255, 255] : [0, 0, 0, 255]));
        await write('layer', (x, y) => (isInside(x, y) ? [255, 255, 255, 255] : [255, 255, 255, 0]));
        await write('erased', (x, y) => [...picture(x, y), isInside(x, y) ? 0 : 255]);
        await write('red', (x, y) => (isInside(x, y) ? [255, 0, 0, 255] : [0, 0, 0, 255]));
        const plain = await masked('plain');
        expect((await masked('layer')).latents).toEqual(plain.latents);
        expect((await masked('erased')).latents).toEqual(plain.latents);
        const red = await masked('red');
        expect(red.notices).toEqual([expect.stringMatching(/^The mask repaints nothing/)]);
        await write('paint', (x, y) => [255, 0, 0, isInside(x, y) ? 255 : 0]);
        expect((await masked('paint')).notices).toEqual(red.notices);
        expect(psnr(red.latents, plain.latents)).toBeLessThan(40);
        expect(plain.notices).toEqual([]);
        // A grey photograph could be either: how it is read is said.
        await write('grey', (x, y) => [y * 4, y * 4, y * 4, isInside(x, y) ? 0 : 255]);
        const grey = await masked('grey');
        expect(grey.notices).toEqual([expect.stringMatching(/^.*grey\.png is grey with transparent parts/)]);
        await write('soft', (x, y) => {
            const level = Math.max(0, Math.min(255, (x - 30) * 60));
            return [level, level, level, isInside(x, y) || x > 40 ? 255 : 0];
        });
        expect((await masked('soft')).notices).toEqual([]);
    });
});
