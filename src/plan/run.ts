/** A run: one runnable as frozen, fully resolved data. The language makes it, the runtime carries it out. */
import type { MosaicPlan } from './mosaic/mosaic.ts';
import type { FileRef, LearnPlan, PicturePlan, PictureSource, SweepPlan } from './plan.ts';
import type { PrintPlan } from './prints/print.ts';
import type { MadeSource } from './sources.ts';

/** Where runs are kept beside a spec; globs and links use `/`. */
export const RUNS_FOLDER = '.sdspec/runs';

/**
 * A runnable, ready to be carried out. `name`, `expect` and `layout` say how a result is named, judged and shown; only
 * the `work` decides which pictures are made, so only the work has a digest (see `digest.ts`).
 */
export interface Run {
    readonly name: string;
    readonly work: Work;
    readonly expect: readonly Expectation[];
    /** What is measured of the pictures of a sweep. */
    readonly measure?: Measuring;
}

export interface Measuring {
    readonly measures: readonly Measure[];
    /** The axis over which means are taken. */
    readonly mean?: string;
}

/**
 * A number for every picture of a sweep. A picture to compare with that the spec makes is made with the seed of the cell;
 * where none is named, it is the plain picture of the cell's row in a scan.
 */
export type Measure = { readonly name: string } & (
    | { readonly kind: 'ssim' | 'psnr' | 'phash'; readonly to: PictureSource }
    /** Root mean square of the differences of latents. */
    | { readonly kind: 'moved'; readonly from?: PictureSource }
    /** The share of the way from one picture to another, in latents. */
    | { readonly kind: 'towards'; readonly to: PictureSource; readonly from?: PictureSource }
    /** The probability of a subject, by the classifier of the built-in world. */
    | { readonly kind: 'subject'; readonly label: string }
);

export type Work = PicturePlan | SweepPlan | MosaicPlan | PrintPlan | LearnPlan;

export type Expectation =
    /** A digest of the 8-bit pixels; promised within one environment only. */
    | { readonly kind: 'sha256'; readonly sha256: string }
    | { readonly kind: 'phash'; readonly phash: string; readonly within: number; readonly each?: true }
    | {
          readonly kind: 'ssim' | 'psnr';
          readonly to: FileRef | MadeSource;
          readonly atLeast: number;
          readonly each?: true;
      }
    | { readonly kind: 'time'; readonly atMostSeconds: number }
    /** Of a learning: the mean loss of its last 50 steps. */
    | { readonly kind: 'loss'; readonly atMost: number }
    /** Of every picture of a sweep: a measure by its name. */
    | {
          readonly kind: 'measure';
          readonly measure: string;
          readonly atLeast?: number;
          readonly atMost?: number;
          readonly each: true;
      };
