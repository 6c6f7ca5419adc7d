/** DPM2: a second-order method that calls the model between two sigmas (k-diffusion; Lu et al. 2022, arXiv 2206.00927). */

import { stepsOfCalls } from '../../plan/steps.ts';
import { mixture } from '../mixture.ts';
import { crowsonForm } from './forms.ts';
import { denoisedWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { crowsonSchedule } from './schedules/crowson.ts';
import { timestepAt } from './schedules/sigmas.ts';
import { startCallOf } from './schedules/spacing.ts';

/** Even calls walk to the geometric mean of two sigmas; odd ones take the whole step with the derivative found there. */
export function dpm2(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const defaults = { betaStart: 0.00085, betaEnd: 0.012, zeroSnr: 'ignore', rounded: true } as const;
    const { steps, training, timesteps, sigmas, initNoiseSigma } = crowsonSchedule(config, options, defaults);
    const { prediction } = training;
    const calls = 2 * steps - 1;
    /** Between step i and the next; 0 at the end. */
    const middles = timesteps.map((_, i) => Math.fround(Math.sqrt(sigmas[i]! * sigmas[i + 1]!)));
    const seen = Array.from({ length: calls }, (_, call) => (call % 2 === 0 ? sigmas : middles)[Math.floor(call / 2)]!);
    let origin: Float32Array | undefined;

    return {
        name: 'dpm2',
        timesteps: seen.map((sigma, call) =>
            call % 2 === 0 ? timesteps[call / 2]! : timestepAt(training.sigmas, sigma),
        ),
        stepOfCall: stepsOfCalls(calls, 2),
        steps,
        startCall: startCallOf(options, calls, 2),
        order: 2,
        stochastic: false,
        prediction,
        initNoiseSigma,
        sigmas,
        ...crowsonForm(
            prediction,
            seen,
            seen.map((_, call) => sigmas[Math.ceil(call / 2)]!),
        ),
        step(model, call, latents) {
            const step = Math.floor(call / 2);
            const sigma = seen[call]!;
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
