/** DPM++ 2M SDE: the stochastic form of DPM-Solver++ multistep (Lu et al. 2022, arXiv 2211.01095), order 2 or 1. */

import { mixture } from '../mixture.ts';
import { preservingBase } from './base.ts';
import { orderNear } from './dpmpp-2m.ts';
import { originalWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { solverSchedule } from './schedules/solver.ts';

/** Noise is drawn at every step, the last one too, where its weight is 0. */
export function dpmpp2mSde(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const end = config.final_sigmas_type === 'sigma_min' ? 'smallest-trained' : 'zero';
    const schedule = solverSchedule(config, options, { zeroSnr: 'nudge', end, clipsLambda: true });
    const {
        steps,
        levels,
        training: { prediction },
    } = schedule;
    const highest = Math.min(config.solver_order ?? 2, 2);
    const byHeun = config.solver_type === 'heun';
    let previous: Float32Array | undefined;

    return {
        ...preservingBase('dpmpp-2m-sde', schedule, options),
        step(model, call, latents, draw) {
            const [s, t] = [levels[call]!, levels[call + 1]!];
            const [a, b] = originalWeights(prediction, s.alpha, s.sigma);
            const m0 = mixture([a, latents], [b, model]);
            const m1 = previous;
            previous = m0;

            const h = t.lambda - s.lambda;
            const psi = -Math.expm1(-2 * h);
            const ofLatents = (t.sigma / s.sigma) * Math.exp(-h);
            const ofNoise = t.sigma * Math.sqrt(psi);
            if (!m1 || Math.min(highest, orderNear(config, call, steps)) === 1) {
                return mixture([ofLatents, latents], [t.alpha * psi, m0], [ofNoise, draw()]);
            }
            const r0 = (s.lambda - levels[call - 1]!.lambda) / h;
            const slope = (t.alpha * (byHeun ? psi / (-2 * h) + 1 : psi / 2)) / r0;
            return mixture([ofLatents, latents], [t.alpha * psi + slope, m0], [-slope, m1], [ofNoise, draw()]);
        },
    };
}
