/** Models as diffusers stores them: a folder with one sub-folder for each part. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readPredictionType, readTextConfig, readUnetConfig, readVaeConfig, type TextConfig } from './config.ts';
import type { RawConfig } from './config-fields.ts';
import { ModelError } from './model-error.ts';
import type { CheckpointParts, Overrides, TokenizerFiles } from './parts.ts';
import { chosen } from './prediction.ts';
import { CLIP_SIZE, clipVocabulary } from './single-file/clip-vocabulary.ts';
import { findTokenizer } from './tokenizer-files.ts';
import { readVae } from './vae-file.ts';
import { modernVaeName, readJson, readWeights, renamed } from './weight-files.ts';

/** Pipelines that use Stable Diffusion's U-Net, VAE and text encoder as they are. */
const PIPELINES =
    /^(StableDiffusion(Img2Img|Inpaint|InpaintLegacy|ControlNet(Img2Img|Inpaint)?|PAG|SAG|LongPrompt|Panorama|AttendAndExcite|DiffEdit|ModelEditing)?|LatentConsistencyModel(Img2Img)?|CycleDiffusion)Pipeline$/;

/** Pipelines of other families by their names' beginning: what the model is. */
const OTHER_PIPELINES: readonly (readonly [RegExp, string])[] = [
    [/^StableDiffusionXL|^SDXL/, 'an SDXL model'],
    [/^StableDiffusion3/, 'a Stable Diffusion 3 model'],
    [/^Flux/, 'a Flux model'],
    [/^(StableCascade|Wuerstchen)/, 'a Stable Cascade model'],
    [/^StableDiffusionInstructPix2Pix/, 'an InstructPix2Pix model, which edits a picture by instructions'],
    [/^StableDiffusionDepth2Img/, 'a depth-to-image model'],
    [/^StableUnCLIP/, 'a Stable unCLIP model'],
    [/^StableDiffusion(Latent)?Upscale/, 'an upscaling model'],
    [/^StableVideoDiffusion/, 'a Stable Video Diffusion model'],
    [/^AltDiffusion/, 'an AltDiffusion model'],
    [/^IF/, 'a DeepFloyd IF model'],
    [/^Kandinsky/, 'a Kandinsky model'],
    [/^Kolors/, 'a Kolors model'],
    [/^PixArt/, 'a PixArt model'],
];

export function readDiffusersFolder(folder: string, overrides: Overrides): CheckpointParts {
    checkPipeline(folder);
    const config = (part: string, given: RawConfig | undefined) => {
        const file = join(folder, part, 'config.json');
        return {
            raw: { ...readJson(file, `the ${part.replace('_', ' ')}'s configuration`), ...given },
            where: `${part}/config.json`,
        };
    };
    const unet = config('unet', overrides.unet);
    const vae = () => config('vae', overrides.vae);
    const text = config('text_encoder', overrides.text_encoder);
    const schedulerFile = join(folder, 'scheduler', 'scheduler_config.json');
    const own = { ...readJson(schedulerFile, "the scheduler's configuration"), ...overrides.scheduler };
    const scheduler = chosen(own, overrides.choices ?? {});
    readPredictionType(scheduler, 'scheduler/scheduler_config.json');
    const textConfig = readTextConfig(text.raw, text.where);
    return {
        form: 'diffusers',
        unet: { config: readUnetConfig(unet.raw, unet.where), weights: readWeights(folder, 'unet') },
        vae: overrides.choices?.vae
            ? readVae(overrides.choices.vae)
            : {
                  config: readVaeConfig(vae().raw, vae().where),
                  weights: renamed(readWeights(folder, 'vae'), modernVaeName),
              },
        textEncoder: {
            config: textConfig,
            weights: renamed(readWeights(folder, 'text_encoder'), (name) => name.replace(/^text_model\./, '')),
        },
        tokenizer: tokenizerOf(overrides.tokenizer ?? join(folder, 'tokenizer'), textConfig),
        scheduler,
        notices: [],
    };
}

/** Throws `ModelError` where a folder's list of parts is missing, or names another kind of model. */
export function checkPipeline(folder: string): void {
    const file = join(folder, 'model_index.json');
    if (!existsSync(file)) {
        throw new ModelError(
            'model/missing-part',
            `"${folder}" is no diffusers model: it has no model_index.json. Name the folder that holds unet/, vae/ and text_encoder/, or a .safetensors file.`,
        );
    }
    const name = String(readJson(file, 'the list of parts')._class_name);
    if (PIPELINES.test(name)) return;
    const kind = OTHER_PIPELINES.find(([pattern]) => pattern.test(name))?.[1] ?? `a ${name}`;
    throw new ModelError(
        'model/unsupported',
        `"${folder}" is ${kind}; Stable Diffusion 1.x and 2.x models are supported.`,
    );
}

/**
 * The tokenizer of the folder; where it holds none, CLIP's, if the model reads as many tokens. Where its files do not name
 * a padding token it is the family's: SD2 pads with `!`, SD1 with the end.
 */
function tokenizerOf(folder: string, { vocabSize, activation }: TextConfig): TokenizerFiles {
    const family = activation === 'gelu' ? { pad: '!' } : {};
    const files = findTokenizer(folder);
    if (files) return files.config || files.specialTokens || files.tokenizer ? files : { ...files, ...family };
    if (vocabSize === CLIP_SIZE) return { ...clipVocabulary(), ...family };
    throw new ModelError(
        'model/missing-part',
        `"${folder}" holds no tokenizer: tokenizer.json, or vocab.json and merges.txt, are needed.`,
    );
}
