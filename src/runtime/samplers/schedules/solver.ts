/** The layout of the DPM-Solver family (DPM++ 2M, UniPC, DEIS): whole timesteps, and alpha, sigma, lambda at each. */
import type { SamplerOptions, SchedulerConfig } from '../sampler.ts';
import { scheduleOf, sigmaAt, sigmasBetween, timestepAt } from './sigmas.ts';
import { checkedSteps, roundHalfEven, solverTimestepsOf, spacingOf } from './spacing.ts';
import { type Training, type TrainingDefaults, trainingOf } from './training.ts';

/** One noise level in the variance-preserving form x_t = alpha x_0 + sigma noise. */
export interface Level {
    readonly alpha: number;
    readonly sigma: number;
    /** Half the log signal-to-noise ratio, log(alpha / sigma); infinite where sigma is 0. */
    readonly lambda: number;
}

export interface SolverSchedule {
    readonly steps: number;
    readonly training: Training;
    /** n whole timesteps. */
    readonly timesteps: readonly number[];
    /** n + 1 sigmas in float32. */
    readonly sigmas: readonly number[];
    /** The n + 1 levels of those sigmas. */
    readonly levels: readonly Level[];
}

export interface SolverDefaults extends TrainingDefaults {
    /** Where the last step ends: at no noise, at the smallest trained sigma, or at the smallest sigma of the run. */
    readonly end: 'zero' | 'smallest-trained' | 'smallest-laid-out';
    /** The only spacing of samplers that know no other. */
    readonly onlyLinspace?: boolean;
    /** Whether the sampler knows `lambda_min_clipped`. */
    readonly clipsLambda?: boolean;
}

export function solverSchedule(
    config: SchedulerConfig,
    options: SamplerOptions,
    defaults: SolverDefaults,
): SolverSchedule {
    const training = trainingOf(config, defaults);
    const steps = checkedSteps(options, training.count);
    const spacing = defaults.onlyLinspace ? 'linspace' : spacingOf(config, options, 'linspace');
    const request = { spacing, steps, count: training.count, offset: config.steps_offset ?? 0 };
    let timesteps = solverTimestepsOf(request, defaults.clipsLambda ? lastTimestep(config, training) : training.count);
    let sigmas = timesteps.map((t) => sigmaAt(training.sigmas, t));

    const schedule = scheduleOf(config, options);
    if (schedule !== 'normal') {
        const max = config.sigma_max ?? training.sigmas.at(-1)!;
        const min = config.sigma_min ?? training.sigmas[0]!;
        sigmas = sigmasBetween(schedule, max, min, steps);
        timesteps = sigmas.map((sigma) => timestepAt(training.sigmas, sigma));
        const whole = schedule === 'exponential' ? Math.trunc : roundHalfEven;
        timesteps = timesteps.map(whole);
    }
    const smallest =
        defaults.end === 'smallest-laid-out' && schedule !== 'normal' ? sigmas.at(-1)! : training.sigmas[0]!;
    sigmas = [...sigmas, defaults.end === 'zero' ? 0 : smallest].map(Math.fround);
    return { steps, training, timesteps, sigmas, levels: sigmas.map(levelOf) };
}

function levelOf(sigma: number): Level {
    const alpha = 1 / Math.sqrt(sigma * sigma + 1);
    return { alpha, sigma: sigma * alpha, lambda: -Math.log(sigma) };
}

/** Timesteps whose lambda is below `lambda_min_clipped` are left out at the noisy end (for cosine schedules). */
function lastTimestep(config: SchedulerConfig, training: Training): number {
    const least = config.lambda_min_clipped ?? Number.NEGATIVE_INFINITY;
    return training.sigmas.filter((sigma) => -Math.log(sigma) >= least).length;
}
