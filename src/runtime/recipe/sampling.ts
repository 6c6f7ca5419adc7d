/** The samplers that a plan asks for, made for a model. */
import type { PicturePlan } from '../../plan/plan.ts';
import { orderOf, startOf } from '../../plan/steps.ts';
import { RunError } from '../run-error.ts';
import { createSampler } from '../samplers/create.ts';
import type { Sampler, SchedulerConfig } from '../samplers/sampler.ts';

/**
 * One sampler, or, for an ensemble over latents, one per member: each keeps its own history. Image to image starts at the
 * call that `strength` leaves, with the reference's arithmetic: floor(steps x strength) steps are run.
 */
export function createSamplers(plan: PicturePlan, scheduler: SchedulerConfig, members: number): readonly Sampler[] {
    const { name, schedule, eta, spacing } = plan.sampler;
    const start = startOf(plan.steps, plan.start?.strength, orderOf(name));
    if (start.stepsRun === 0) {
        const message = `A strength of ${plan.start?.strength} leaves none of ${plan.steps} steps: raise the strength or the steps.`;
        throw new RunError('run/unsupported', message);
    }
    const overLatents = plan.conditioning.kind === 'ensemble' && plan.conditioning.over === 'latents';
    const options = { steps: plan.steps, schedule, spacing, eta, startCall: start.call };
    return Array.from({ length: overLatents ? members : 1 }, () => createSampler(name, scheduler, options));
}

/**
 * DDIM that runs `steps` steps from about the noise level at which `left` of `total` steps are left: a quick way to the
 * end from the middle of another sampler's run.
 */
export function shortSampler(scheduler: SchedulerConfig, total: number, left: number, steps: number): Sampler {
    const whole = Math.max(steps, Math.round((steps * total) / left));
    return createSampler('ddim', scheduler, { steps: whole, eta: 0, startCall: whole - steps });
}
