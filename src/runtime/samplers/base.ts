/** What a sampler is besides its step: the calls that it makes, and the form of the noisy latents that it keeps. */
import type { SamplerName } from '../../plan/samplers.ts';
import { type CallList, callsOf, orderOf } from '../../plan/steps.ts';
import { type AlphaSigma, crowsonForm, preservingForm } from './forms.ts';
import type { Sampler, SamplerOptions } from './sampler.ts';
import type { CrowsonSchedule } from './schedules/crowson.ts';
import { timestepAt } from './schedules/sigmas.ts';
import { startCallOf } from './schedules/spacing.ts';
import type { Training } from './schedules/training.ts';

export type SamplerBase = Omit<Sampler, 'step'>;

/** A run of samplers that keep alpha² + sigma² = 1, one call at each timestep. */
export interface PreservingSchedule {
    readonly training: Training;
    /** Whole numbers, one for each call. */
    readonly timesteps: readonly number[];
    readonly sigmas: readonly number[];
    /** Of each call; the one that the last step ends at may follow. */
    readonly levels: readonly AlphaSigma[];
}

/** The base of a sampler over x = alpha x0 + sigma noise. */
export function preservingBase(
    name: SamplerName,
    { training: { prediction }, timesteps, sigmas, levels }: PreservingSchedule,
    options: SamplerOptions,
): SamplerBase {
    return {
        ...callsFrom(name, options),
        timesteps,
        prediction,
        initNoiseSigma: 1,
        sigmas,
        ...preservingForm(prediction, levels),
    };
}

/**
 * The base of a sampler over x = x0 + sigma noise. `middles` are the sigmas of the second call of each step, for samplers that
 * call between two sigmas; others with two calls make the second at the sigma where the step ends.
 */
export function crowsonBase(
    name: SamplerName,
    { training, timesteps, sigmas, initNoiseSigma }: CrowsonSchedule,
    options: SamplerOptions,
    middles?: readonly number[],
): SamplerBase {
    const { prediction } = training;
    const calls = callsFrom(name, options);
    const order = orderOf(name);
    const ofCalls = <T>(at: (level: number) => T, between?: (step: number) => T) =>
        calls.stepOfCall.map((step, call) => {
            const isSecond = call % order === 1;
            return isSecond && between ? between(step) : at(isSecond ? step + 1 : step);
        });
    const sigma = (level: number) => sigmas[level]!;
    const timestep = (level: number) => timesteps[level]!;
    return {
        ...calls,
        timesteps: ofCalls(timestep, middles && ((step) => timestepAt(training.sigmas, middles[step]!))),
        prediction,
        initNoiseSigma,
        sigmas,
        ...crowsonForm(prediction, ofCalls(sigma, middles && ((step) => middles[step]!)), ofCalls(sigma)),
    };
}

/** @throws SamplerError `sampler/start` unless the first call is one of the run's and begins a step. */
function callsFrom(name: SamplerName, options: SamplerOptions): CallList {
    const { steps, stepOfCall } = callsOf(name, options.steps);
    return { steps, stepOfCall, startCall: startCallOf(options, stepOfCall.length, orderOf(name)) };
}
