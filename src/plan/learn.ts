/** Learning as resolved data: what is learnt, from which pictures, in how many steps and at what rate. */
import type { FileRef, ModelRef, PicturePlan, PictureSource, Size, SweepPlan } from './plan.ts';
import type { Block } from './sites.ts';

/**
 * Textual inversion (https://arxiv.org/abs/2208.01618), a LoRA (https://arxiv.org/abs/2106.09685) or the weights
 * themselves, learnt from pictures; with pictures of the kind at large beside them, DreamBooth
 * (https://arxiv.org/abs/2208.12242). The result is a safetensors file. Equal plan and environment: equal file.
 */
export interface LearnPlan {
    readonly kind: 'learn';
    readonly model: ModelRef;
    readonly target: LearnTarget;
    readonly from: readonly LessonPictures[];
    /** Prior preservation: `batch` of these pictures beside every batch; their loss is multiplied by `weight`. */
    readonly beside?: Beside;
    /** Pixels. Pictures are scaled to cover it and cropped at the centre. */
    readonly size: Size;
    readonly steps: number;
    /** Pictures of `from` per step. */
    readonly batch: number;
    /** AdamW's learning rate, reached after `warmup` steps; `cosine` falls to 2 % of it at the last step. */
    readonly rate: number;
    readonly warmup: number;
    readonly fall: 'constant' | 'cosine';
    /** AdamW's weight decay (https://arxiv.org/abs/1711.05101). */
    readonly decay: number;
    /** Largest norm of all gradients together; 0 is off. */
    readonly clip: number;
    /** Half of the draws are mirrored. */
    readonly flip: boolean;
    readonly seed: number;
    /** What of the forward pass is kept for the way back: everything, what is dear to compute, or the modules' inputs. */
    readonly memory: 'keep' | 'balanced' | 'small';
    readonly trace?: LearnTrace;
}

export type LearnTarget =
    /** New vectors of the text encoder for `<word>`, which begin as the one token of `like`. */
    | { readonly kind: 'word'; readonly word: string; readonly like: string; readonly vectors: number }
    /** Low-rank changes of the U-Net's layers; the change is multiplied by alpha / rank. */
    | ({ readonly kind: 'lora'; readonly rank: number; readonly alpha: number } & TrainedLayers)
    /** The matrices and kernels themselves; the file holds the differences. */
    | ({ readonly kind: 'weights' } & TrainedLayers);

export interface TrainedLayers {
    readonly layers: LayerKind;
    /** Blocks in the network's order; absent: all. */
    readonly blocks?: readonly Block[];
}

/**
 * `attention`: to_q, to_k, to_v and to_out.0; `transformer`: all linear layers of transformer blocks; `all`: also
 * projections and convolutions.
 */
export type LayerKind = 'attention' | 'transformer' | 'all';

export type LessonPictures =
    | { readonly kind: 'pictures'; readonly pictures: readonly LessonPicture[] }
    /** All pictures of a generate or sweep of the spec, which are made first; captions by picture, in their order. */
    | {
          readonly kind: 'made';
          readonly name: string;
          readonly plan: PicturePlan | SweepPlan;
          readonly captions: readonly (readonly string[])[];
      };

/** A picture and the captions that it may be shown under; each draw takes one of them. */
export interface LessonPicture {
    readonly picture: PictureSource;
    readonly captions: readonly string[];
}

export interface Beside {
    readonly pictures: readonly LessonPictures[];
    readonly weight: number;
}

/** Pictures made with what is learnt after every so many steps; the plans name neither the word's file nor the LoRA. */
export interface LearnTrace {
    readonly every: number;
    readonly pictures: readonly PicturePlan[];
}

/** What a `learn` of the spec learns, which is made first, in place of a file that the spec names. */
export interface LearnResult {
    readonly kind: 'learn';
    readonly name: string;
    readonly plan: LearnPlan;
}

export function isLearnResult(file: FileRef | LearnResult): file is LearnResult {
    return 'plan' in file;
}
