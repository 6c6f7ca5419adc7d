/** Names of samplers in other tools. */

import type { Origin } from '../../../plan/origin.ts';
import type { SamplerName } from '../../samplers/sampler.ts';

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
    'dpmpp-2s': 'DPM++ 2S',
    'dpmpp-sde': 'DPM++ SDE',
    unipc: 'UniPC',
    deis: 'DEIS',
    lcm: 'LCM',
};

/** Names of ComfyUI, InvokeAI and of older versions, in lower case without spaces, hyphens and underscores. */
const OTHER_NAMES: Readonly<Record<string, SamplerName>> = {
    eulera: 'euler-a',
    eulerancestral: 'euler-a',
    keuler: 'euler',
    keulera: 'euler-a',
    kdpm2: 'dpm2',
    kdpm2a: 'dpm2-a',
    dpm2ancestral: 'dpm2-a',
    kheun: 'heun',
    klms: 'lms',
    dpmpp2m: 'dpmpp-2m',
    kdpmpp2m: 'dpmpp-2m',
    dpmpp2msde: 'dpmpp-2m-sde',
    dpmpp2msdegpu: 'dpmpp-2m-sde',
    dpmpp2s: 'dpmpp-2s',
    dpmppsde: 'dpmpp-sde',
    dpmppsdegpu: 'dpmpp-sde',
    kdpmppsde: 'dpmpp-sde',
    plms: 'pndm',
    unipcbh2: 'unipc',
};

export type FoundSampler = Pick<Origin, 'sampler' | 'schedule' | 'samplerText'>;

/** A sampler and its schedule from how a tool writes them; either may be unknown in specs. */
export function samplerOf(text: string, schedule?: string): FoundSampler {
    const found = scheduleIn(schedule ?? '') ?? scheduleIn(text);
    const bare = plain(text.replace(/\s+(karras|exponential)$/i, '').replace(/_k$/, ''));
    const sampler = BY_PLAIN_NAME.get(bare) ?? OTHER_NAMES[bare];
    const own = schedule !== undefined && /^(normal|automatic|uniform|simple|sgm.uniform)$/i.test(schedule);
    const named = found ?? (own && !/simple|sgm/i.test(schedule) ? 'normal' : undefined);
    return { samplerText: text, ...(sampler ? { sampler } : {}), ...(named ? { schedule: named } : {}) };
}

function scheduleIn(text: string): 'karras' | 'exponential' | undefined {
    if (/karras$|_k$/i.test(text)) return 'karras';
    return /exponential$/i.test(text) ? 'exponential' : undefined;
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
