/** The parts of a checkpoint: weights, configurations, tokenizer files. */
import type { PredictionType, TextConfig, UnetConfig, VaeConfig } from './config.ts';
import type { RawConfig } from './config-fields.ts';
import type { TensorLocation } from './safetensors.ts';
import type { WeightChange } from './weight-change.ts';

/** One part of a model: its configuration, and its tensors under the names that diffusers gives them. */
export interface ConfiguredPart<Config> {
    readonly config: Config;
    readonly weights: PartTensors;
}

/** Tensors of a part by name; text encoders without the prefix `text_model.`. */
export interface PartTensors {
    /** What to call the weights' file or folder in a message. */
    readonly source: string;
    readonly tensors: ReadonlyMap<string, TensorLocation>;
    /** What adapters change, by the tensor's name. */
    readonly changes?: ReadonlyMap<string, readonly WeightChange[]>;
    /** Asked before `tensors`, with the shape that is needed: for weights that are still to be made. */
    readonly find?: (name: string, shape: readonly number[]) => TensorLocation | undefined;
    /** The name that the file gives a tensor, for messages; absent where it is the same. */
    readonly nameInFile?: (name: string) => string;
}

/** Files of a tokenizer: `tokenizer.json`, or `vocab.json` and `merges.txt`, or CLIP's `merges.txt` alone. */
export interface TokenizerFiles {
    readonly folder: string;
    readonly tokenizer?: string;
    readonly vocab?: string;
    readonly merges?: string;
    readonly config?: string;
    readonly specialTokens?: string;
    /** The padding token, where it is not what the files say. */
    readonly pad?: string;
}

export interface Checkpoint {
    /** The path as given. */
    readonly path: string;
    readonly form: 'diffusers' | 'single-file';
    readonly unet: ConfiguredPart<UnetConfig>;
    readonly vae: ConfiguredPart<VaeConfig>;
    readonly textEncoder: ConfiguredPart<TextConfig>;
    readonly tokenizer: TokenizerFiles;
    /** The scheduler configuration as the model states it (diffusers' names). */
    readonly scheduler: RawConfig;
    readonly predictionType: PredictionType;
    /** True for 9-channel models: latent, mask, and the masked picture's latent. */
    readonly isInpainting: boolean;
    /** Latents are VAE latents times this: 0.18215 for SD1 and SD2. */
    readonly latentScale: number;
    /** Pixels per latent side, 8. */
    readonly pixelsPerLatent: number;
    /** The picture side in pixels that the model was trained at: 512, 768. */
    readonly nativeSize: number;
    /** Things the user should know, such as a guessed prediction type. */
    readonly notices: readonly string[];
    /** Bytes of the U-Net's weights. */
    readonly unetBytes: number;
    /** SHA-256 of every weights file, by path relative to the model; read when first asked for. */
    digests(): Promise<Readonly<Record<string, string>>>;
}

/**
 * Hyper-parameters and files that a single file can't carry, by diffusers' names.
 * Published single files need none: their family fixes the values.
 */
export interface Overrides {
    readonly unet?: RawConfig;
    readonly vae?: RawConfig;
    readonly text_encoder?: RawConfig;
    readonly scheduler?: RawConfig;
    /** A folder with `tokenizer.json`, or with `vocab.json` and `merges.txt`. */
    readonly tokenizer?: string;
    /** What the spec says of the model; it counts before what its files say. */
    readonly choices?: CheckpointChoices;
}

export interface CheckpointChoices {
    readonly predicts?: 'epsilon' | 'v';
    readonly zeroSnr?: true;
    /** Absolute path of a VAE that is used instead of the model's own. */
    readonly vae?: string;
}

/** What the readers of each form hand over. */
export type CheckpointParts = Pick<
    Checkpoint,
    'form' | 'unet' | 'vae' | 'textEncoder' | 'tokenizer' | 'scheduler' | 'notices'
>;

/** Bytes on disk of a part's tensors. */
export function bytesOf(weights: PartTensors): number {
    let bytes = 0;
    for (const { length } of weights.tensors.values()) bytes += length;
    return bytes;
}
