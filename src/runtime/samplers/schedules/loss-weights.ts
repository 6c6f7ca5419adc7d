/** How much a row counts in the loss by its time: min-SNR weights. */

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
    const { alphasCumprod, prediction } = trainingOf(scheduler, { zeroSnr: 'exact' });
    const offset = prediction === 'v_prediction' ? 1 : 0;
    return (time) => {
        const signal = alphasCumprod[time]!;
        const snr = signal / (1 - signal);
        // The limit where no signal is left.
        return snr === 0 ? 1 - offset : Math.min(snr, MOST) / (snr + offset);
    };
}
