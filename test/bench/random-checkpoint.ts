/** Random checkpoints of any size, for benchmarks: diffusers folders whose weights mean nothing. */
import { closeSync, copyFileSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { clipGraph } from '../../src/runtime/graph/clip.ts';
import type { OperatorForms } from '../../src/runtime/graph/forms/operator-forms.ts';
import type { Graph } from '../../src/runtime/graph/graph.ts';
import { unetGraph } from '../../src/runtime/graph/unet.ts';
import { vaeDecoderGraph, vaeEncoderGraph } from '../../src/runtime/graph/vae.ts';
import { readTextConfig, readUnetConfig, readVaeConfig } from '../../src/runtime/weights/config.ts';
import type { RawConfig } from '../../src/runtime/weights/config-fields.ts';
import { toFloat16 } from '../../src/runtime/weights/half.ts';
import type { ConfiguredPart } from '../../src/runtime/weights/parts.ts';

/** Raw configurations by diffusers' names. */
export interface RandomModel {
    readonly unet: RawConfig;
    readonly vae: RawConfig;
    readonly text_encoder: RawConfig;
}

/** Stable Diffusion 1.5: 859.5 M parameters in the U-Net. */
export const SD15_SIZE: RandomModel = {
    unet: {
        block_out_channels: [320, 640, 1280, 1280],
        cross_attention_dim: 768,
        attention_head_dim: 8,
        norm_num_groups: 32,
        sample_size: 64,
    },
    vae: { block_out_channels: [128, 256, 512, 512], norm_num_groups: 32 },
    text_encoder: {
        vocab_size: 49408,
        hidden_size: 768,
        intermediate_size: 3072,
        num_hidden_layers: 12,
        num_attention_heads: 12,
        hidden_act: 'quick_gelu',
    },
};

/** What diffusers reads first: the classes of the parts. */
const MODEL_INDEX = {
    _class_name: 'StableDiffusionPipeline',
    _diffusers_version: '0.30.0',
    feature_extractor: [null, null],
    image_encoder: [null, null],
    requires_safety_checker: false,
    safety_checker: [null, null],
    scheduler: ['diffusers', 'PNDMScheduler'],
    text_encoder: ['transformers', 'CLIPTextModel'],
    tokenizer: ['transformers', 'CLIPTokenizer'],
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae: ['diffusers', 'AutoencoderKL'],
};

/** Fields that diffusers and transformers need and sdspec takes for granted. */
const CLASS_FIELDS: Readonly<Record<keyof RandomModel, (config: RawConfig) => RawConfig>> = {
    unet: () => ({ _class_name: 'UNet2DConditionModel' }),
    vae: (config) => {
        const levels = (config.block_out_channels as readonly number[]).length;
        return {
            _class_name: 'AutoencoderKL',
            latent_channels: 4,
            layers_per_block: 2,
            down_block_types: Array(levels).fill('DownEncoderBlock2D'),
            up_block_types: Array(levels).fill('UpDecoderBlock2D'),
        };
    },
    text_encoder: () => ({ model_type: 'clip_text_model', architectures: ['CLIPTextModel'] }),
};

const FORMS: OperatorForms = { linear: 'fused-matmul', attention: 'fused' };

/**
 * Writes a model to `folder`; its tokenizer is copied from `tokenizer`, a folder with vocab.json and merges.txt.
 * SD1.5's size in F32 is 4.3 GB and takes some ten seconds.
 */
export function writeRandomCheckpoint(
    folder: string,
    tokenizer: string,
    model: RandomModel = SD15_SIZE,
    dtype: 'F32' | 'F16' = 'F32',
): void {
    const vae = readVaeConfig(model.vae, 'vae');
    writePart(folder, 'unet', model.unet, dtype, [graphOf(readUnetConfig(model.unet, 'unet'), unetGraph)]);
    writePart(folder, 'vae', model.vae, dtype, [graphOf(vae, vaeEncoderGraph), graphOf(vae, vaeDecoderGraph)]);
    writePart(folder, 'text_encoder', model.text_encoder, dtype, [
        graphOf(readTextConfig(model.text_encoder, 'text'), clipGraph),
    ]);
    writeJson(join(folder, 'model_index.json'), MODEL_INDEX);
    mkdirSync(join(folder, 'scheduler'), { recursive: true });
    writeJson(join(folder, 'scheduler', 'scheduler_config.json'), {
        _class_name: 'PNDMScheduler',
        beta_start: 0.00085,
        beta_end: 0.012,
        beta_schedule: 'scaled_linear',
        num_train_timesteps: 1000,
        set_alpha_to_one: false,
        skip_prk_steps: true,
        steps_offset: 1,
    });
    mkdirSync(join(folder, 'tokenizer'), { recursive: true });
    for (const file of ['vocab.json', 'merges.txt', 'tokenizer_config.json']) {
        copyFileSync(join(tokenizer, file), join(folder, 'tokenizer', file));
    }
}

/** Names and shapes of the tensors that a graph reads. */
type Shapes = Map<string, readonly number[]>;

function graphOf<Config>(config: Config, build: (part: ConfiguredPart<Config>, forms: OperatorForms) => Graph): Shapes {
    const shapes: Shapes = new Map();
    const find = (name: string, shape: readonly number[]) => {
        // Graphs ask for norms as [C, 1, 1]; checkpoints store them, and all biases, as [C].
        shapes.set(name, shape.slice(1).every((side) => side === 1) ? shape.slice(0, 1) : shape);
        return { file: '/none', offset: 0, length: 0, dtype: 'F32' as const, shape };
    };
    build({ config, weights: { source: 'a random model', tensors: new Map(), find } }, FORMS);
    return shapes;
}

function writePart(
    folder: string,
    part: keyof RandomModel,
    config: RawConfig,
    dtype: 'F32' | 'F16',
    graphs: readonly Shapes[],
): void {
    const place = join(folder, part);
    mkdirSync(place, { recursive: true });
    writeJson(join(place, 'config.json'), { ...CLASS_FIELDS[part](config), ...config });
    const shapes = new Map(graphs.flatMap((entries) => [...entries]));
    const name = part === 'text_encoder' ? 'model.safetensors' : 'diffusion_pytorch_model.safetensors';
    writeSafetensors(join(place, name), shapes, dtype);
}

/** Norms are near 1, biases near 0, all else has unit gain, so that activations stay finite. */
function writeSafetensors(file: string, shapes: Shapes, dtype: 'F32' | 'F16'): void {
    const bytes = dtype === 'F32' ? 4 : 2;
    const header: Record<string, unknown> = {};
    let end = 0;
    for (const [name, shape] of shapes) {
        const start = end;
        end += shape.reduce((product, side) => product * side, bytes);
        header[name] = { dtype, shape, data_offsets: [start, end] };
    }
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    const descriptor = openSync(file, 'w');
    writeSync(descriptor, length);
    writeSync(descriptor, json);
    const noise = randomBlock();
    for (const [name, shape] of shapes) {
        const fan = shape.slice(1).reduce((product, side) => product * side, 1);
        const isNorm = /norm/.test(name) && name.endsWith('.weight');
        const [scale, offset] = isNorm ? [0.1, 1] : name.endsWith('.bias') ? [0.05, 0] : [1 / Math.sqrt(fan), 0];
        const values = noise.map((value) => value * scale + offset);
        const block = new Uint8Array((dtype === 'F32' ? values : Uint16Array.from(values, toFloat16)).buffer);
        let left = shape.reduce((product, side) => product * side, bytes);
        for (; left > 0; left -= block.length) writeSync(descriptor, block.subarray(0, Math.min(left, block.length)));
    }
    closeSync(descriptor);
}

/** Uniform numbers of unit variance; an odd count, so that rows of a repeated block differ. */
function randomBlock(): Float32Array {
    const values = new Float32Array(262_147);
    let state = 12345;
    for (let index = 0; index < values.length; index++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        values[index] = (state / 2 ** 31 - 1) * Math.sqrt(3);
    }
    return values;
}

function writeJson(file: string, value: unknown): void {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
