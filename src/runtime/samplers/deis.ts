/** DEIS: diffusion exponential integrator, log-rho multistep (Zhang and Chen 2023, arXiv 2204.13902). */

import { mixture } from '../mixture.ts';
import { preservingBase } from './base.ts';
import { noiseWeights } from './original.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { solverSchedule } from './schedules/solver.ts';

/** Noise predictions of the last steps, each weighted by the integral of its Lagrange polynomial in log sigma. */
export function deis(config: SchedulerConfig, options: SamplerOptions): Sampler {
    const schedule = solverSchedule(config, options, { zeroSnr: 'ignore', end: 'smallest-laid-out' });
    const {
        steps,
        sigmas,
        levels,
        training: { prediction },
    } = schedule;
    const highest = config.solver_order ?? 2;
    const short = (config.lower_order_final ?? true) && steps < 15;
    /** Newest first. */
    let noises: Float32Array[] = [];

    return {
        ...preservingBase('deis', schedule, options),
        step(model, call, latents) {
            const [s, t] = [levels[call]!, levels[call + 1]!];
            const [a, b] = noiseWeights(prediction, s.alpha, s.sigma);
            noises = [mixture([a, latents], [b, model]), ...noises.slice(0, 2)];
            const nearEnd = short ? steps - call : 3;
            const order = Math.min(highest, noises.length, nearEnd);
            const weights = integrals(sigmas, call, order);
            const terms = noises.slice(0, order).map((noise, i) => [t.alpha * weights[i]!, noise] as const);
            return mixture([t.alpha / s.alpha, latents], ...terms);
        },
    };
}

/** ∫ over [sigma_i, sigma_i+1] of the Lagrange polynomials in log sigma through the last `order` sigmas. */
function integrals(sigmas: readonly number[], i: number, order: number): number[] {
    const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
    if (order === 1) return [to - from];
    const logs = Array.from({ length: order }, (_, k) => Math.log(sigmas[i - k]!));
    const antiderivative = order === 2 ? linear : quadratic;
    return logs.map((own, which) => {
        const others = logs.filter((_, k) => k !== which);
        const scale = others.reduce((product, other) => product * (own - other), 1);
        return (antiderivative(to, others) - antiderivative(from, others)) / scale;
    });
}

/** ∫ (log t − c) dt */
function linear(t: number, [c]: readonly number[]): number {
    return t * (Math.log(t) - 1 - c!);
}

/** ∫ (log t − c)(log t − d) dt */
function quadratic(t: number, [c, d]: readonly number[]): number {
    const log = Math.log(t);
    return t * (log * log - 2 * log + 2 - (c! + d!) * (log - 1) + c! * d!);
}
