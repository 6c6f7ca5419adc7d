/** The events of a run and what it hands over: the runtime's side of every progress bar and panel. */
import type { PictureSource } from '../plan/plan.ts';
import type { Rgb } from './pictures/picture.ts';

/** Sent as it happens; `cell` counts the pictures of the whole run from 0. */
export type RunEvent =
    /** Something that the user should know but need not act on, e.g. "No CUDA here (…): running on the CPU." */
    | { readonly kind: 'notice'; readonly text: string }
    /** A phase without steps: opening a model, encoding text or pictures, decoding, saving. */
    | { readonly kind: 'stage'; readonly stage: Stage; readonly detail?: string }
    | { readonly kind: 'step'; readonly cells: readonly number[]; readonly step: number; readonly steps: number }
    /**
     * A small picture of the state after a step: 8-bit RGB, `width` x `height`. A draft is a whole picture, made in so many
     * steps before the one that was asked for.
     */
    | {
          readonly kind: 'preview';
          readonly cell: number;
          readonly step: number;
          readonly picture: Rgb;
          readonly draft?: number;
      }
    /** A step of a learning, which may be one that a picture needs first. */
    | ({ readonly kind: 'learn'; readonly name: string } & LearnProgress)
    /** A finished tile of a mosaic is on disk; `of` is how many there will be, as far as is known. */
    | { readonly kind: 'tile'; readonly done: number; readonly of: number }
    /** Pictures of an earlier, unfinished attempt at this run, which are not made again. */
    | { readonly kind: 'kept'; readonly pictures: readonly KeptPicture[] }
    /** A finished picture is on disk under its final name. */
    | { readonly kind: 'picture'; readonly cell: number; readonly file: string; readonly seed: number };

export interface KeptPicture {
    readonly cell: number;
    readonly seed: number;
    /** Absolute. */
    readonly file: string;
}

/** After each step. A single loss shows which times were drawn more than anything else, hence the means. */
export interface LearnProgress {
    /** Steps that are done. */
    readonly step: number;
    readonly steps: number;
    /** Mean over the last 50 steps. */
    readonly loss: number;
    /** The same by quarter of the training times, from little noise to much; undefined where none was drawn. */
    readonly lossByQuarter: readonly (number | undefined)[];
    /** Norm of all gradients together, before clipping. */
    readonly gradientNorm: number;
    readonly millisecondsPerStep: number;
    readonly secondsLeft: number;
}

export type Stage =
    | 'wait'
    | 'open'
    | 'draft'
    | 'text'
    | 'encode'
    | 'features'
    | 'denoise'
    | 'decode'
    | 'enlarge'
    | 'save'
    | 'lay-out'
    | 'measure'
    | 'pyramid'
    | 'zoom';

/** What a run is doing, in words: the same on the command line and in the editor. */
export const STAGE_WORDS: Readonly<Record<Stage, string>> = {
    wait: 'waiting for another process that makes it',
    open: 'opening the model',
    draft: 'drafting',
    text: 'reading the prompt',
    encode: 'reading pictures',
    features: 'preparing features',
    denoise: 'denoising',
    decode: 'decoding',
    enlarge: 'enlarging',
    save: 'saving',
    'lay-out': 'laying tiles out',
    measure: 'measuring',
    pyramid: 'writing the deep zoom',
    zoom: 'writing the endless zoom',
};

/** One finished picture, still in memory. */
export interface MadePicture {
    /** Which of the plan's seeds. */
    readonly index: number;
    readonly seed: number;
    readonly picture: Rgb;
    /** What was painted inside of a frame, straightened, in the model's own resolution. */
    readonly inside?: Rgb;
    /** Final latents [4, h/8, w/8]. */
    readonly latents: Float32Array;
    readonly trace: readonly TraceFrame[];
    /** Hex sha256 of the 8-bit RGB bytes. */
    readonly pixelsSha256: string;
    /** Base64 sha256 of the latents as the steps begin and after each step. */
    readonly latentDigests: readonly string[];
    readonly seconds: number;
}

/** An intermediate picture: the noisy latents decoded, and the same state completed in one step. */
export interface TraceFrame {
    /** How many steps come before the state; 0 is what the run starts from. */
    readonly after: number;
    readonly noisy: Rgb;
    readonly completed?: Rgb;
    /** Finished from the same state in a few steps. */
    readonly finished?: Rgb;
    /** Attention heat maps by word, as overlays of the completed picture. */
    readonly attention?: Readonly<Record<string, Rgb>>;
    /** Where words change the prediction, by word, as overlays of the completed picture. */
    readonly gradient?: Readonly<Record<string, Rgb>>;
}

/** Reads a picture source; masks read transparency in a way of their own. */
export type ReadPicture = (source: PictureSource, as?: 'picture' | 'mask') => Promise<Rgb>;
