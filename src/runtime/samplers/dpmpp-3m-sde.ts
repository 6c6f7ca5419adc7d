/** DPM++ 3M SDE: the stochastic multistep form of DPM-Solver++ of order 3 (Crowson, k-diffusion `sample_dpmpp_3m_sde`). */

import { mixture } from '../mixture.ts';
import { preservingBase } from './base.ts';
import { originalWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { solverSchedule } from './schedules/solver.ts';

/**
 * Order 1 at the first step, 2 at the second, then 3. Noise is drawn at every step but one that ends without noise.
 * diffusers' `sde-dpmsolver++` of order 3 has another sign in its third term; k-diffusion's is followed.
 */
export function dpmpp3mSde(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const end = config.final_sigmas_type === 'sigma_min' ? 'smallest-trained' : 'zero';
    const schedule = solverSchedule(config, options, { zeroSnr: 'nudge', end, clipsLambda: true });
    const {
        levels,
        training: { prediction },
    } = schedule;
    /** Clean latents predicted so far, newest first. */
    let originals: Float32Array[] = [];

    return {
        ...preservingBase('dpmpp-3m-sde', schedule, options),
        step(model, call, latents, draw) {
            const [s, t] = [levels[call]!, levels[call + 1]!];
            const [a, b] = originalWeights(prediction, s.alpha, s.sigma);
            const m0 = mixture([a, latents], [b, model]);
            originals = [m0, ...originals.slice(0, 2)];
            if (t.sigma === 0) return mixture([t.alpha, m0]);

            // With eta = 1 the step in log-SNR counts twice.
            const h = t.lambda - s.lambda;
            const psi = -Math.expm1(-2 * h);
            const ofLatents = (t.sigma / s.sigma) * Math.exp(-h);
            const ofNoise = t.sigma * Math.sqrt(psi);
            const phi2 = 1 - psi / (2 * h);
            const phi3 = phi2 / (2 * h) - 0.5;

            const [, m1, m2] = originals;
            const [s1, s2] = [levels[call - 1] ?? s, levels[call - 2] ?? s];
            const r0 = (s.lambda - s1.lambda) / h;
            const r1 = (s1.lambda - s2.lambda) / h;
            // The weights of the differences (m0 − m1) / r0 and (m1 − m2) / r1.
            const slope = m2 ? (phi2 * r0 - phi3) / (r0 + r1) : 0;
            const newer = m1 ? (t.alpha * (phi2 + slope)) / r0 : 0;
            const older = m2 ? (-t.alpha * slope) / r1 : 0;
            return mixture(
                [ofLatents, latents],
                [t.alpha * psi + newer, m0],
                ...(m1 ? [[older - newer, m1] as const] : []),
                ...(m2 ? [[-older, m2] as const] : []),
                [ofNoise, draw()],
            );
        },
    };
}
