/** DDIM: denoising diffusion implicit models (Song et al. 2021, arXiv 2010.02502). */

import { stepsOfCalls } from '../../plan/steps.ts';
import { clipped, mixture } from '../mixture.ts';
import { preservingForm } from './forms.ts';
import { noiseWeights, originalWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { refuseSchedule } from './schedules/sigmas.ts';
import { checkedSteps, roundHalfEven, spacingOf, startCallOf, timestepsOf } from './schedules/spacing.ts';
import { trainingOf } from './schedules/training.ts';

/** Equation 12. Each step leads to the timestep `floor(1000 / n)` below its own, not to the next of the list. */
export function ddim(config: SchedulerConfig, options: SamplerOptions): Sampler {
    refuseSchedule('DDIM', options);
    const training = trainingOf(config, { zeroSnr: 'exact' });
    const { count, alphasCumprod, prediction } = training;
    const steps = checkedSteps(options, count);
    const spacing = spacingOf(config, options, 'leading');
    const timesteps = timestepsOf({ spacing, steps, count, offset: config.steps_offset ?? 0 }).map(roundHalfEven);
    const stride = Math.floor(count / steps);
    const end = (config.set_alpha_to_one ?? true) ? 1 : alphasCumprod[0]!;
    const clip = (config.clip_sample ?? true) ? (config.clip_sample_range ?? 1) : undefined;
    const eta = options.eta ?? 0;
    const levels = timesteps.map((t) => ({
        alpha: Math.sqrt(alphasCumprod[t]!),
        sigma: Math.sqrt(1 - alphasCumprod[t]!),
    }));

    return {
        name: 'ddim',
        timesteps,
        stepOfCall: stepsOfCalls(steps, 1),
        steps,
        startCall: startCallOf(options, steps),
        order: 1,
        stochastic: eta > 0,
        prediction,
        initNoiseSigma: 1,
        sigmas: timesteps.map((t) => training.sigmas[t]!),
        ...preservingForm(prediction, levels),
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
