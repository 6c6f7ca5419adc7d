/** DPM++ 2S: DPM-Solver++ of second order, two calls forming one larger step (Lu et al. 2022, arXiv 2211.01095). */

import { mixture } from '../mixture.ts';
import { preservingBase } from './base.ts';
import { originalWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { solverSchedule } from './schedules/solver.ts';

/** Steps of order 1 and 2 in turn: the second starts again where the first did. The last one is of order 1. */
export function dpmpp2s(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const end = config.final_sigmas_type === 'sigma_min' ? 'smallest-trained' : 'zero';
    const schedule = solverSchedule(config, options, { zeroSnr: 'ignore', end, clipsLambda: true, onlyLinspace: true });
    const {
        steps,
        levels,
        training: { prediction },
    } = schedule;
    const byHeun = config.solver_type === 'heun';
    // Runs that end above sigma 0 need no step of order 1 at the end.
    const pairs =
        steps % 2 === 0 && end !== 'zero' && !config.lower_order_final ? steps : Math.floor((steps - 1) / 2) * 2;
    let previous: Float32Array | undefined;
    let origin: Float32Array | undefined;

    return {
        ...preservingBase('dpmpp-2s', schedule, options),
        step(model, call, latents) {
            const [s, t] = [levels[call]!, levels[call + 1]!];
            const [a, b] = originalWeights(prediction, s.alpha, s.sigma);
            const m0 = mixture([a, latents], [b, model]);
            const m1 = previous;
            previous = m0;

            if (call % 2 === 0 || call >= pairs || !m1 || !origin) {
                origin = latents;
                const phi = t.alpha * Math.expm1(s.lambda - t.lambda);
                return mixture([t.sigma / s.sigma, latents], [-phi, m0]);
            }
            const start = levels[call - 1]!;
            const h = t.lambda - start.lambda;
            const r0 = (s.lambda - start.lambda) / h;
            const phi = t.alpha * Math.expm1(-h);
            const slope = (byHeun ? phi / h + t.alpha : -phi / 2) / r0;
            return mixture([t.sigma / start.sigma, origin], [-phi - slope, m1], [slope, m0]);
        },
    };
}
