/** DPM2 ancestral: DPM2 with steps that go too far down and put noise back (k-diffusion, Crowson 2022). */

import { mixture } from '../mixture.ts';
import { ancestralStep } from './ancestral.ts';
import { crowsonBase } from './base.ts';
import { denoisedWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { crowsonSchedule } from './schedules/crowson.ts';

/** As DPM2, but towards the ancestral sigma; noise is drawn at the odd calls. */
export function dpm2A(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const defaults = { betaStart: 0.00085, betaEnd: 0.012, zeroSnr: 'ignore', rounded: true } as const;
    const schedule = crowsonSchedule(config, options, defaults);
    const {
        timesteps,
        sigmas,
        training: { prediction },
    } = schedule;
    const strides = timesteps.map((_, i) => ancestralStep(sigmas[i]!, sigmas[i + 1]!));
    /** Between step i and where it walks down to; 0 at the end. */
    const middles = strides.map(({ down }, i) => Math.fround(Math.sqrt(sigmas[i]! * down)));
    let origin: Float32Array | undefined;

    return {
        ...crowsonBase('dpm2-a', schedule, options, middles),
        step(model, call, latents, draw) {
            const step = Math.floor(call / 2);
            const sigma = (call % 2 === 0 ? sigmas : middles)[step]!;
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
