/** DPM2: a second-order method that calls the model between two sigmas (k-diffusion; Lu et al. 2022, arXiv 2206.00927). */

import { mixture } from '../mixture.ts';
import { crowsonBase } from './base.ts';
import { denoisedWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { crowsonSchedule } from './schedules/crowson.ts';

/** Even calls walk to the geometric mean of two sigmas; odd ones take the whole step with the derivative found there. */
export function dpm2(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const defaults = { betaStart: 0.00085, betaEnd: 0.012, zeroSnr: 'ignore', rounded: true } as const;
    const schedule = crowsonSchedule(config, options, defaults);
    const {
        timesteps,
        sigmas,
        training: { prediction },
    } = schedule;
    /** Between step i and the next; 0 at the end. */
    const middles = timesteps.map((_, i) => Math.fround(Math.sqrt(sigmas[i]! * sigmas[i + 1]!)));
    let origin: Float32Array | undefined;

    return {
        ...crowsonBase('dpm2', schedule, options, middles),
        step(model, call, latents) {
            const step = Math.floor(call / 2);
            const sigma = (call % 2 === 0 ? sigmas : middles)[step]!;
            const [a, b] = denoisedWeights(prediction, sigma);
            const derivative = mixture([(1 - a) / sigma, latents], [-b / sigma, model]);
            if (call % 2 === 0 || !origin) {
                origin = latents;
                return mixture([1, latents], [middles[step]! - sigmas[step]!, derivative]);
            }
            return mixture([1, origin], [sigmas[step + 1]! - sigmas[step]!, derivative]);
        },
    };
}
