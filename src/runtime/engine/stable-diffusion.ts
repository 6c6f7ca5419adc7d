/** What an opened Stable Diffusion model can do: the contract between the engine and the recipe. */
import type { Precision } from '../../plan/plan.ts';
import type { Block, EditPoint } from '../../plan/sites.ts';
import type { Tap } from '../graph/taps.ts';
import type { RowConditioning } from '../row-conditioning.ts';
import type { Tensor } from '../tensor.ts';
import type { ClipTokenizer } from '../text/tokenizer.ts';
import type { Checkpoint } from '../weights/parts.ts';
import type { DeviceReport } from './devices.ts';

/** An opened model. Sessions are made when first needed, so opening reads headers and configurations only. */
export interface StableDiffusion {
    /** Configurations, sizes and the tensors' places on disk. */
    readonly checkpoint: Checkpoint;
    /** Where the work runs and why; grows while sessions are made, so read it after the run for the record. */
    readonly device: DeviceReport;
    readonly tokenizer: ClipTokenizer;

    /**
     * Text embeddings `[N, 77, D]` of N token sequences, each padded to 77 (`tokenizer.pad`).
     * `text/prompt.ts` makes them from weighted phrases; this is the bare encoder.
     */
    encodeText(sequences: readonly (readonly number[])[], options?: TextOptions): Promise<Tensor>;

    /** A U-Net compiled for the given taps, features and residuals; equal options share one session. */
    unet(options?: UnetOptions): Promise<Unet>;

    /**
     * The posterior over latents of pictures `[B, 3, H, W]` with values in [-1, 1]; H and W multiples of
     * `checkpoint.pixelsPerLatent`. `mean` and `logvar` are `[B, 4, H/8, W/8]`, *not* multiplied by
     * `checkpoint.latentScale`; logvar is clamped to [-30, 20].
     */
    encodeImage(pixels: Tensor): Promise<Posterior>;

    /**
     * Pixels `[B, 3, 8h, 8w]`, unclamped, of latents `[B, 4, h, w]` as the sampler holds them
     * (the division by `checkpoint.latentScale` happens here). Large pictures are decoded in blended tiles.
     */
    decode(latents: Tensor): Promise<Tensor>;

    /** Lets go of the sessions of one part, so that their memory can be used by another; made again when needed. */
    release(part: ModelPart): Promise<void>;

    /** Lets go of everything. The model can't be used afterwards. */
    close(): Promise<void>;
}

export type ModelPart = 'text' | 'unet' | 'vae';

export interface TextOptions {
    /** How many of the last layers are left out, as diffusers counts: 0 is the last layer. Default 0. */
    readonly clipSkip?: number;
    /** Learned embeddings `[E, D]`: token `vocabSize + e` of a sequence stands for row e. */
    readonly learned?: Tensor;
}

export interface UnetOptions {
    /** Edit points where rows are mixed; compiled only where asked. */
    readonly taps?: readonly Tap[];
    /** Edit points whose value, before any edit, is handed out. */
    readonly features?: readonly EditPoint[];
    /** `features` stops the network at the last feature: no prediction (an empty tensor), no work beyond it. */
    readonly stopAt?: 'prediction' | 'features';
    /** Takes ControlNet residuals: 12 for the skips, 1 for the middle block. */
    readonly controlResiduals?: boolean;
    /** Hands out cross-attention probabilities, averaged over heads. Slower: never for plain runs. */
    readonly attentionMaps?: boolean;
    /** Hands out the feature that enters a block of the way up, for a U-Net that resumes there. */
    readonly keepAt?: Block;
    /** Runs from a block of the way up on, with the feature that enters it, and of the way down what these blocks read. */
    readonly resumeAt?: Block;
    /** Hands out what each cross-attention adds, or takes it instead of the text. */
    readonly text?: 'handed-out' | 'given';
    /** As in the plan. */
    readonly precision?: Precision;
    /** Calls planned with this U-Net; the model's own figure unless set. */
    readonly expectedCalls?: number;
}

export interface Unet {
    readonly options: UnetOptions;
    run(inputs: UnetInputs): Promise<UnetOutputs>;
}

/** R rows go through the U-Net in one batch. */
export interface UnetInputs extends RowConditioning {
    /** `[R, C, h, w]`; C is 4, or 9 for inpainting models (latent, mask, masked picture). */
    readonly sample: Tensor;
    /** One timestep for all rows, or one per row; fractions are allowed. */
    readonly timestep: number | readonly number[];
    /** Text embeddings `[R, S, D]`, S any multiple of 77. */
    readonly context: Tensor;
    /**
     * `[taps, R, R + N]` in the order of the taps: row r becomes `sum over c of M[r, c] * row c`, where the columns from
     * R on are the remembered rows (N is 0 where no tap has any; a tap without them ignores those columns).
     */
    readonly mix?: Tensor;
    /** For every tap with `remembered`, in their order: features `[N, c, h', w']` that an earlier pass handed out. */
    readonly remembered?: readonly Tensor[];
    readonly control?: ControlResiduals;
    /** `[R, c, h', w']`, with `resumeAt`: what a U-Net with `keepAt` handed out for each row. */
    readonly deep?: Tensor;
    /** With `text: 'given'`: what a U-Net with `text: 'handed-out'` handed out for each row. */
    readonly text?: TextTensors;
}

/** What cross-attention adds, `[R, h' * w', c]`, by the name of the transformer's block. */
export type TextTensors = ReadonlyMap<string, Tensor>;

/** What a ControlNet adds: `down[k]` `[R, c, h', w']` to skip k, `mid` to the middle block's output. */
export interface ControlResiduals {
    readonly down: readonly Tensor[];
    readonly mid: Tensor;
}

export interface UnetOutputs {
    /** `[R, 4, h, w]`: the predicted noise, or velocity for v-prediction models. */
    readonly prediction: Tensor;
    /** The values asked for by `features`, before edits: `[R, c, h', w']`. */
    readonly features: ReadonlyMap<EditPoint, Tensor>;
    /** The feature that `keepAt` asks for. */
    readonly deep?: Tensor;
    /** What `text: 'handed-out'` asks for. */
    readonly text?: TextTensors;
    /** One per cross-attention layer, in order of execution; empty unless asked for. */
    readonly attention: readonly AttentionMap[];
}

/** Cross-attention probabilities `[R, h' * w', S]` of one layer, averaged over its heads. */
export interface AttentionMap {
    /** The layer's module path, such as `down_blocks.0.attentions.1`. */
    readonly layer: string;
    readonly probabilities: Tensor;
}

/** A diagonal Gaussian over latents. */
export interface Posterior {
    readonly mean: Tensor;
    readonly logvar: Tensor;
}
