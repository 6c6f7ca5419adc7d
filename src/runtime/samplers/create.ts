/** Makes a sampler by name, and finds the one that a model's configuration asks for. */
import { ddim } from './ddim.ts';
import { ddpm } from './ddpm.ts';
import { deis } from './deis.ts';
import { dpm2 } from './dpm2.ts';
import { dpm2A } from './dpm2-a.ts';
import { dpmpp2m } from './dpmpp-2m.ts';
import { dpmpp2mSde } from './dpmpp-2m-sde.ts';
import { dpmpp2s } from './dpmpp-2s.ts';
import { dpmppSde } from './dpmpp-sde.ts';
import { euler } from './euler.ts';
import { eulerA } from './euler-a.ts';
import { heun } from './heun.ts';
import { lcm } from './lcm.ts';
import { lms } from './lms.ts';
import { pndm } from './pndm.ts';
import {
    type Sampler,
    SamplerError,
    type SamplerName,
    type SamplerOptions,
    type SchedulerConfig,
    type SigmaSchedule,
} from './sampler.ts';
import { scheduleOf } from './schedules/sigmas.ts';
import { unipc } from './unipc.ts';

type Make = (config: SchedulerConfig, options: SamplerOptions) => Sampler;

const SAMPLERS: Record<SamplerName, Make> = {
    ddim,
    ddpm,
    pndm,
    lms,
    euler,
    'euler-a': eulerA,
    heun,
    dpm2,
    'dpm2-a': dpm2A,
    'dpmpp-2m': dpmpp2m,
    'dpmpp-2m-sde': dpmpp2mSde,
    'dpmpp-2s': dpmpp2s,
    'dpmpp-sde': dpmppSde,
    unipc,
    deis,
    lcm,
};

/**
 * A sampler for one run on a model with this scheduler configuration. Only what the configuration states is taken from it;
 * the rest are the sampler's own defaults, as when diffusers makes one scheduler from another's configuration.
 * @throws SamplerError for steps, schedules or configurations that the sampler cannot follow.
 */
export function createSampler(name: SamplerName, config: SchedulerConfig, options: SamplerOptions): Sampler {
    return SAMPLERS[name](config, options);
}

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
