/** Steps: how many are run, which model calls they take, and where image to image starts. */
import { SAMPLERS, type SamplerName } from './samplers.ts';

/** A model call of a run: its step among the steps that are run, their number, and the call's own number from 0. */
export interface Moment {
    readonly step: number;
    readonly steps: number;
    readonly call: number;
}

/** The model calls of a whole schedule, the skipped ones included. */
export interface CallList {
    readonly steps: number;
    /** The step that each call belongs to. */
    readonly stepOfCall: readonly number[];
    /** The first call that is made. */
    readonly startCall: number;
}

/** Where image to image and inpainting start in a schedule. */
export interface ScheduleStart {
    /** The first step that is run, and how many are. */
    readonly step: number;
    readonly stepsRun: number;
    /** The first model call: `startCall` of the sampler's options. */
    readonly call: number;
}

/** As in diffusers: the last `strength` part of the steps, rounded down; all of them without a strength. */
export function stepsRun(steps: number, strength: number | undefined): number {
    return strength === undefined ? steps : Math.min(Math.floor(steps * strength), steps);
}

/**
 * Of n steps the last `floor(n · strength)` are run: strength 1 runs all of them, and a strength below 1/n none.
 * Second-order samplers have two calls per step.
 */
export function startOf(steps: number, strength: number | undefined, order: 1 | 2): ScheduleStart {
    const run = stepsRun(steps, strength);
    const step = Math.max(steps - run, 0);
    return { step, stepsRun: run, call: step * order };
}

/** 0, 1, 2 … with one call per step; 0, 0, 1, 1, 2 … with two, of which the last step has one. */
export function stepsOfCalls(calls: number, order: 1 | 2): readonly number[] {
    return Array.from({ length: calls }, (_, call) => Math.floor(call / order));
}

/** The calls of `steps` steps of a sampler, those that `strength` skips included. */
export function callsOf(name: SamplerName, steps: number, strength?: number): CallList {
    const { calls } = SAMPLERS[name];
    const startCall = startOf(steps, strength, orderOf(name)).call;
    switch (calls) {
        case 'one':
            return { steps, stepOfCall: stepsOfCalls(steps, 1), startCall };
        case 'first-twice':
            return {
                steps,
                stepOfCall: [0, ...stepsOfCalls(steps, 1)].slice(0, steps === 1 ? 1 : steps + 1),
                startCall,
            };
        case 'two-middle':
        case 'two-ends':
            return { steps, stepOfCall: stepsOfCalls(2 * steps - 1, 2), startCall };
    }
}

/** Model calls per step: 2 for second-order samplers, whose last step needs only one. */
export function orderOf(name: SamplerName): 1 | 2 {
    const { calls } = SAMPLERS[name];
    return calls === 'two-middle' || calls === 'two-ends' ? 2 : 1;
}

/** Steps and calls counted from the first one that is run. Curves, windows and decay count steps. */
export function momentAt({ steps, stepOfCall, startCall }: CallList, call: number): Moment {
    const skipped = stepOfCall[startCall]!;
    return { step: stepOfCall[call]! - skipped, steps: steps - skipped, call: call - startCall };
}

/** Every model call that is made, in order. */
export function momentsOf(name: SamplerName, steps: number, strength?: number): readonly Moment[] {
    const calls = callsOf(name, steps, strength);
    if (stepsRun(steps, strength) === 0) return [];
    return calls.stepOfCall.slice(calls.startCall).map((_, k) => momentAt(calls, calls.startCall + k));
}

/**
 * Numbers the timesteps that a schedule visits: equal numbers for calls at one timestep. Heun's second call is at the
 * next step's timestep, and PNDM makes two calls at its second timestep.
 */
export function visitOf(name: SamplerName, call: number): number {
    switch (SAMPLERS[name].calls) {
        case 'two-ends':
            return Math.ceil(call / 2);
        case 'first-twice':
            return call < 2 ? call : call - 1;
        case 'one':
        case 'two-middle':
            return call;
    }
}

/**
 * The moments of a run that finishes another one from the state before `from` in at most `steps` steps: each takes the
 * place of some of the steps that are left, so that curves, windows and decay act as they would there.
 */
export function finishingMoments(from: Moment, steps: number): readonly Moment[] {
    const left = from.steps - from.step;
    const few = Math.min(steps, left);
    return Array.from({ length: few }, (_, k) => ({
        step: from.step + Math.floor((k * left) / few),
        steps: from.steps,
        call: from.call + k,
    }));
}
