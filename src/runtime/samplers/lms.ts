/** LMS: linear multistep of order 4 over sigmas (k-diffusion, Crowson 2022). */

import { mixture } from '../mixture.ts';
import { crowsonBase } from './base.ts';
import { denoisedWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { crowsonSchedule } from './schedules/crowson.ts';

const ORDER = 4;

/** The derivatives of the last steps, each weighted by the integral of its Lagrange polynomial over the step. */
export function lms(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const schedule = crowsonSchedule(config, options, { zeroSnr: 'ignore' });
    const {
        sigmas,
        training: { prediction },
    } = schedule;
    /** Newest first. */
    let derivatives: Float32Array[] = [];

    return {
        ...crowsonBase('lms', schedule, options),
        step(model, call, latents) {
            const sigma = sigmas[call]!;
            const [a, b] = denoisedWeights(prediction, sigma);
            const derivative = mixture([(1 - a) / sigma, latents], [-b / sigma, model]);
            derivatives = [derivative, ...derivatives.slice(0, ORDER - 1)];
            // After a start in the middle the order counts the skipped steps too, though their derivatives are missing.
            const order = Math.min(call + 1, ORDER);
            const terms = derivatives.map((one, i) => [lagrangeIntegral(sigmas, call, order, i), one] as const);
            return mixture([1, latents], ...terms);
        },
    };
}

/**
 * ∫ over [sigma_i, sigma_i+1] of the Lagrange polynomial that is 1 at sigma_(i−which) and 0 at the other of the `order`
 * last sigmas. It has degree 3 at most, which two Gauss–Legendre points integrate exactly.
 */
function lagrangeIntegral(sigmas: readonly number[], i: number, order: number, which: number): number {
    const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
    const middle = (from + to) / 2;
    const reach = (to - from) / 2;
    let integral = 0;
    for (const point of [-1 / Math.sqrt(3), 1 / Math.sqrt(3)]) {
        let value = 1;
        for (let k = 0; k < order; k++) {
            if (k !== which) value *= (middle + reach * point - sigmas[i - k]!) / (sigmas[i - which]! - sigmas[i - k]!);
        }
        integral += value * reach;
    }
    return integral;
}
