/** The layout of the k-diffusion family (Euler, Heun, LMS, DPM2, DPM++ SDE): n sigmas from the run's timesteps, then 0. */
import type { SamplerOptions, SchedulerConfig } from '../sampler.ts';
import { scheduleOf, sigmaAt, sigmasBetween, timestepAt } from './sigmas.ts';
import { checkedSteps, roundHalfEven, spacingOf, timestepsOf } from './spacing.ts';
import { type Training, type TrainingDefaults, trainingOf } from './training.ts';

export interface CrowsonSchedule {
    readonly steps: number;
    readonly training: Training;
    /** n timesteps; fractions where sigmas were not laid out by timestep. */
    readonly timesteps: readonly number[];
    /** n + 1 sigmas in float32, the last 0 (or the smallest trained one where the model's configuration says so). */
    readonly sigmas: readonly number[];
    /** sigma_max, or sqrt(sigma_max² + 1) with leading spacing, whose first timestep is not the noisiest. */
    readonly initNoiseSigma: number;
}

/** `rounded`: DPM2 rounds the timesteps of Karras sigmas. */
export function crowsonSchedule(
    config: SchedulerConfig,
    options: SamplerOptions,
    defaults: TrainingDefaults & { readonly rounded?: boolean },
): CrowsonSchedule {
    const training = trainingOf(config, defaults);
    const steps = checkedSteps(options, training.count);
    const spacing = spacingOf(config, options, 'linspace');
    const request = { spacing, steps, count: training.count, offset: config.steps_offset ?? 0 };
    let timesteps = timestepsOf(request).map(Math.fround);
    let sigmas = timesteps.map((t) => sigmaAt(training.sigmas, t));

    const schedule = scheduleOf(config, options);
    if (schedule !== 'normal') {
        sigmas = sigmasBetween(schedule, config.sigma_max ?? sigmas[0]!, config.sigma_min ?? sigmas.at(-1)!, steps);
        timesteps = sigmas.map((sigma) => timestepAt(training.sigmas, sigma));
        if (defaults.rounded && schedule === 'karras') timesteps = timesteps.map(roundHalfEven);
    }
    const last = config.final_sigmas_type === 'sigma_min' ? training.sigmas[0]! : 0;
    sigmas = [...sigmas, last].map(Math.fround);
    const max = Math.max(...sigmas);
    return {
        steps,
        training,
        timesteps: timesteps.map(Math.fround),
        sigmas,
        initNoiseSigma: spacing === 'leading' ? Math.fround(Math.sqrt(max * max + 1)) : max,
    };
}
