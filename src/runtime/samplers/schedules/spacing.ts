/** Spacing: which training timesteps a run of n steps visits (Table 2 of Lin et al. 2023, arXiv 2305.08891). */
import { SamplerError, type SamplerOptions, type SchedulerConfig, type Spacing } from '../sampler.ts';

/** The spec's choice, else the model's, else the sampler's own. */
export function spacingOf(config: SchedulerConfig, options: SamplerOptions, own: Spacing): Spacing {
    const spacing = options.spacing ?? config.timestep_spacing ?? own;
    if (spacing === 'leading' || spacing === 'trailing' || spacing === 'linspace') return spacing;
    throw new SamplerError('sampler/spacing', `The spacing "${spacing}" is not known: leading, trailing or linspace.`);
}

/** @throws SamplerError `sampler/steps` unless 1 ≤ steps ≤ the timesteps of the training. */
export function checkedSteps(options: SamplerOptions, count: number): number {
    const { steps } = options;
    if (Number.isInteger(steps) && steps >= 1 && steps <= count) return steps;
    throw new SamplerError('sampler/steps', `Steps lie between 1 and ${count}, not at ${steps}.`);
}

/** @throws SamplerError `sampler/start` unless the first call is one of the run's and begins a step. */
export function startCallOf(options: SamplerOptions, calls: number, order: 1 | 2 = 1): number {
    const start = options.startCall ?? 0;
    if (Number.isInteger(start) && start >= 0 && start < calls && start % order === 0) return start;
    throw new SamplerError('sampler/start', `The run has ${calls} model calls; it cannot start at call ${start}.`);
}

export interface SpacingRequest {
    readonly spacing: Spacing;
    readonly steps: number;
    /** Timesteps of the training. */
    readonly count: number;
    /** `steps_offset`: added to leading timesteps. */
    readonly offset: number;
}

/** n timesteps, descending; linspace ones are fractions. */
export function timestepsOf({ spacing, steps, count, offset }: SpacingRequest): number[] {
    switch (spacing) {
        case 'leading': {
            const ratio = Math.floor(count / steps);
            // With as many steps as the training has, the offset would lead past its end.
            return Array.from({ length: steps }, (_, i) => Math.min((steps - 1 - i) * ratio + offset, count - 1));
        }
        case 'trailing':
            return trailing(steps, count);
        case 'linspace':
            return linspace(0, count - 1, steps).reverse();
    }
}

/** The DPM-Solver family lays out n + 1 points and leaves out the last; all are whole numbers. */
export function solverTimestepsOf({ spacing, steps, count, offset }: SpacingRequest, last = count): number[] {
    switch (spacing) {
        case 'leading': {
            const ratio = Math.floor(last / (steps + 1));
            return Array.from({ length: steps }, (_, i) => (steps - i) * ratio + offset);
        }
        case 'trailing':
            return trailing(steps, count, last);
        case 'linspace':
            return linspace(0, last - 1, steps + 1)
                .map(roundHalfEven)
                .reverse()
                .slice(0, -1);
    }
}

function trailing(steps: number, count: number, last = count): number[] {
    // As numpy.arange counts, from its first difference on, so that halves round the same way.
    const difference = last - count / steps - last;
    return Array.from({ length: steps }, (_, i) => roundHalfEven(last + i * difference) - 1);
}

/** numpy.linspace, both ends included. */
export function linspace(start: number, end: number, count: number): number[] {
    if (count === 1) return [start];
    const step = (end - start) / (count - 1);
    return Array.from({ length: count }, (_, i) => (i === count - 1 ? end : start + i * step));
}

/** Rounds halves to the even neighbour, as NumPy does. */
export function roundHalfEven(value: number): number {
    const floor = Math.floor(value);
    if (value - floor !== 0.5) return Math.round(value);
    return floor % 2 === 0 ? floor : floor + 1;
}
