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
