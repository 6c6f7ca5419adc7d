/** DPM2 ancestral: DPM2 with steps that go too far down and put noise back (k-diffusion, Crowson 2022). */

import { stepsOfCalls } from '../../plan/steps.ts';
import { mixture } from '../mixture.ts';
import { ancestralStep } from './ancestral.ts';
import { crowsonForm } from './forms.ts';
import { denoisedWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { crowsonSchedule } from './schedules/crowson.ts';
import { timestepAt } from './schedules/sigmas.ts';
import { startCallOf } from './schedules/spacing.ts';

/** As DPM2, but towards the ancestral sigma; noise is drawn at the odd calls. */
export function dpm2A(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const defaults = { betaStart: 0.00085, betaEnd: 0.012, zeroSnr: 'ignore', rounded: true } as const;
    const { steps, training, timesteps, sigmas, initNoiseSigma } = crowsonSchedule(config, options, defaults);
    const { prediction } = training;
    const calls = 2 * steps - 1;
    const strides = timesteps.map((_, i) => ancestralStep(sigmas[i]!, sigmas[i + 1]!));
    /** Between step i and where it walks down to; 0 at the end. */
    const middles = strides.map(({ down }, i) => Math.fround(Math.sqrt(sigmas[i]! * down)));
    const seen = Array.from({ length: calls }, (_, call) => (call % 2 === 0 ? sigmas : middles)[Math.floor(call / 2)]!);
    let origin: Float32Array | undefined;

    return {
        name: 'dpm2-a',
        timesteps: seen.map((sigma, call) =>
            call % 2 === 0 ? timesteps[call / 2]! : timestepAt(training.sigmas, sigma),
        ),
        stepOfCall: stepsOfCalls(calls, 2),
        steps,
        startCall: startCallOf(options, calls, 2),
        order: 2,
        stochastic: true,
        prediction,
        initNoiseSigma,
        sigmas,
        ...crowsonForm(
            prediction,
            seen,
            seen.map((_, call) => sigmas[Math.ceil(call / 2)]!),
        ),
        step(model, call, latents, draw) {
            const step = Math.floor(call / 2);
            const sigma = seen[call]!;
            const [a, b] = denoisedWeights(prediction, sigma);
            const derivative = mixture([(1 - a) / sigma, latents], [-b / sigma, model]);
            if (call % 2 === 0 || !origin) {
                origin = latents;
                return mixture([1, latents], [middles[step]! - sigmas[step]!, derivative]);
            }
            const { down, up } = strides[step]!;
            return mixture([1, origin], [down - sigmas[step]!, derivative], [up, draw()]);
        },
    };
}
