/** What a learning changes or adds: a word, which of the U-Net's layers and how, or a ControlNet; the curve of its loss. */
import type { Block } from './sites.ts';

export type LearnTarget =
    /** New vectors of the text encoder for `<word>`, which begin as the one token of `like`. */
    | { readonly kind: 'word'; readonly word: string; readonly like: string; readonly vectors: number }
    /** Low-rank changes of the U-Net's layers; the change is multiplied by alpha / rank. */
    | ({ readonly kind: 'lora'; readonly rank: number; readonly alpha: number } & TrainedLayers)
    /** The matrices and kernels themselves; the file holds the differences. */
    | ({ readonly kind: 'weights' } & TrainedLayers)
    /** A network beside the U-Net that reads a hint picture: the edges of the picture that is learnt from. */
    | { readonly kind: 'controlnet'; readonly hint: EdgeThresholds };

/** Canny's thresholds, in 8-bit units. */
export interface EdgeThresholds {
    readonly low: number;
    readonly high: number;
}

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

/** A point of a learning's curve. */
export interface CurvePoint {
    /** Steps that were done by then. */
    readonly step: number;
    /** Mean of the ten steps before. */
    readonly loss: number;
}

/** Lines of `step,loss,…` below a head, as `curve.csv` has them; lines that are no numbers are left out. */
export function parseCurve(text: string): readonly CurvePoint[] {
    return text
        .split('\n')
        .slice(1)
        .map((line) => line.split(','))
        .map(([step, loss]) => ({ step: Number(step || Number.NaN), loss: Number(loss || Number.NaN) }))
        .filter(({ step, loss }) => Number.isFinite(step) && Number.isFinite(loss));
}
