/** LCM: latent consistency models (Luo et al. 2023, arXiv 2310.04378), 1 to 8 steps for models distilled for it. */

import { clipped, mixture } from '../mixture.ts';
import { preservingBase } from './base.ts';
import { originalWeights } from './original.ts';
import { type Sampler, SamplerError, type SamplerOptions, type SchedulerConfig } from './sampler.ts';
import { trainedLevels, trainedSteps } from './schedules/trained.ts';

/** The standard deviation of the data, as the distillation assumes it. */
const SIGMA_DATA = 0.5;

/** Each step predicts the clean latents, bounds them, and noises them again to the next timestep; the last does not. */
export function lcm(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const defaults = { betaStart: 0.00085, betaEnd: 0.012, betaSchedule: 'scaled_linear', zeroSnr: 'exact' } as const;
    const { training, steps } = trainedSteps('lcm', config, options, defaults);
    const timesteps = timestepsOf(steps, config.original_inference_steps ?? 50, training.count);
    const { sigmas, levels } = trainedLevels(training, timesteps);
    const scaling = config.timestep_scaling ?? 10;
    const clip = config.clip_sample ? (config.clip_sample_range ?? 1) : undefined;

    return {
        ...preservingBase('lcm', { training, timesteps, sigmas, levels }, options),
        step(model, call, latents, draw) {
            const { alpha, sigma } = levels[call]!;
            const [a, b] = originalWeights(training.prediction, alpha, sigma);
            let original = mixture([a, latents], [b, model]);
            if (clip !== undefined) original = clipped(original, clip);

            const scaled = timesteps[call]! * scaling;
            const skip = SIGMA_DATA ** 2 / (scaled ** 2 + SIGMA_DATA ** 2);
            const out = scaled / Math.sqrt(scaled ** 2 + SIGMA_DATA ** 2);
            const next = levels[call + 1];
            if (!next) return mixture([out, original], [skip, latents]);
            return mixture([next.alpha * out, original], [next.alpha * skip, latents], [next.sigma, draw()]);
        },
    };
}

/** Evenly spaced picks from the timesteps that the distillation visited. */
function timestepsOf(steps: number, originalSteps: number, count: number): number[] {
    if (steps > originalSteps) {
        throw new SamplerError(
            'sampler/steps',
            `LCM takes up to ${originalSteps} steps with this model, not ${steps}.`,
        );
    }
    const stride = Math.floor(count / originalSteps);
    const pick = originalSteps / steps;
    return Array.from({ length: steps }, (_, i) => (originalSteps - Math.floor(i * pick)) * stride - 1);
}
