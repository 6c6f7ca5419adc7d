/** Plans of pictures, sweeps and learning as frozen, fully resolved data: every default is written, every name resolved. */
import type { Curve, Window } from './curve.ts';
import type { LearnTarget } from './learn.ts';
import type { DeepCache } from './passes/deep-cache.ts';
import type { TextCache } from './passes/text-cache.ts';
import type { Conditioning, Prompt } from './phrases.ts';
import type { Corners } from './prints/corners.ts';
import type { SamplerChoice } from './samplers.ts';
import type { BlockWeight, SiteWeight } from './sites.ts';

// ── Files ──────────────────────────────────────────────────────────────

/** A file named by the spec. `path` is absolute or relative to the spec's folder, always with forward slashes. */
export interface FileRef {
    readonly path: string;
    /** Pinned digest, 64 hex digits. A file with another digest is refused. */
    readonly sha256?: string;
}

export type ModelRef =
    | { readonly kind: 'builtin'; readonly name: string }
    | ({ readonly kind: 'file' } & FileRef & ModelChoices)
    | ({ readonly kind: 'hub'; readonly repository: string; readonly revision: string } & ModelChoices);

/** What a spec says of a model beyond its files; absent: as the files say. */
export interface ModelChoices {
    /** What the U-Net predicts: the noise, or the velocity (Salimans & Ho 2022, arXiv 2202.00512). */
    readonly predicts?: 'epsilon' | 'v';
    /** The noise schedule ends in pure noise (Lin et al. 2023, arXiv 2305.08891). */
    readonly zeroSnr?: true;
    /** A VAE that is used instead of the model's own. */
    readonly vae?: FileRef;
}

/** Where the pixels of one picture come from. */
export type PictureSource =
    | ({ readonly kind: 'file' } & FileRef)
    /** Canny edges of a picture; thresholds in 8-bit gradient units. */
    | { readonly kind: 'edges'; readonly of: PictureSource; readonly low: number; readonly high: number }
    /**
     * A picture that the spec itself makes: its plan's only seed; with `each` one for each seed of the plan that uses it,
     * whose seeds its own plan has.
     */
    | { readonly kind: 'made'; readonly name: string; readonly plan: PicturePlan; readonly each?: true }
    /** What a made picture painted inside of a frame (`mask corners …`), straightened. */
    | { readonly kind: 'inside'; readonly of: PictureSource };

/** A picture and its share in a mean or mixture. Shares are relative; the runtime divides by their sum. */
export interface WeightedPicture {
    readonly picture: PictureSource;
    readonly weight: number;
}

// ── One picture ────────────────────────────────────────────────────────

/** Text to image and everything that combines with it. `seeds` has one entry per picture. */
export interface PicturePlan {
    readonly kind: 'picture';
    readonly model: ModelRef;
    readonly conditioning: Conditioning;
    readonly negative: Prompt;
    /** Pixels; multiples of the model's latent factor (8). */
    readonly size: Size;
    /** Larger pictures than the model was made for are predicted in windows that overlap. */
    readonly windows?: Windows;
    /** Sampling steps before `start.strength` shortens them. */
    readonly steps: number;
    readonly sampler: SamplerChoice;
    readonly guidance: Guidance;
    readonly seeds: readonly number[];
    readonly noise: NoiseSource;
    /** Text encoder layers left out at the end: 0 uses the model's own last layer. */
    readonly clipSkip: number;
    /** What becomes of prompts longer than the text encoder reads: cut them, or encode them in chunks. */
    readonly longPrompts: 'truncate' | 'chunk';
    /** Learned tokens (textual inversion) that the prompts name as `<token>`. */
    readonly embeddings: readonly LearnedToken[];
    readonly start?: Start;
    readonly mask?: Mask;
    readonly outpaint?: Outpaint;
    readonly infusions: readonly Infusion[];
    /** Factors on the U-Net's own features at a site (ablation, amplification); 1 changes nothing. */
    readonly scales: readonly SiteWeight[];
    readonly controls: readonly Control[];
    readonly adapters: readonly Adapter[];
    /** Features of the U-Net's lower blocks that are kept over steps. Absent: all of it runs at every step. */
    readonly deepCache?: DeepCache;
    /** What the text adds in cross-attention is kept during these steps. Absent: it is computed at every step. */
    readonly textCache?: TextCache;
    /** Absent: 32 bits, and 16 where the files have 16 and a device keeps sums in 32. */
    readonly precision?: Precision;
    readonly trace?: Trace;
}

