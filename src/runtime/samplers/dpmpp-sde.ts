/**
 * DPM++ SDE: DPM-Solver++ of second order for the diffusion SDE, one step at a time (Lu et al. 2022, arXiv 2211.01095, as in
 * k-diffusion). The reference draws its noise from a Brownian tree; here every call draws fresh noise from the stream.
 */

import { mixture } from '../mixture.ts';
import { ancestralStep } from './ancestral.ts';
import { crowsonBase } from './base.ts';
import { denoisedWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { crowsonSchedule } from './schedules/crowson.ts';

/** Even calls walk to the geometric mean of two sigmas; odd ones take the whole step; the last step is Euler's. */
export function dpmppSde(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const defaults = { betaStart: 0.00085, betaEnd: 0.012, zeroSnr: 'ignore' } as const;
    const schedule = crowsonSchedule(config, options, defaults);
    const {
        timesteps,
        sigmas,
        training: { prediction },
    } = schedule;
    const middles = timesteps.map((_, i) => Math.sqrt(sigmas[i]! * sigmas[i + 1]!));
    let origin: Float32Array | undefined;

    return {
        ...crowsonBase('dpmpp-sde', schedule, options, middles),
        step(model, call, latents, draw) {
            const step = Math.floor(call / 2);
            const sigma = sigmas[step]!;
            const [a, b] = denoisedWeights(prediction, (call % 2 === 0 ? sigmas : middles)[step]!);
            if (sigmas[step + 1] === 0) return mixture([a, latents], [b, model]);

            const first = call % 2 === 0 || !origin;
            const from: Float32Array = first ? latents : origin!;
            if (first) origin = latents;
            const { down, up } = ancestralStep(sigma, first ? middles[step]! : sigmas[step + 1]!);
            const kept = down / sigma;
            return mixture([kept, from], [(1 - kept) * a, latents], [(1 - kept) * b, model], [up, draw()]);
        },
    };
}
