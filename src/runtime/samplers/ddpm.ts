/** DDPM: denoising diffusion probabilistic models (Ho et al. 2020, arXiv 2006.11239), fresh noise at every step. */

import { clipped, mixture } from '../mixture.ts';
import { preservingBase } from './base.ts';
import { originalWeights } from './original.ts';
import { type Sampler, SamplerError, type SamplerOptions, type SchedulerConfig } from './sampler.ts';
import { trainedLevels, trainedSchedule } from './schedules/trained.ts';

/** Equations 6 and 7, from each timestep of the run to its next one, the last to no noise at all. */
export function ddpm(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const { training, timesteps } = trainedSchedule('ddpm', config, options, { zeroSnr: 'exact' });
    const { alphasCumprod, prediction } = training;
    const { sigmas, levels } = trainedLevels(training, timesteps);
    const clip = (config.clip_sample ?? true) ? (config.clip_sample_range ?? 1) : undefined;
    const deviation = deviationOf(config.variance_type ?? 'fixed_small');

    return {
        ...preservingBase('ddpm', { training, timesteps, sigmas, levels }, options),
        step(model, call, latents, draw) {
            const next = timesteps[call + 1];
            const alphaBar = alphasCumprod[timesteps[call]!]!;
            const alphaBarNext = next === undefined ? 1 : alphasCumprod[next]!;
            const ratio = alphaBar / alphaBarNext;
            const beta = 1 - ratio;

            const { alpha, sigma } = levels[call]!;
            const [a, b] = originalWeights(prediction, alpha, sigma);
            let original = mixture([a, latents], [b, model]);
            if (clip !== undefined) original = clipped(original, clip);
            const variance = Math.max(((1 - alphaBarNext) / (1 - alphaBar)) * beta, 1e-20);
            return mixture(
                [(Math.sqrt(alphaBarNext) * beta) / (1 - alphaBar), original],
                [(Math.sqrt(ratio) * (1 - alphaBarNext)) / (1 - alphaBar), latents],
                ...(timesteps[call]! > 0 ? ([[deviation(variance, beta), draw()]] as const) : []),
            );
        },
    };
}

/** The noise of a step: from the posterior variance, or from beta. */
function deviationOf(type: string): (variance: number, beta: number) => number {
    if (type === 'fixed_small' || type === 'fixed_small_log') return (variance) => Math.sqrt(variance);
    if (type === 'fixed_large') return (_, beta) => Math.sqrt(beta);
    throw new SamplerError('sampler/config', `DDPM with a variance of type "${type}" is not known.`);
}
