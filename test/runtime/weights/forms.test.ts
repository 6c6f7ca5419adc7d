/**
 * Files in every form that can be made of the nano model: each is read whole, or refused with the name of what would be
 * left out or is missing.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openControlNet } from '../../../src/runtime/engine/controlnet.ts';
import { openModel } from '../../../src/runtime/engine/model.ts';
import { checkCoverage } from '../../../src/runtime/graph/coverage.ts';
import { type Tensor, tensor } from '../../../src/runtime/tensor.ts';
import { loadTokenizer } from '../../../src/runtime/text/load-tokenizer.ts';
import { brokenWeights } from '../../../src/runtime/weights/broken-weights.ts';
import { openCheckpoint } from '../../../src/runtime/weights/checkpoint.ts';
import type { Overrides, PartTensors } from '../../../src/runtime/weights/parts.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { clipVocabulary } from '../../../src/runtime/weights/single-file/clip-vocabulary.ts';
import { inferText } from '../../../src/runtime/weights/single-file/infer-config.ts';
import { MODELS, noise, SD15, SD21 } from '../engine/nano.ts';
import { temporaryFolder, writeTensors } from './write-safetensors.ts';

const NAME = 'nano-sd15.ldm-fp16.safetensors';
const { unet, vae, text_encoder, scheduler } = JSON.parse(readFileSync(join(MODELS, 'single_files.json'), 'utf8'))[
    NAME
];
/** The nano model's norms have groups of their own; nothing else is given. */
const OVERRIDES: Overrides = { unet, vae, text_encoder, tokenizer: join(SD15, 'tokenizer') };
const ALL: ReadonlyMap<string, Tensor> = new Map(
    [...readSafetensors(join(MODELS, NAME)).tensors].map(([name, location]) => [name, readTensor(location)]),
);
const UNET = 'model.diffusion_model.';
const TEXT = 'cond_stage_model.transformer.text_model.';

/** The single file with entries added (or taken away, where undefined). */
function variant(changes: Readonly<Record<string, Tensor | undefined>>, metadata = {}): string {
    const tensors = new Map(ALL);
    for (const [name, value] of Object.entries(changes)) {
        if (value) tensors.set(name, value);
        else if (!tensors.delete(name)) throw new Error(`There is no ${name}.`);
    }
    return writeTensors(join(temporaryFolder(), 'own.safetensors'), tensors, metadata);
}

const check = (path: string, overrides = OVERRIDES) => checkCoverage(openCheckpoint(path, overrides));
const one = tensor(new Float32Array(1), [1]);

describe('a tensor that is missing is named as the file names it', () => {
    test.each([
        `${UNET}middle_block.1.norm.weight`,
        `${UNET}middle_block.1.proj_in.weight`,
        `${UNET}input_blocks.4.1.norm.weight`,
        `${UNET}input_blocks.4.0.out_layers.3.bias`,
        `${UNET}output_blocks.6.1.norm.weight`,
        `${UNET}time_embed.2.bias`,
        `${TEXT}encoder.layers.1.layer_norm1.weight`,
        `${TEXT}final_layer_norm.bias`,
        'first_stage_model.encoder.down.0.block.1.conv2.bias',
        'first_stage_model.decoder.up.3.block.0.norm1.weight',
        'first_stage_model.decoder.mid.attn_1.q.weight',
    ])('%s', (name) => {
        expect(() => check(variant({ [name]: undefined }))).toThrow(`"own.safetensors" lacks the tensor "${name}"`);
        // Without the configuration that tests give, it makes no smaller network either.
        const { tokenizer } = OVERRIDES;
        expect(() => check(variant({ [name]: undefined }), { tokenizer: tokenizer! })).toThrow(
            /lacks the tensor|not supported/,
        );
    });
});

test('a text encoder has as many blocks as its published family, whatever the file holds', () => {
    const of = (width: number, blocks: number): PartTensors => ({
        source: 'own.safetensors',
        tensors: new Map(
            Array.from({ length: blocks }, (_, k) => {
                const location = {
                    ...readSafetensors(join(MODELS, NAME)).tensors.values().next().value!,
                    shape: [width],
                };
                return [`encoder.layers.${k}.layer_norm1.weight`, location] as const;
            }),
        ),
    });
    const layers = (width: number, blocks: number) =>
        inferText(of(width, blocks), { isV2: width === 1024 }).num_hidden_layers;
    expect([layers(768, 12), layers(768, 11), layers(1024, 23), layers(1024, 22)]).toEqual([12, 12, 23, 23]);
    // Nothing is known of others: they are counted, which is said.
    expect(layers(64, 3)).toBe(3);
    expect(openCheckpoint(variant({}), OVERRIDES).notices.join()).toContain(
        'No published text encoder is like the one',
    );
});

