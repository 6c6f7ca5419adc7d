/** Sigmas: noise levels between the ends of a run by different laws, and the timesteps that belong to them. */
import { SamplerError, type SamplerOptions, type SchedulerConfig, type SigmaSchedule } from '../sampler.ts';
import { linspace } from './spacing.ts';

/** The spec's choice, else the model's. */
export function scheduleOf(config: SchedulerConfig, options: SamplerOptions): SigmaSchedule {
    if (options.schedule) return options.schedule;
    if (config.use_karras_sigmas) return 'karras';
    if (config.use_exponential_sigmas) return 'exponential';
    if (config.use_lu_lambdas) return 'lu';
    if (config.use_beta_sigmas) throw new SamplerError('sampler/schedule', 'The beta schedule of sigmas is not known.');
    return 'normal';
}

/** n sigmas from max down to min by the law of the schedule. */
export function sigmasBetween(
    schedule: Exclude<SigmaSchedule, 'normal'>,
    max: number,
    min: number,
    n: number,
): number[] {
    switch (schedule) {
        case 'karras':
            return karras(max, min, n);
        case 'exponential':
        case 'lu': // Lu et al. 2022, arXiv 2206.00927: uniform in lambda = −log sigma, which is the same line.
            return linspace(Math.log(max), Math.log(min), n).map(Math.exp);
    }
}

/** Karras et al. 2022 (arXiv 2206.00364), equation 5, with rho = 7. */
function karras(max: number, min: number, n: number): number[] {
    const [from, to] = [max ** (1 / RHO), min ** (1 / RHO)];
    return linspace(0, 1, n).map((ramp) => (from + ramp * (to - from)) ** RHO);
}

const RHO = 7;

/** The sigma at a training timestep, fractions interpolated. */
export function sigmaAt(sigmas: Float32Array, timestep: number): number {
    const last = sigmas.length - 1;
    if (timestep <= 0) return sigmas[0]!;
    if (timestep >= last) return sigmas[last]!;
    const low = Math.floor(timestep);
    const [a, b] = [sigmas[low]!, sigmas[low + 1]!];
    return (b - a) * (timestep - low) + a;
}

/** The training timestep at a sigma, interpolated over log sigma: the inverse of `sigmaAt` but for the interpolation. */
export function timestepAt(sigmas: Float32Array, sigma: number): number {
    const logSigma = Math.log(Math.max(sigma, 1e-10));
    let low = 0;
    for (let i = 0; i < sigmas.length && Math.fround(Math.log(sigmas[i]!)) <= logSigma; i++) low = i;
    low = Math.min(low, sigmas.length - 2);
    const [a, b] = [Math.fround(Math.log(sigmas[low]!)), Math.fround(Math.log(sigmas[low + 1]!))];
    const weight = Math.min(Math.max((a - logSigma) / (a - b), 0), 1);
    return (1 - weight) * low + weight * (low + 1);
}
