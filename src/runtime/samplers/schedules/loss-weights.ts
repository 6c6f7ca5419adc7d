/** How much a row counts in the loss by its time. */

import type { Checkpoint } from '../../weights/parts.ts';
import { trainingOf } from './training.ts';

/** Signal to noise above which a row counts less. */
const MOST = 5;

/**
 * The weight of a time in the loss: min(snr, 5) / snr where the model predicts noise, min(snr, 5) / (snr + 1) where it predicts
 * the velocity (Hang et al. 2023, https://arxiv.org/abs/2303.09556). Times with little noise, where only the finest details are
 * left to predict, would decide the gradients otherwise.
 */
export function lossWeights({ scheduler }: Pick<Checkpoint, 'scheduler'>): (time: number) => number {
    const { snrAt, offset } = signalsOf(scheduler);
    return (time) => {
        const snr = snrAt(time);
        // The limit where no signal is left.
        return snr === 0 ? 1 - offset : Math.min(snr, MOST) / (snr + offset);
    };
}

/** The most that a row counts by `layoutWeights`. */
const MOST_BY_LAYOUT = 20;

/**
 * Weights that make the error that of the picture, not of the noise: 1 / snr, at most 20, and times snr / (snr + 1) where the
 * model predicts the velocity. Rows with much noise, while the layout is decided, count most.
 */
export function layoutWeights({ scheduler }: Pick<Checkpoint, 'scheduler'>): (time: number) => number {
    const { snrAt, offset } = signalsOf(scheduler);
    return (time) => {
        const snr = snrAt(time);
        if (snr === 0) return offset === 1 ? 0 : MOST_BY_LAYOUT;
        return (Math.min(MOST_BY_LAYOUT, 1 / snr) * snr) / (snr + offset);
    };
}

/** Signal to noise of each time, and 1 for models that predict the velocity, else 0. */
function signalsOf(scheduler: Checkpoint['scheduler']) {
    const { alphasCumprod, prediction } = trainingOf(scheduler, { zeroSnr: 'exact' });
    const snrAt = (time: number) => alphasCumprod[time]! / (1 - alphasCumprod[time]!);
    return { snrAt, offset: prediction === 'v_prediction' ? 1 : 0 };
}