describe('a tensor that no graph reads is named', () => {
    test.each([
        [`${UNET}middle_block.1.adapter.weight`, 'U-Net'],
        [`${UNET}output_blocks.12.0.in_layers.0.weight`, 'U-Net'],
        ['first_stage_model.encoder.extra.weight', 'VAE'],
        [`${TEXT}encoder.layers.9.layer_norm1.weight`, 'text encoder'],
    ])('%s', (name, part) => {
        expect(() => check(variant({ [name]: one }))).toThrow(
            new RegExp(`holds tensors that this ${part} does not read: "${name.replaceAll('.', '\\.')}"`),
        );
    });

    test('what no picture depends on is left aside; the rest is reported', () => {
        const extras = {
            'model_ema.diffusion_modelinput_blocks00weight': one,
            betas: one,
            alphas_cumprod_prev: one,
            sqrt_one_minus_alphas_cumprod: one,
            'first_stage_model.loss.logvar': one,
            [`${TEXT}embeddings.position_ids`]: one,
            'cond_stage_model.transformer.text_projection.weight': one,
        };
        const quiet = variant(extras);
        check(quiet);
        expect(openCheckpoint(quiet, OVERRIDES).notices.join()).not.toContain('not used');
        const { notices } = openCheckpoint(variant({ 'some.counter': one, 'control_model.x': one }), OVERRIDES);
        expect(notices.join()).toContain('are not used: "some.counter"');
        expect(notices.join()).toContain('holds a ControlNet, too');
    });
});

test('what an SD1 file says of its prediction counts, and what the spec says counts before it', () => {
    const marked = variant({ v_pred: one, ztsnr: one });
    expect(openCheckpoint(marked, OVERRIDES)).toMatchObject({
        predictionType: 'v_prediction',
        scheduler: { rescale_betas_zero_snr: true, timestep_spacing: 'trailing' },
    });
    const metadata = { 'modelspec.prediction_type': 'v', 'modelspec.resolution': '768x768' };
    const { unet: _, ...rest } = OVERRIDES;
    const plain = variant({});
    expect(openCheckpoint(variant({}, metadata), OVERRIDES).predictionType).toBe('v_prediction');
    expect(() => openCheckpoint(plain, rest)).not.toThrow();
    expect(openCheckpoint(variant({}, metadata), rest).nativeSize).toBe(768);
    expect(openCheckpoint(plain, { ...OVERRIDES, choices: { predicts: 'v' } }).predictionType).toBe('v_prediction');
    const said = openCheckpoint(marked, { ...OVERRIDES, choices: { predicts: 'epsilon' } });
    expect([said.predictionType, said.scheduler['rescale_betas_zero_snr']]).toEqual(['epsilon', undefined]);
    expect(openCheckpoint(SD21, { choices: { predicts: 'epsilon' } }).predictionType).toBe('epsilon');
    expect(scheduler).toBeDefined();
});

test('a VAE of its own is used: a folder, or a checkpoint that holds one', () => {
    const folder = join(SD21, 'vae');
    expect(openCheckpoint(SD15, { choices: { vae: folder } }).vae.weights.source).toContain('vae');
    const alone = new Map([...ALL].filter(([name]) => !name.startsWith('first_stage_model.')));
    const file = writeTensors(join(temporaryFolder(), 'no-vae.safetensors'), alone);
    expect(() => openCheckpoint(file, OVERRIDES)).toThrow(/holds no VAE\. Name one beside it/);
    checkCoverage(openCheckpoint(file, { ...OVERRIDES, choices: { vae: folder } }));
    expect(() =>
        openCheckpoint(SD15, { choices: { vae: join(MODELS, 'adapters', 'nano-lora.kohya.safetensors') } }),
    ).toThrow(/is a LoRA, an addition to a model, no VAE/);
});