/**
 * `int8`: the U-Net's linear layers in whole numbers of 8 bits, with a scale for each channel of the weights and each token of the
 * values. `fp16`: U-Net and ControlNets in 16 bits on devices that have them. `fp32`: 32 bits everywhere.
 */
export type Precision = 'int8' | 'fp16' | 'fp32';

export interface Size {
    readonly width: number;
    readonly height: number;
}

/** Pixels, multiples of the model's latent factor: the side of a window, and how far neighbours overlap. */
export interface Windows {
    readonly side: number;
    readonly overlap: number;
}

export interface Guidance {
    /**
     * Classifier-free guidance scale g (Ho & Salimans 2022): u + g (c − u) for every g. 0 is the unconditional prediction,
     * 1 the prompt alone, without the negative prompt.
     */
    readonly scale: Curve;
    /** Guidance rescale phi (Lin et al. 2023, arXiv 2305.08891); 0 is off. */
    readonly rescale: number;
    /** Outside of it the scale is 1. Absent: all steps. */
    readonly window?: Window;
}

/** Which reference generator the unit noise follows bit for bit. */
export type NoiseSource = { readonly kind: 'torch-cpu' | 'philox' | 'numpy' } | ({ readonly kind: 'file' } & FileRef);

export interface LearnedToken {
    /** The name between angle brackets. */
    readonly token: string;
    readonly file: FileRef | LearnResult;
}

export type StartFit = 'cover' | 'contain' | 'stretch';

/** Image to image: encoded pictures, mixed, noised to the level of `strength`, then denoised. */
export interface Start {
    readonly pictures: readonly WeightedPicture[];
    /** How several pictures are mixed: weighted sum, or spherical interpolation (two pictures). */
    readonly mixing: 'linear' | 'spherical';
    /**
     * The latents of a picture: its posterior's mean; a draw from it by a stream of its own; or a draw by the picture's
     * stream before its noise, in diffusers' order, which gives the picture other noise than without a start.
     */
    readonly latent: 'mean' | 'sampled' | 'diffusers';
    /** How a picture of another shape is laid on the canvas. Absent in plans of earlier versions, which stretched it. */
    readonly fit?: StartFit;
    /** 0…1: the share of the steps that is run. */
    readonly strength: number;
    /** Low frequencies of the start picture that are held while the rest is painted; a mosaic's tiles have them. */
    readonly hold?: HeldColours;
}

/** Means over so many cells of the picture, held by `amount` 0…1 at every step. */
export interface HeldColours {
    readonly cells: Size;
    readonly amount: number;
}

/** Inpainting: what is repainted. */
export type Mask = PictureMask | FrameMask;

/** White is repainted. */
export interface PictureMask {
    /** Absent in plans of earlier versions. */
    readonly kind?: 'picture';
    readonly picture: PictureSource;
    /** Repaint where the mask is black instead. */
    readonly outside: boolean;
    /** Gaussian feather of the border, in pixels. */
    readonly feather: number;
    /** Only the surroundings of the white are cut out and repainted at the plan's size; the rest keeps its own. */
    readonly only?: { readonly margin?: number };
}

/** A frame, perhaps seen at an angle: cut out with its surroundings, straightened, repainted at the plan's size, put back. */
export interface FrameMask {
    readonly kind: 'corners';
    readonly corners: Corners;
    /** Pixels around the frame that the model sees; absent: a sixth of the frame's longer side. */
    readonly margin?: number;
    readonly feather: number;
}

/** Pixels added on each side and painted; multiples of 8. */
export interface Outpaint {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
}

/**
 * Infusion: bias pictures go through the same U-Net; their features, scaled by site weight x clause weight x decay^step,
 * are added to the features of the picture being made.
 */
export interface Infusion {
    readonly pictures: readonly WeightedPicture[];
    readonly sites: readonly SiteWeight[];
    readonly weight: Curve;
    /** Multiplies the weight once more at every step, from the second on; 1 is none. */
    readonly decay: number;
    readonly window: Window;
    /** The bias latent: clean, or noised to the level of each step with one fixed draw per picture. */
    readonly latent: 'clean' | 'matched';
    /** The text that the bias rows are conditioned on. */
    readonly text: InfusionText;
    /** Which rows receive the features: unconditional and conditional, or conditional only. */
    readonly rows: 'both' | 'cond';
    /** match-std gives the bias features the standard deviation of the features they are added to. */
    readonly normalise: 'none' | 'match-std';
}

