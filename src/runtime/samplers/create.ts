/** Makes a sampler by name. */
import type { SamplerName } from '../../plan/samplers.ts';
import { ddim } from './ddim.ts';
import { ddpm } from './ddpm.ts';
import { deis } from './deis.ts';
import { dpm2 } from './dpm2.ts';
import { dpm2A } from './dpm2-a.ts';
import { dpmpp2m } from './dpmpp-2m.ts';
import { dpmpp2mSde } from './dpmpp-2m-sde.ts';
import { dpmpp2s } from './dpmpp-2s.ts';
import { dpmpp3mSde } from './dpmpp-3m-sde.ts';
import { dpmppSde } from './dpmpp-sde.ts';
import { euler } from './euler.ts';
import { eulerA } from './euler-a.ts';
import { heun } from './heun.ts';
import { lcm } from './lcm.ts';
import { lms } from './lms.ts';
import { pndm } from './pndm.ts';
import type { Sampler, SamplerOptions, SchedulerConfig } from './sampler.ts';
import { unipc } from './unipc.ts';

type Make = (config: SchedulerConfig, options: SamplerOptions) => Sampler;

const MAKERS: Record<SamplerName, Make> = {
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
    'dpmpp-3m-sde': dpmpp3mSde,
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
    return MAKERS[name](config, options);
}
