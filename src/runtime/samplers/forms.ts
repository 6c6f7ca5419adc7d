/** The two forms of noisy latents that samplers keep, and what follows from the form alone. */
import { mixture } from '../mixture.ts';
import { denoisedWeights, originalWeights } from './original.ts';
import type { PredictionType, Sampler } from './sampler.ts';

type Form = Pick<Sampler, 'scaleModelInput' | 'addNoise' | 'predictOriginal'>;

/** Alpha and sigma of x = alpha x0 + sigma noise. */
export interface AlphaSigma {
    readonly alpha: number;
    readonly sigma: number;
}

/** x = alpha x0 + sigma noise with alpha² + sigma² = 1: the model sees the latents as they are. */
export function preservingForm(prediction: PredictionType, levelOfCall: readonly AlphaSigma[]): Form {
    return {
        scaleModelInput: (latents) => latents.slice(),
        addNoise(clean, noise, call) {
            const { alpha, sigma } = levelOfCall[call]!;
            return mixture([alpha, clean], [sigma, noise]);
        },
        predictOriginal(model, call, latents) {
            const { alpha, sigma } = levelOfCall[call]!;
            const [ofLatents, ofModel] = originalWeights(prediction, alpha, sigma);
            return mixture([ofLatents, latents], [ofModel, model]);
        },
    };
}

/**
 * x = x0 + sigma noise (k-diffusion): the model sees x / sqrt(sigma² + 1). `seen` is the sigma of the latents at each
 * call, `noised` the one that `addNoise` reaches; they differ where a second-order sampler calls between two steps.
 */
export function crowsonForm(prediction: PredictionType, seen: readonly number[], noised = seen): Form {
    return {
        scaleModelInput(latents, call) {
            const sigma = seen[call]!;
            return mixture([1 / Math.sqrt(sigma * sigma + 1), latents]);
        },
        addNoise: (clean, noise, call) => mixture([1, clean], [noised[call]!, noise]),
        predictOriginal(model, call, latents) {
            const [ofLatents, ofModel] = denoisedWeights(prediction, seen[call]!);
            return mixture([ofLatents, latents], [ofModel, model]);
        },
    };
}
