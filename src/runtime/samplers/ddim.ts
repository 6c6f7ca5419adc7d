/** DDIM: denoising diffusion implicit models (Song et al. 2021, arXiv 2010.02502). */

import { clipped, mixture } from '../mixture.ts';
import { preservingBase } from './base.ts';
import { noiseWeights, originalWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { trainedLevels, trainedSchedule } from './schedules/trained.ts';

/** Equation 12. Each step leads to the timestep `floor(1000 / n)` below its own, not to the next of the list. */
export function ddim(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const { training, stride, timesteps } = trainedSchedule('ddim', config, options, { zeroSnr: 'exact' });
    const { alphasCumprod, prediction } = training;
    const { sigmas, levels } = trainedLevels(training, timesteps);
    const end = (config.set_alpha_to_one ?? true) ? 1 : alphasCumprod[0]!;
    const clip = (config.clip_sample ?? true) ? (config.clip_sample_range ?? 1) : undefined;
    const eta = options.eta ?? 0;

    return {
        ...preservingBase('ddim', { training, timesteps, sigmas, levels }, options),
        step(model, call, latents, draw) {
            const before = timesteps[call]! - stride;
            const alphaBar = alphasCumprod[timesteps[call]!]!;
            const alphaBarBefore = before >= 0 ? alphasCumprod[before]! : end;
            const { alpha, sigma } = levels[call]!;
            const deviation =
                eta * Math.sqrt(((1 - alphaBarBefore) / (1 - alphaBar)) * (1 - alphaBar / alphaBarBefore));

            const [a, b] = originalWeights(prediction, alpha, sigma);
            let original = mixture([a, latents], [b, model]);
            if (clip !== undefined) original = clipped(original, clip);
            const [c, d] = noiseWeights(prediction, alpha, sigma);
            const direction = Math.sqrt(Math.max(1 - alphaBarBefore - deviation ** 2, 0));
            return mixture(
                [Math.sqrt(alphaBarBefore), original],
                [direction * c, latents],
                [direction * d, model],
                ...(eta > 0 ? ([[deviation, draw()]] as const) : []),
            );
        },
    };
}
