/** DPM++ 2M: DPM-Solver++ multistep (Lu et al. 2022, arXiv 2211.01095), order 2, or 1 or 3 as the model's file says. */

import { mixture } from '../mixture.ts';
import { preservingBase } from './base.ts';
import { originalWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { solverSchedule } from './schedules/solver.ts';

/** Order 1 exactly, higher orders by differences of the clean latents predicted at earlier steps. */
export function dpmpp2m(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const end = config.final_sigmas_type === 'sigma_min' ? 'smallest-trained' : 'zero';
    const schedule = solverSchedule(config, options, { zeroSnr: 'nudge', end, clipsLambda: true });
    const {
        steps,
        levels,
        training: { prediction },
    } = schedule;
    const highest = config.solver_order ?? 2;
    const byHeun = config.solver_type === 'heun';
    /** Clean latents predicted so far, newest first. */
    let originals: Float32Array[] = [];

    return {
        ...preservingBase('dpmpp-2m', schedule, options),
        step(model, call, latents) {
            const [s, t] = [levels[call]!, levels[call + 1]!];
            const [a, b] = originalWeights(prediction, s.alpha, s.sigma);
            const m0 = mixture([a, latents], [b, model]);
            originals = [m0, ...originals.slice(0, 2)];
            const order = Math.min(highest, originals.length, orderNear(config, call, steps));

            const h = t.lambda - s.lambda;
            const phi = t.alpha * Math.expm1(-h);
            const ofLatents = t.sigma / s.sigma;
            if (order === 1) return mixture([ofLatents, latents], [-phi, m0]);

            const [, m1, m2] = originals;
            const r0 = (s.lambda - levels[call - 1]!.lambda) / h;
            if (order === 2) {
                const slope = (byHeun ? phi / h + t.alpha : -phi / 2) / r0;
                return mixture([ofLatents, latents], [slope - phi, m0], [-slope, m1!]);
            }
            const r1 = (levels[call - 1]!.lambda - levels[call - 2]!.lambda) / h;
            const first = phi / h + t.alpha;
            const second = -t.alpha * ((Math.expm1(-h) + h) / h ** 2 - 0.5);
            // D1 = d0 + r0 (d0 − d1) / (r0 + r1) and D2 = (d0 − d1) / (r0 + r1), d0 = (m0 − m1) / r0, d1 = (m1 − m2) / r1.
            const ofD0 = first + (first * r0 + second) / (r0 + r1);
            const ofD1 = -(first * r0 + second) / (r0 + r1);
            return mixture(
                [ofLatents, latents],
                [ofD0 / r0 - phi, m0],
                [ofD1 / r1 - ofD0 / r0, m1!],
                [-ofD1 / r1, m2!],
            );
        },
    };
}

/** The order allowed near the end: 1 at the last step where it leads to no noise, and lower orders in short runs. */
export function orderNear(config: SchedulerConfig, call: number, steps: number): number {
    const short = (config.lower_order_final ?? true) && steps < 15;
    const toZero = (config.final_sigmas_type ?? 'zero') === 'zero';
    if (call === steps - 1 && (short || toZero || config.euler_at_final)) return 1;
    return call === steps - 2 && short ? 2 : 3;
}
