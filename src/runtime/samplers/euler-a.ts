/** Euler ancestral: Euler steps that go too far down and put noise back (k-diffusion, Crowson 2022). */

import { mixture } from '../mixture.ts';
import { ancestralStep } from './ancestral.ts';
import { crowsonBase } from './base.ts';
import { denoisedWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { crowsonSchedule } from './schedules/crowson.ts';

/** Noise is drawn at every step, the last one too, where its weight is 0. */
export function eulerA(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const schedule = crowsonSchedule(config, options, { zeroSnr: 'nudge' });
    const {
        sigmas,
        training: { prediction },
    } = schedule;

    return {
        ...crowsonBase('euler-a', schedule, options),
        step(model, call, latents, draw) {
            const sigma = sigmas[call]!;
            const { down, up } = ancestralStep(sigma, sigmas[call + 1]!);
            const [a, b] = denoisedWeights(prediction, sigma);
            const stride = (down - sigma) / sigma;
            return mixture([1 + stride * (1 - a), latents], [-stride * b, model], [up, draw()]);
        },
    };
}
