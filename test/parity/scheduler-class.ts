/** Samplers by the scheduler classes of the reference implementation. */
import type { SamplerName } from '../../src/plan/samplers.ts';
import { SamplerError, type SchedulerConfig, type SigmaSchedule } from '../../src/runtime/samplers/sampler.ts';
import { scheduleOf } from '../../src/runtime/samplers/schedules/sigmas.ts';

/** The sampler that a model was published with. */
export interface ModelSampler {
    readonly name: SamplerName;
    readonly schedule: SigmaSchedule;
}

const CLASSES: Record<string, SamplerName> = {
    DDIMScheduler: 'ddim',
    DDPMScheduler: 'ddpm',
    PNDMScheduler: 'pndm',
    LMSDiscreteScheduler: 'lms',
    EulerDiscreteScheduler: 'euler',
    EulerAncestralDiscreteScheduler: 'euler-a',
    HeunDiscreteScheduler: 'heun',
    KDPM2DiscreteScheduler: 'dpm2',
    KDPM2AncestralDiscreteScheduler: 'dpm2-a',
    DPMSolverMultistepScheduler: 'dpmpp-2m',
    DPMSolverSinglestepScheduler: 'dpmpp-2s',
    DPMSolverSDEScheduler: 'dpmpp-sde',
    UniPCMultistepScheduler: 'unipc',
    DEISMultistepScheduler: 'deis',
    LCMScheduler: 'lcm',
};

/** @throws SamplerError `sampler/unknown` for a class that has no sampler here. */
export function fromSchedulerConfig(config: SchedulerConfig): ModelSampler {
    const name = CLASSES[config._class_name ?? ''];
    if (!name) {
        const known = Object.keys(CLASSES).join(', ');
        throw new SamplerError(
            'sampler/unknown',
            `No sampler for ${config._class_name ?? 'no class'}: known are ${known}.`,
        );
    }
    const stochastic = name === 'dpmpp-2m' && config.algorithm_type?.startsWith('sde-');
    return { name: stochastic ? 'dpmpp-2m-sde' : name, schedule: scheduleOf(config, { steps: 1 }) };
}