test('SD2 pads with "!" and SD1 with the end, whatever file the vocabulary is from', () => {
    const folder = join(temporaryFolder(), 'tokenizer');
    mkdirSync(folder);
    for (const name of ['vocab.json', 'merges.txt']) cpSync(join(SD21, 'tokenizer', name), join(folder, name));
    const { tokenizer } = openCheckpoint(variant({}), { ...OVERRIDES, tokenizer: folder });
    expect(loadTokenizer(tokenizer).pad).toBe(823);
    expect(loadTokenizer({ ...tokenizer, pad: '!' }).pad).toBe(0);
});

test("CLIP's vocabulary comes along: the ids are those that CLIP publishes", () => {
    const clip = loadTokenizer({ ...clipVocabulary(), pad: '!' });
    expect([clip.size, clip.start, clip.end, clip.pad]).toEqual([49408, 49406, 49407, 0]);
    expect(clip.encode('hello world')).toEqual([49406, 3306, 1002, 49407]);
    expect(clip.encode('A photo of a magnificently cat')).toEqual([
        49406, 320, 1125, 539, 320, 9725, 2922, 2368, 49407,
    ]);
});

/** A file whose values are of another type; `to` writes one value into `bytes`. */
function retyped(dtype: string, size: number, to: (view: DataView, at: number, value: number) => void): string {
    const header: Record<string, unknown> = {};
    const parts: Uint8Array[] = [];
    let end = 0;
    for (const [name, { data, dims }] of ALL) {
        const view = new DataView(new ArrayBuffer(data.length * size));
        data.forEach((value, index) => {
            to(view, index * size, value);
        });
        header[name] = { dtype, shape: dims, data_offsets: [end, end + data.length * size] };
        end += data.length * size;
        parts.push(new Uint8Array(view.buffer));
    }
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    const file = join(temporaryFolder(), `${dtype}.safetensors`);
    writeFileSync(file, Buffer.concat([length, json, ...parts]));
    return file;
}

async function predict(path: string): Promise<Float32Array> {
    const model = await openModel(path, { device: 'cpu', threads: 1, overrides: OVERRIDES });
    const rows = { sample: noise(1, 1, 4, 8, 8), timestep: 500, context: noise(2, 1, 77, 32) };
    const { prediction } = await (await model.unet()).run(rows);
    await model.close();
    return prediction.data;
}

test('float64 and float8 are widened', async () => {
    const f64 = retyped('F64', 8, (view, at, value) => view.setFloat64(at, value, true));
    expect(await predict(f64)).toEqual(await predict(variant({})));
    // Float8 with 5 bits of exponent is the upper half of a float16: cut, and compared with the cut values in float32.
    const cut = (value: number): number => {
        const word = new DataView(new ArrayBuffer(4));
        word.setFloat32(0, Math.abs(value) < 2 ** -14 ? 0 : value);
        word.setUint32(0, word.getUint32(0) & 0xffe00000);
        return word.getFloat32(0);
    };
    const half = (value: number): number => {
        const word = new DataView(new ArrayBuffer(4));
        word.setFloat32(0, value);
        const bits = word.getUint32(0);
        return bits << 1 === 0
            ? 0
            : ((bits >>> 24) & 0x80) | (((((bits >>> 23) & 255) - 112) << 2) | ((bits >>> 21) & 3));
    };
    const f8 = retyped('F8_E5M2', 1, (view, at, value) => view.setUint8(at, half(cut(value))));
    const same = writeTensors(
        join(temporaryFolder(), 'cut.safetensors'),
        new Map([...ALL].map(([name, { data, dims }]) => [name, tensor(data.map(cut), dims)])),
    );
    expect(await predict(f8)).toEqual(await predict(same));
});

test('float8 with 4 bits of exponent is what PyTorch reads', () => {
    // torch.tensor([...], dtype=torch.uint8).view(torch.float8_e4m3fn).float()
    const bytes = [0x00, 0x38, 0xb8, 0x7e, 0xfe, 0x01, 0x08, 0x07, 0x45];
    const values = [0, 1, -1, 448, -448, 2 ** -9, 2 ** -6, 7 * 2 ** -9, 3.25];
    const one = { dtype: 'F8_E4M3', dims: [bytes.length], data: Uint8Array.from(bytes) };
    const file = writeTensors(join(temporaryFolder(), 'f8.safetensors'), new Map([['x', one]]));
    expect([...readTensor(readSafetensors(file).tensors.get('x')!).data]).toEqual(values);
});

