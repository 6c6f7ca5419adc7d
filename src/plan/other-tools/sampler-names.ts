/** Names of samplers and schedules in other tools. */
import type { Origin } from '../origin.ts';
import type { SamplerName, ScheduleName } from '../samplers.ts';

/** AUTOMATIC1111's names; with the schedule after them they also occur in one (`DPM++ 2M Karras`). */
export const A1111_NAMES: Readonly<Record<SamplerName, string>> = {
    ddim: 'DDIM',
    ddpm: 'DDPM',
    pndm: 'PLMS',
    lms: 'LMS',
    euler: 'Euler',
    'euler-a': 'Euler a',
    heun: 'Heun',
    dpm2: 'DPM2',
    'dpm2-a': 'DPM2 a',
    'dpmpp-2m': 'DPM++ 2M',
    'dpmpp-2m-sde': 'DPM++ 2M SDE',
    'dpmpp-3m-sde': 'DPM++ 3M SDE',
    'dpmpp-2s': 'DPM++ 2S',
    'dpmpp-sde': 'DPM++ SDE',
    unipc: 'UniPC',
    deis: 'DEIS',
    lcm: 'LCM',
};

/** Names of ComfyUI, InvokeAI, diffusers and of older versions, in lower case without spaces, hyphens and underscores. */
const OTHER_NAMES: Readonly<Record<string, SamplerName>> = {
    eulera: 'euler-a',
    eulerancestral: 'euler-a',
    dpm2a: 'dpm2-a',
    dpm2ancestral: 'dpm2-a',
    dpmpp2m: 'dpmpp-2m',
    dpmpp2msde: 'dpmpp-2m-sde',
    dpmpp2msdegpu: 'dpmpp-2m-sde',
    dpmpp3msde: 'dpmpp-3m-sde',
    dpmpp3msdegpu: 'dpmpp-3m-sde',
    dpmpp2s: 'dpmpp-2s',
    dpmppsde: 'dpmpp-sde',
    dpmppsdegpu: 'dpmpp-sde',
    plms: 'pndm',
    unipcbh2: 'unipc',
    // diffusers' classes.
    ddimscheduler: 'ddim',
    ddpmscheduler: 'ddpm',
    pndmscheduler: 'pndm',
    lmsdiscretescheduler: 'lms',
    eulerdiscretescheduler: 'euler',
    eulerancestraldiscretescheduler: 'euler-a',
    heundiscretescheduler: 'heun',
    kdpm2discretescheduler: 'dpm2',
    kdpm2ancestraldiscretescheduler: 'dpm2-a',
    dpmsolvermultistepscheduler: 'dpmpp-2m',
    dpmsolversinglestepscheduler: 'dpmpp-2s',
    dpmsolversdescheduler: 'dpmpp-sde',
    unipcmultistepscheduler: 'unipc',
    deismultistepscheduler: 'deis',
    lcmscheduler: 'lcm',
};

/**
 * The schedule that the web UI takes for `Automatic`, by sampler; none of its own is the normal one
 * (https://github.com/AUTOMATIC1111/stable-diffusion-webui/blob/v1.10.1/modules/sd_samplers_kdiffusion.py).
 */
const AUTOMATIC: Readonly<Partial<Record<SamplerName, ScheduleName>>> = {
    'dpmpp-2m': 'karras',
    'dpmpp-sde': 'karras',
    dpm2: 'karras',
    'dpm2-a': 'karras',
    'dpmpp-2m-sde': 'exponential',
    'dpmpp-3m-sde': 'exponential',
};

export type FoundSampler = Pick<Origin, 'sampler' | 'schedule' | 'samplerText' | 'scheduleText'>;

/** Returns a sampler and its schedule from how a tool writes them; either may be unknown in specs. */
export function samplerOf(text: string, schedule?: string): FoundSampler {
    const bare = plain(text.replace(/[\s_](karras|exponential)$/i, '').replace(/_k$/, ''));
    const sampler = nameOf(bare);
    const own = scheduleOf(schedule, sampler);
    // A schedule that is named counts, also one that specs lack; what only says "the usual one" leaves it to the suffix.
    const isUsual = schedule === undefined || /^(?:normal|automatic|native|uniform)$/i.test(schedule);
    const found = isUsual ? (suffixOf(text) ?? own) : own;
    return {
        samplerText: text,
        ...(schedule ? { scheduleText: schedule } : {}),
        ...(sampler ? { sampler } : {}),
        ...(found ? { schedule: found } : {}),
    };
}

function nameOf(bare: string): SamplerName | undefined {
    const find = (name: string) =>
        BY_PLAIN_NAME.get(name) ?? (Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined);
    return find(bare) ?? (bare.startsWith('k') ? find(bare.slice(1)) : undefined);
}

/** `DPM++ 2M Karras`, `dpmpp_2m_k`. */
function suffixOf(text: string): ScheduleName | undefined {
    if (/[\s_]karras$|_k$/i.test(text)) return 'karras';
    return /[\s_]exponential$/i.test(text) ? 'exponential' : undefined;
}

function scheduleOf(text: string | undefined, sampler: SamplerName | undefined): ScheduleName | undefined {
    switch (text?.toLowerCase()) {
        case 'karras':
            return 'karras';
        case 'exponential':
            return 'exponential';
        case 'normal':
        case 'uniform':
        // NovelAI's word for the model's own.
        case 'native':
            return 'normal';
        case 'automatic':
            return sampler && (AUTOMATIC[sampler] ?? 'normal');
        default:
            return undefined;
    }
}

function plain(name: string): string {
    return name
        .toLowerCase()
        .replace(/\+\+/g, 'pp')
        .replace(/[\s_-]/g, '');
}

const BY_PLAIN_NAME = new Map(
    (Object.entries(A1111_NAMES) as [SamplerName, string][]).flatMap(([name, text]) => [
        [plain(text), name],
        [plain(name), name],
    ]),
);
