/** A run: one runnable as frozen, fully resolved data. The language makes it, the runtime carries it out. */
import type { MosaicPlan } from './mosaic/mosaic.ts';
import type { FileRef, LearnPlan, PicturePlan, SweepPlan } from './plan.ts';
import type { PrintPlan } from './prints/print.ts';
import type { MadeSource } from './sources.ts';

/**
 * A runnable, ready to be carried out. `name`, `expect` and `layout` say how a result is named, judged and shown; only
 * the `work` decides which pictures are made, so only the work has a digest (see `digest.ts`).
 */
export interface Run {
    readonly name: string;
    readonly work: Work;
    readonly expect: readonly Expectation[];
}

export type Work = PicturePlan | SweepPlan | MosaicPlan | PrintPlan | LearnPlan;

export type Expectation =
    /** A digest of the 8-bit pixels; promised within one environment only. */
    | { readonly kind: 'sha256'; readonly sha256: string }
    | { readonly kind: 'phash'; readonly phash: string; readonly within: number }
    | { readonly kind: 'ssim' | 'psnr'; readonly to: FileRef | MadeSource; readonly atLeast: number }
    | { readonly kind: 'time'; readonly atMostSeconds: number }
    /** Of a learning: the mean loss of its last 50 steps. */
    | { readonly kind: 'loss'; readonly atMost: number };
