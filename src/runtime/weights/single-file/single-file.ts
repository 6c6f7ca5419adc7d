/** Models in one LDM file: parts found by prefix, tensors renamed as diffusers does, hyper-parameters inferred. */
import { basename } from 'node:path';
import { foreignFamily } from '../../../plan/model-file/families.ts';
import { latentSide } from '../../../plan/model-file/head.ts';
import { readTextConfig, readUnetConfig, readVaeConfig } from '../config.ts';
import { ModelError } from '../model-error.ts';
import type { CheckpointParts, Overrides } from '../parts.ts';
import { singleFileScheduler } from '../prediction.ts';
import { readSafetensors, type SafetensorsFile } from '../safetensors.ts';
import { readVae } from '../vae-file.ts';
import { inferText, inferUnet, inferVae, isPublishedText } from './infer-config.ts';
import { LDM, unetLdmName, unetName, vaeLdmName, vaeName } from './ldm-names.ts';
import { part, refusePickle } from './named-part.ts';
import { singleFileText } from './single-file-text.ts';
import { findVocabulary } from './vocabulary.ts';

export function readSingleFile(path: string, overrides: Overrides): CheckpointParts {
    refusePickle(path);
    const file = readSafetensors(path);
    const family = foreignFamily(file.tensors, 'model');
    if (family) throw new ModelError('model/unsupported', `"${path}" is ${family.what}; ${family.instead}`);
    const source = basename(path);
    const unet = part(file, LDM.unet, { from: unetName, to: unetLdmName }, source);
    const vae = part(file, LDM.vae, { from: vaeName, to: vaeLdmName }, source);
    const { weights: text, isOpenClip } = singleFileText(file, source);
    const own = overrides.choices?.vae === undefined ? [['VAE', vae] as const] : [];
    for (const [name, weights] of [['U-Net', unet] as const, ...own, ['text encoder', text] as const]) {
        if (weights.tensors.size > 0) continue;
        const isAverage = [...file.tensors.keys()].some((one) => one.startsWith('model_ema.diffusion_model'));
        throw new ModelError('model/missing-part', missingPart(path, name, isAverage));
    }

    const isV2 = isOpenClip || inferUnet(unet, { isV2: false }).cross_attention_dim === 1024;
    const notices = unusedNotices(file, source);
    const scheduler = overrides.scheduler ?? singleFileScheduler(file, unet, isV2, overrides.choices, notices);
    const textConfig = readTextConfig(
        { ...inferText(text, { isV2 }), ...overrides.text_encoder },
        `${source} (text encoder)`,
    );
    if (!isPublishedText(textConfig.width)) {
        const count = `${textConfig.layers} blocks, ${textConfig.width} wide`;
        notices.push(
            `No published text encoder is like the one in "${source}" (${count}): its blocks are counted in the file.`,
        );
    }
    const needs = { size: textConfig.vocabSize, pad: isV2 ? '!' : '<|endoftext|>' };
    const tokenizer = findVocabulary(path, overrides.tokenizer, needs);
    if (tokenizer.borrowed)
        notices.push(`"${source}" holds no tokenizer; the one in "${tokenizer.files.folder}" is used.`);
    const unetRaw = {
        ...inferUnet(unet, { isV2 }),
        sample_size: latentSide(file, isV2, scheduler.prediction_type === 'v_prediction' ? 'v' : 'epsilon'),
    };
    return {
        form: 'single-file',
        unet: { config: readUnetConfig({ ...unetRaw, ...overrides.unet }, `${source} (U-Net)`), weights: unet },
        vae: overrides.choices?.vae
            ? readVae(overrides.choices.vae)
            : { config: readVaeConfig({ ...inferVae(vae), ...overrides.vae }, `${source} (VAE)`), weights: vae },
        textEncoder: { config: textConfig, weights: text },
        tokenizer: tokenizer.files,
        scheduler,
        notices,
    };
}

/** Names outside the parts that carry nothing that makes pictures: the training's schedule, averages and counters. */
const KNOWN_REST =
    /^(?:model_ema|conditioner|cond_stage_model|first_stage_model|model\.diffusion_model|control_model|embedding_manager|safety_checker|optimizer|callbacks)\.|^(?:betas|(?:sqrt_)?(?:one_minus_|recip_|recipm1_)?alphas_cumprod(?:_prev)?|sqrt_(?:one_minus|recip|recipm1)_alphas_cumprod|log_one_minus_alphas_cumprod|posterior_\w+|lvlb_weights|logvar|scale_factor|(?:denoiser\.)?sigmas|(?:denoiser\.)?log_sigmas|model\.betas|v_pred|ztsnr|edm_\w+(?:\.\w+)?|__index_timesteps_zero__)$/;

/** What a file holds besides its model, and is not used: said, never left out silently. */
function unusedNotices(file: SafetensorsFile, source: string): string[] {
    const names = [...file.tensors.keys()];
    const rest = names.filter((name) => !KNOWN_REST.test(name));
    const notices: string[] = [];
    if (names.some((name) => name.startsWith(LDM.control)))
        notices.push(`"${source}" holds a ControlNet, too: declare it with \`controlnet … = "…"\` to use it.`);
    if (names.some((name) => name.startsWith('embedding_manager.')))
        notices.push(
            `"${source}" holds learned words, which are not used: declare them with \`embedding\` from a file of their own.`,
        );
    if (rest.length > 0) {
        const which = rest.slice(0, 3).map((name) => `"${name}"`);
        const more = rest.length > 3 ? ` and ${rest.length - 3} more` : '';
        notices.push(
            `"${source}" holds tensors that belong to no part of the model and are not used: ${which.join(', ')}${more}.`,
        );
    }
    return notices;
}

function missingPart(path: string, name: string, isAverage: boolean): string {
    if (name === 'U-Net' && isAverage)
        return `"${path}" holds the U-Net only as the average of its training (model_ema), which is not read. Use the full or the pruned checkpoint, whose names begin with "${LDM.unet}".`;
    if (name === 'U-Net')
        return `"${path}" is no Stable Diffusion model that is known here: no tensor begins with "${LDM.unet}". Stable Diffusion 1.x and 2.x models are supported.`;
    const instead = name === 'VAE' ? ' Name one beside it, `model … vae "./vae.safetensors"`, or use' : ' Use';
    return `"${path}" holds no ${name}.${instead} a full checkpoint.`;
}
