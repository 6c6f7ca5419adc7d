/** Models in one LDM file: parts found by prefix, names given in diffusers' terms, hyper-parameters inferred. */
import { basename, extname } from 'node:path';
import { type RawConfig, readPredictionType, readTextConfig, readUnetConfig, readVaeConfig } from './config.ts';
import { inferText, inferUnet, inferVae } from './infer-config.ts';
import { clipName, LDM, openclipName, unetName, vaeName } from './ldm-names.ts';
import { ModelError } from './model-error.ts';
import type { CheckpointParts, Overrides, Weights } from './parts.ts';
import { readTensor } from './read-tensor.ts';
import { readSafetensors, type SafetensorsFile, type TensorLocation } from './safetensors.ts';
import { findVocabulary } from './vocabulary.ts';

export function readSingleFile(path: string, overrides: Overrides): CheckpointParts {
    const extension = extname(path).toLowerCase();
    if (['.ckpt', '.pt', '.pth', '.bin'].includes(extension)) {
        throw new ModelError(
            'model/foreign-file',
            `"${path}" is a Python pickle, which can run code when it is opened. Use the model's .safetensors file.`,
        );
    }
    const file = readSafetensors(path);
    checkFamily(file, path);
    const source = basename(path);
    const unet = part(file, LDM.unet, unetName, source);
    const vae = part(file, LDM.vae, vaeName, source);
    const isV2 = [...file.tensors.keys()].some((name) => name.startsWith(LDM.openclip));
    const text = isV2 ? openclip(file, source) : part(file, LDM.clip, clipName, source);
    for (const [name, weights] of [
        ['U-Net', unet],
        ['VAE', vae],
        ['text encoder', text],
    ] as const) {
        if (weights.tensors.size > 0) continue;
        throw new ModelError(
            'model/missing-part',
            `"${path}" holds no ${name}. Use a full checkpoint, not a part of one.`,
        );
    }

    const notices: string[] = [];
    const raw = {
        unet: { ...inferUnet(unet, { isV2 }), ...overrides.unet },
        vae: { ...inferVae(vae), ...overrides.vae },
        text: { ...inferText(text, { isV2 }), ...overrides.text_encoder },
        scheduler: overrides.scheduler ?? (isV2 ? schedulerV2(unet, notices) : SCHEDULER_V1),
    };
    const textConfig = readTextConfig(raw.text, `${source} (text encoder)`);
    const needs = { size: textConfig.vocabSize, pad: isV2 ? '!' : '<|endoftext|>' };
    const tokenizer = findVocabulary(path, overrides.tokenizer, needs);
    if (tokenizer.borrowed)
        notices.push(`"${source}" holds no tokenizer; the one in "${tokenizer.files.folder}" is used.`);
    return {
        form: 'single-file',
        unet: { config: readUnetConfig(raw.unet, `${source} (U-Net)`), weights: unet },
        vae: { config: readVaeConfig(raw.vae, `${source} (VAE)`), weights: vae },
        textEncoder: { config: textConfig, weights: text },
        tokenizer: tokenizer.files,
        scheduler: raw.scheduler,
        predictionType: readPredictionType(raw.scheduler, `${source} (scheduler)`),
        notices,
    };
}

/** The tensors under a prefix, renamed. `model_ema.` and training remains have other prefixes and are left out. */
export function part(
    file: SafetensorsFile,
    prefix: string,
    rename: (name: string) => string | undefined,
    source: string,
): Weights {
    const tensors = new Map<string, TensorLocation>();
    for (const [name, location] of file.tensors) {
        const renamed = name.startsWith(prefix) ? rename(name.slice(prefix.length)) : undefined;
        if (renamed !== undefined) tensors.set(renamed, location);
    }
    return { source, tensors };
}

/** OpenCLIP keeps query, key and value in one tensor: three ranges of the same bytes. */
function openclip(file: SafetensorsFile, source: string): Weights {
    const joined = part(file, LDM.openclip, openclipName, source).tensors;
    const tensors = new Map<string, TensorLocation>();
    for (const [name, location] of joined) {
        const inProjection = /^(.*\.self_attn)\.in_proj\.(weight|bias)$/.exec(name);
        if (!inProjection) {
            tensors.set(name, location);
            continue;
        }
        const [, block, kind] = inProjection;
        const [rows = 0, ...rest] = location.shape;
        if (rows % 3 !== 0)
            throw new ModelError('model/unsupported', `"${source}": "${name}" is no joined attention projection.`);
        const length = location.length / 3;
        for (const [index, projection] of ['q_proj', 'k_proj', 'v_proj'].entries()) {
            const offset = location.offset + index * length;
            tensors.set(`${block}.${projection}.${kind}`, { ...location, offset, length, shape: [rows / 3, ...rest] });
        }
    }
    return { source, tensors };
}

const SCHEDULER_V1: RawConfig = {
    _class_name: 'PNDMScheduler',
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    num_train_timesteps: 1000,
    set_alpha_to_one: false,
    skip_prk_steps: true,
    steps_offset: 1,
    trained_betas: null,
    clip_sample: false,
};

/**
 * SD2 files do not say whether they predict noise or velocity. The spread of one bias distinguishes published models,
 * as ComfyUI found out: https://github.com/comfyanonymous/ComfyUI/blob/master/comfy/supported_models.py (SD20).
 */
function schedulerV2(unet: Weights, notices: string[]): RawConfig {
    const location = unet.tensors.get('up_blocks.3.attentions.2.transformer_blocks.0.norm1.bias');
    const values = location ? readTensor(location).data : new Float32Array(1);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    const prediction = deviation > 0.09 ? 'v_prediction' : 'epsilon';
    notices.push(
        `An SD2 file does not say what it predicts; its weights look like ${prediction}. Set the prediction type where pictures come out grey or burnt.`,
    );
    return { ...SCHEDULER_V1, _class_name: 'DDIMScheduler', prediction_type: prediction };
}

/** Distinguishes other families by tensors that only they have. */
function checkFamily(file: SafetensorsFile, path: string): void {
    const names = [...file.tensors.keys()];
    const has = (...parts: string[]) => names.some((name) => parts.some((part) => name.includes(part)));
    const refuse = (what: string, instead: string) => {
        throw new ModelError('model/unsupported', `"${path}" is ${what}; ${instead}`);
    };
    const supported = 'Stable Diffusion 1.x and 2.x models are supported.';
    if (has('conditioner.embedders.')) refuse('an SDXL model', supported);
    if (has('joint_blocks.')) refuse('a Stable Diffusion 3 model', supported);
    if (has('double_blocks.', 'double_stream_modulation')) refuse('a Flux model', supported);
    if (names.some((name) => name.startsWith(LDM.unet))) return;
    if (has('lora_', '.lora'))
        refuse('a LoRA, an addition to a model', 'name it as one, beside the model that it changes.');
    if (has('zero_convs.', 'controlnet_')) refuse('a ControlNet', 'name it as one, beside the model that it steers.');
    if (names.some((name) => /^(down_blocks|conv_in|encoder)\./.test(name))) {
        refuse('one part of a diffusers model', 'name the folder that holds model_index.json instead.');
    }
    refuse('no Stable Diffusion model that is known here', `no tensor begins with "${LDM.unet}". ${supported}`);
}
