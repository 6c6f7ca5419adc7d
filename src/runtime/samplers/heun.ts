/** Heun's second-order method over sigmas (Karras et al. 2022, arXiv 2206.00364, algorithm 2 without churn). */

import { stepsOfCalls } from '../../plan/steps.ts';
import { clipped, mixture } from '../mixture.ts';
import { crowsonForm } from './forms.ts';
import { denoisedWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { crowsonSchedule } from './schedules/crowson.ts';
import { startCallOf } from './schedules/spacing.ts';

/** Even calls take an Euler step; odd ones take it again with the mean of both derivatives. The last step is Euler's. */
export function heun(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const defaults = { betaStart: 0.00085, betaEnd: 0.012, zeroSnr: 'ignore' } as const;
    const { steps, training, timesteps, sigmas, initNoiseSigma } = crowsonSchedule(config, options, defaults);
    const { prediction } = training;
    const calls = 2 * steps - 1;
    const clip = config.clip_sample ? (config.clip_sample_range ?? 1) : undefined;
    const seen = Array.from({ length: calls }, (_, call) => sigmas[Math.ceil(call / 2)]!);
    let origin: { readonly latents: Float32Array; readonly derivative: Float32Array } | undefined;

    return {
        name: 'heun',
        timesteps: Array.from({ length: calls }, (_, call) => timesteps[Math.ceil(call / 2)]!),
        stepOfCall: stepsOfCalls(calls, 2),
        steps,
        startCall: startCallOf(options, calls, 2),
        order: 2,
        stochastic: false,
        prediction,
        initNoiseSigma,
        sigmas,
        ...crowsonForm(prediction, seen),
        step(model, call, latents) {
            const step = Math.floor(call / 2);
            const stride = sigmas[step + 1]! - sigmas[step]!;
            const sigma = seen[call]!;
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
