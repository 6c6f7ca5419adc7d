/** Euler's method over sigmas (Karras et al. 2022, arXiv 2206.00364, algorithm 2 without churn). */

import { stepsOfCalls } from '../../plan/steps.ts';
import { mixture } from '../mixture.ts';
import { crowsonForm } from './forms.ts';
import { denoisedWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { crowsonSchedule } from './schedules/crowson.ts';
import { startCallOf } from './schedules/spacing.ts';

/** x + d (sigma' − sigma) with the derivative d = (x − x0) / sigma. */
export function euler(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const { steps, training, timesteps, sigmas, initNoiseSigma } = crowsonSchedule(config, options, {
        zeroSnr: 'nudge',
    });
    const { prediction } = training;

    return {
        name: 'euler',
        timesteps,
        stepOfCall: stepsOfCalls(steps, 1),
        steps,
        startCall: startCallOf(options, steps),
        order: 1,
        stochastic: false,
        prediction,
        initNoiseSigma,
        sigmas,
        ...crowsonForm(prediction, sigmas),
        step(model, call, latents) {
            const sigma = sigmas[call]!;
            const [a, b] = denoisedWeights(prediction, sigma);
            const stride = (sigmas[call + 1]! - sigma) / sigma;
            return mixture([1 + stride * (1 - a), latents], [-stride * b, model]);
        },
    };
}
