/** The clean latents that a model's prediction amounts to, and the noise, as weights of latents and prediction. */
import type { PredictionType } from './sampler.ts';

/** A pair (of latents, of prediction). */
export type DenoisedWeights = readonly [latents: number, prediction: number];

/**
 * x0 from x = alpha x0 + sigma noise: (x − sigma e) / alpha from noise, alpha x − sigma v from velocity (Salimans and Ho
 * 2022, arXiv 2202.00512).
 */
export function originalWeights(type: PredictionType, alpha: number, sigma: number): DenoisedWeights {
    switch (type) {
        case 'epsilon':
            return [1 / alpha, -sigma / alpha];
        case 'v_prediction':
            return [alpha, -sigma];
        case 'sample':
            return [0, 1];
    }
}

/** The noise in x = alpha x0 + sigma noise. */
export function noiseWeights(type: PredictionType, alpha: number, sigma: number): DenoisedWeights {
    switch (type) {
        case 'epsilon':
            return [0, 1];
        case 'v_prediction':
            return [sigma, alpha];
        case 'sample':
            return [1 / sigma, -alpha / sigma];
    }
}

/** x0 from unscaled latents x = x0 + sigma noise, as the k-diffusion family keeps them. */
export function denoisedWeights(type: PredictionType, sigma: number): DenoisedWeights {
    const square = sigma * sigma + 1;
    switch (type) {
        case 'epsilon':
            return [1, -sigma];
        case 'v_prediction':
            return [1 / square, -sigma / Math.sqrt(square)];
        case 'sample':
            return [0, 1];
    }
}
