/** Euler's method over sigmas (Karras et al. 2022, arXiv 2206.00364, algorithm 2 without churn). */

import { mixture } from '../mixture.ts';
import { crowsonBase } from './base.ts';
import { denoisedWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { crowsonSchedule } from './schedules/crowson.ts';

/** x + d (sigma' − sigma) with the derivative d = (x − x0) / sigma. */
export function euler(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const schedule = crowsonSchedule(config, options, { zeroSnr: 'nudge' });
    const {
        sigmas,
        training: { prediction },
    } = schedule;

    return {
        ...crowsonBase('euler', schedule, options),
        step(model, call, latents) {
            const sigma = sigmas[call]!;
            const [a, b] = denoisedWeights(prediction, sigma);
            const stride = (sigmas[call + 1]! - sigma) / sigma;
            return mixture([1 + stride * (1 - a), latents], [-stride * b, model]);
        },
    };
}
