/** LCM: latent consistency models (Luo et al. 2023, arXiv 2310.04378), 1 to 8 steps for models distilled for it. */

import { stepsOfCalls } from '../../plan/steps.ts';
import { clipped, mixture } from '../mixture.ts';
import { preservingForm } from './forms.ts';
import { originalWeights } from './original.ts';
import { type Sampler, SamplerError, type SamplerOptions, type SchedulerConfig } from './sampler.ts';
import { refuseSchedule } from './schedules/sigmas.ts';
import { checkedSteps, startCallOf } from './schedules/spacing.ts';
import { trainingOf } from './schedules/training.ts';

/** The standard deviation of the data, as the distillation assumes it. */
const SIGMA_DATA = 0.5;

/** Each step predicts the clean latents, bounds them, and noises them again to the next timestep; the last does not. */
export function lcm(config: SchedulerConfig, options: SamplerOptions): Sampler {
    refuseSchedule('LCM', options);
    const training = trainingOf(config, {
        betaStart: 0.00085,
        betaEnd: 0.012,
        betaSchedule: 'scaled_linear',
        zeroSnr: 'exact',
    });
    const { count, alphasCumprod, prediction } = training;
    const steps = checkedSteps(options, count);
    const timesteps = timestepsOf(steps, config.original_inference_steps ?? 50, count);
    const scaling = config.timestep_scaling ?? 10;
    const clip = config.clip_sample ? (config.clip_sample_range ?? 1) : undefined;
    const levels = timesteps.map((t) => ({
        alpha: Math.sqrt(alphasCumprod[t]!),
        sigma: Math.sqrt(1 - alphasCumprod[t]!),
    }));

    return {
        name: 'lcm',
        timesteps,
        stepOfCall: stepsOfCalls(steps, 1),
        steps,
        startCall: startCallOf(options, steps),
        order: 1,
        stochastic: steps > 1,
        prediction,
        initNoiseSigma: 1,
        sigmas: timesteps.map((t) => training.sigmas[t]!),
        ...preservingForm(prediction, levels),
        step(model, call, latents, draw) {
            const { alpha, sigma } = levels[call]!;
            const [a, b] = originalWeights(prediction, alpha, sigma);
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
