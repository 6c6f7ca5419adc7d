/** Euler ancestral: Euler steps that go too far down and put noise back (k-diffusion, Crowson 2022). */

import { stepsOfCalls } from '../../plan/steps.ts';
import { mixture } from '../mixture.ts';
import { ancestralStep } from './ancestral.ts';
import { crowsonForm } from './forms.ts';
import { denoisedWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { crowsonSchedule } from './schedules/crowson.ts';
import { startCallOf } from './schedules/spacing.ts';

/** Noise is drawn at every step, the last one too, where its weight is 0. */
export function eulerA(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const { steps, training, timesteps, sigmas, initNoiseSigma } = crowsonSchedule(config, options, {
        zeroSnr: 'nudge',
    });
    const { prediction } = training;

    return {
        name: 'euler-a',
        timesteps,
        stepOfCall: stepsOfCalls(steps, 1),
        steps,
        startCall: startCallOf(options, steps),
        order: 1,
        stochastic: true,
        prediction,
        initNoiseSigma,
        sigmas,
        ...crowsonForm(prediction, sigmas),
        step(model, call, latents, draw) {
            const sigma = sigmas[call]!;
            const { down, up } = ancestralStep(sigma, sigmas[call + 1]!);
            const [a, b] = denoisedWeights(prediction, sigma);
            const stride = (down - sigma) / sigma;
            return mixture([1 + stride * (1 - a), latents], [-stride * b, model], [up, draw()]);
        },
    };
}