test('a weight that is no number is named with its file', () => {
    const name = `${UNET}input_blocks.4.0.in_layers.2.weight`;
    const { data, dims } = ALL.get(name)!;
    const path = variant({
        [name]: tensor(
            data.map((value, i) => (i === 3 ? Number.NaN : value)),
            dims,
        ),
    });
    const broken = openCheckpoint(path, OVERRIDES);
    expect(brokenWeights([broken.unet.weights])?.message).toContain(
        `"own.safetensors" is damaged: its tensor "${name}" holds NaN`,
    );
    expect(brokenWeights([broken.vae.weights, broken.textEncoder.weights])).toBeUndefined();
});

test('a ControlNet with a hole, or with more than is read, is refused', async () => {
    const folder = join(MODELS, 'nano-controlnet');
    const file = join(folder, 'diffusion_pytorch_model.safetensors');
    const tensors = new Map([...readSafetensors(file).tensors].map(([name, location]) => [name, readTensor(location)]));
    const opened = (change: (all: Map<string, Tensor>) => unknown) => {
        const copy = join(temporaryFolder(), 'net');
        cpSync(folder, copy, { recursive: true });
        const all = new Map(tensors);
        change(all);
        writeTensors(join(copy, 'diffusion_pytorch_model.safetensors'), all);
        return openControlNet(copy, { device: 'cpu' });
    };
    const missing = 'down_blocks.1.attentions.0.norm.weight';
    await expect(opened((all) => all.delete(missing))).rejects.toThrow(`lacks the tensor "${missing}"`);
    await expect(opened((all) => all.set('task_vector', one))).rejects.toThrow(
        /this ControlNet does not read: "task_vector"/,
    );
});

test('a weight of an adapter that is no number is named as its file names it', () => {
    const entries: readonly (readonly [string, Tensor])[] = [
        ['lora_unet_first.diff', one],
        ['lora_unet_second.diff', tensor(new Float32Array([Number.NaN]), [1])],
    ];
    const { tensors } = readSafetensors(writeTensors(join(temporaryFolder(), 'own.safetensors'), new Map(entries)));
    const values = tensors.get('lora_unet_second.diff')!;
    const changes = new Map([['conv_in.weight', [{ kind: 'difference' as const, values, scale: 1 }]]]);
    const error = brokenWeights([{ source: 'model', tensors: new Map(), changes } as unknown as PartTensors]);
    expect(error?.message).toContain('its tensor "lora_unet_second.diff" holds NaN');
});

test('a whole middle block that is missing makes no smaller network of a file with two layers per level', () => {
    const middle = [...ALL.keys()].filter((name) => name.startsWith(`${UNET}middle_block.`));
    expect(middle.length).toBeGreaterThan(10);
    const { tokenizer } = OVERRIDES;
    const path = variant(Object.fromEntries(middle.map((name) => [name, undefined])));
    expect(() => check(path, { tokenizer: tokenizer! })).toThrow(`lacks the tensor "${UNET}middle_block.`);
});

test('a U-Net without a middle block is read as one: mid_block_type null, no tensors, a prediction', async () => {
    const folder = join(temporaryFolder(), 'tiny');
    cpSync(SD15, folder, { recursive: true });
    const config = join(folder, 'unet', 'config.json');
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), mid_block_type: null }));
    expect(() => check(folder, {})).toThrow(/this U-Net does not read: "mid_block\./);
    const weights = join(folder, 'unet', 'diffusion_pytorch_model.safetensors');
    const kept = [...readSafetensors(weights).tensors].filter(([name]) => !name.startsWith('mid_block.'));
    writeTensors(weights, new Map(kept.map(([name, location]) => [name, readTensor(location)])));
    expect(openCheckpoint(folder).unet.config.middle).toBe('none');
    const model = await openModel(folder, { device: 'cpu', threads: 1 });
    const rows = { sample: noise(1, 1, 4, 8, 8), timestep: 500, context: noise(2, 1, 77, 32) };
    const { prediction } = await (await model.unet()).run(rows);
    await model.close();
    expect(prediction.data.every(Number.isFinite)).toBe(true);
});
