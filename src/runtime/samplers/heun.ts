/** Heun's second-order method over sigmas (Karras et al. 2022, arXiv 2206.00364, algorithm 2 without churn). */

import { clipped, mixture } from '../mixture.ts';
import { crowsonBase } from './base.ts';
import { denoisedWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { crowsonSchedule } from './schedules/crowson.ts';

/** Even calls take an Euler step; odd ones take it again with the mean of both derivatives. The last step is Euler's. */
export function heun(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const defaults = { betaStart: 0.00085, betaEnd: 0.012, zeroSnr: 'ignore' } as const;
    const schedule = crowsonSchedule(config, options, defaults);
    const {
        sigmas,
        training: { prediction },
    } = schedule;
    const clip = config.clip_sample ? (config.clip_sample_range ?? 1) : undefined;
    let origin: { readonly latents: Float32Array; readonly derivative: Float32Array } | undefined;

    return {
        ...crowsonBase('heun', schedule, options),
        step(model, call, latents) {
            const step = Math.floor(call / 2);
            const stride = sigmas[step + 1]! - sigmas[step]!;
            const sigma = sigmas[Math.ceil(call / 2)]!;
            const [a, b] = denoisedWeights(prediction, sigma);
            let original = mixture([a, latents], [b, model]);
            if (clip !== undefined) original = clipped(original, clip);
            const derivative = mixture([1 / sigma, latents], [-1 / sigma, original]);
            if (call % 2 === 0 || !origin) {
                origin = { latents, derivative };
                return mixture([1, latents], [stride, derivative]);
            }
            return mixture([1, origin.latents], [stride / 2, origin.derivative], [stride / 2, derivative]);
        },
    };
}