export type InfusionText =
    /** The conditional text, for every row that receives features. */
    | { readonly kind: 'prompt' }
    /** Each receiving row's own text: the negative prompt for the unconditional row. */
    | { readonly kind: 'rows' }
    | { readonly kind: 'empty' }
    | { readonly kind: 'caption'; readonly caption: Prompt };

export interface Control {
    readonly net: FileRef | LearnResult;
    readonly picture: PictureSource;
    readonly weight: Curve;
    readonly window: Window;
    /** Weights of the residuals where they are added: skips and `mid`. Absent: all of them as they are. */
    readonly sites?: readonly SiteWeight[];
    /** Guess mode: only the conditional rows are steered, and the finer a residual the less. */
    readonly guess?: boolean;
}

export interface Adapter {
    readonly file: FileRef | LearnResult;
    readonly weight: number;
    /** Factors of `weight` in these blocks of the U-Net, and 0 in all others. Absent: 1 everywhere. */
    readonly blocks?: readonly BlockWeight[];
}

/** Intermediate pictures: the states between steps, each shown as it is and, where asked for, completed. */
export interface Trace {
    /** How many of the steps that are run come before each state: 0 is what the run starts from, rising. */
    readonly after: readonly number[];
    /** Also complete each state in one step: decode the clean latents that the model predicts from it. */
    readonly completed: boolean;
    /** Also finish each state in this many steps of DDIM that begin at its own noise level; 0 is off. */
    readonly finish: number;
    /** Cross-attention heat maps for these words (DAAM, Tang et al. 2022). */
    readonly attention: readonly string[];
    /** Heat maps of where these words change the prediction, by gradients at the decoder's blocks. */
    readonly gradient?: readonly string[];
}

// ── Made of pictures ───────────────────────────────────────────────────

/** Several plans in a stable order, shown as one labelled contact sheet. */
export interface SweepPlan {
    readonly kind: 'sweep';
    readonly axes: readonly AxisLabels[];
    readonly cells: readonly SweepCell[];
    /** The axis laid out along the columns; the others run down the rows. */
    readonly columns?: string;
    /** The axis value that all others are compared with: a scan's plain picture. */
    readonly baseline?: { readonly axis: string; readonly value: string };
    /** Also write the cells as frames of an animated picture. */
    readonly animate: boolean;
}

export interface AxisLabels {
    readonly name: string;
    readonly values: readonly string[];
}

export interface SweepCell {
    /** Value label by axis name, in the order of the axes. */
    readonly labels: Readonly<Record<string, string>>;
    readonly plan: PicturePlan;
}

// ── Learnt from pictures ───────────────────────────────────────────────
// In this file because a picture may name what a learning makes, and a learning may take pictures that the spec makes.

/**
 * Textual inversion (https://arxiv.org/abs/2208.01618), a LoRA (https://arxiv.org/abs/2106.09685), the weights
 * themselves or a ControlNet (https://arxiv.org/abs/2302.05543), learnt from pictures; with pictures of the kind at large beside them, DreamBooth
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

export type LessonPictures = { readonly kind: 'pictures'; readonly pictures: readonly LessonPicture[] } | MadeLessons;

/** All pictures of a generate or sweep of the spec, which are made first; captions by picture, in their order. */
export interface MadeLessons {
    readonly kind: 'made';
    readonly name: string;
    readonly plan: PicturePlan | SweepPlan;
    readonly captions: readonly (readonly string[])[];
}

/** A picture and the captions that it may be shown under; each draw takes one of them. */
export interface LessonPicture {
    readonly picture: PictureSource;
    readonly captions: readonly string[];
}

export interface Beside {
    readonly pictures: readonly LessonPictures[];
    readonly weight: number;
}

/** Pictures made with what is learnt after every so many steps; the plans do not name what is learnt. */
export interface LearnTrace {
    readonly every: number;
    readonly pictures: readonly PicturePlan[];
    /** What a ControlNet that is learnt makes them follow. */
    readonly by?: PictureSource;
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
