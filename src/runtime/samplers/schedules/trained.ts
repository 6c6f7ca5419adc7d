/** The layout of samplers that visit timesteps of the training as they are (DDIM, DDPM, PNDM, LCM). */
import { SAMPLERS, type SamplerName } from '../../../plan/samplers.ts';
import type { AlphaSigma } from '../forms.ts';
import { SamplerError, type SamplerOptions, type SchedulerConfig } from '../sampler.ts';
import { checkedSteps, roundHalfEven, spacingOf, timestepsOf } from './spacing.ts';
import { type Training, type TrainingDefaults, trainingOf } from './training.ts';

export interface TrainedSchedule {
    readonly steps: number;
    readonly training: Training;
    /** Timesteps from one to the next, in the training's count. */
    readonly stride: number;
    /** n whole timesteps, descending. */
    readonly timesteps: readonly number[];
}

/** Timesteps at even distances. */
export function trainedSchedule(
    name: SamplerName,
    config: SchedulerConfig,
    options: SamplerOptions,
    defaults: TrainingDefaults,
): TrainedSchedule {
    const { training, steps } = trainedSteps(name, config, options, defaults);
    const { count } = training;
    const spacing = spacingOf(config, options, 'leading');
    const timesteps = timestepsOf({ spacing, steps, count, offset: config.steps_offset ?? 0 }).map(roundHalfEven);
    return { steps, training, stride: Math.floor(count / steps), timesteps };
}

/** @throws SamplerError `sampler/schedule`: noise levels are always those of the timesteps. */
export function trainedSteps(
    name: SamplerName,
    config: SchedulerConfig,
    options: SamplerOptions,
    defaults: TrainingDefaults,
): { readonly training: Training; readonly steps: number } {
    const { schedule = 'normal' } = options;
    if (schedule !== 'normal') {
        const message = `${SAMPLERS[name].title} has no ${schedule} schedule: leave it out.`;
        throw new SamplerError('sampler/schedule', message);
    }
    const training = trainingOf(config, defaults);
    return { training, steps: checkedSteps(options, training.count) };
}

/** Noise levels of timesteps; those beyond the end of the training have its last one. */
export function trainedLevels(
    { count, alphasCumprod, sigmas }: Training,
    timesteps: readonly number[],
): { readonly sigmas: readonly number[]; readonly levels: readonly AlphaSigma[] } {
    const within = timesteps.map((timestep) => Math.min(timestep, count - 1));
    return {
        sigmas: within.map((timestep) => sigmas[timestep]!),
        levels: within.map((timestep) => {
            const alphaBar = alphasCumprod[timestep]!;
            return { alpha: Math.sqrt(alphaBar), sigma: Math.sqrt(1 - alphaBar) };
        }),
    };
}
