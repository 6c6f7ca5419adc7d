/** Origin: how a picture was made, in one form for all tools that write it into their files. */
import type { SamplerName, ScheduleName } from './samplers.ts';
import type { BlockWeight } from './sites.ts';

export type Tool =
    | 'sdspec'
    | 'automatic1111'
    | 'comfyui'
    | 'invokeai'
    | 'fooocus'
    | 'novelai'
    | 'swarmui'
    /** Settings under the names that diffusers gives them, by a tool that does not name itself. */
    | 'other';

/** What a file does not say is absent. */
export interface Origin {
    readonly tool: Tool;
    /** The tool's version, as it writes it. */
    readonly version?: string;
    readonly prompt?: string;
    readonly negative?: string;
    /** Seeds have up to 64 bits in other tools: a `bigint` where a number would not be exact. */
    readonly seed?: number | bigint;
    readonly steps?: number;
    /** The sampler by its name in specs; absent where specs have none of the kind. */
    readonly sampler?: SamplerName;
    /** The schedule by its name in specs; absent where specs have none of the kind, or the file names none. */
    readonly schedule?: ScheduleName;
    /** As the tool writes the sampler. */
    readonly samplerText?: string;
    /** As the tool writes the schedule, where it does so apart from the sampler. */
    readonly scheduleText?: string;
    readonly guidance?: number;
    /** Guidance rescale; 0 is off. */
    readonly rescale?: number;
    readonly width?: number;
    readonly height?: number;
    readonly model?: string;
    /** As the tool writes it: often the first 10 digits of the file's sha256. */
    readonly modelHash?: string;
    /** Name of a VAE in place of the model's own. */
    readonly vae?: string;
    /** What the model predicts, where the file says it. */
    readonly prediction?: 'epsilon' | 'v';
    /** The noise schedule ends in pure noise. */
    readonly zeroSnr?: true;
    /** Layers left out at the end of the text encoder: 0 is none (other tools count from 1). */
    readonly clipSkip?: number;
    /** Of image to image. */
    readonly strength?: number;
    readonly eta?: number;
    readonly noise?: 'torch-cpu' | 'philox';
    readonly loras?: readonly OriginLora[];
    /** Learned embeddings that the prompts name. */
    readonly embeddings?: readonly string[];
    /** Whatever else the file says, or why a part of it could not be read: one sentence or `name: value` each. */
    readonly notes?: readonly string[];
    /** sdspec: the plan and its surroundings, as JSON has them. */
    readonly sdspec?: unknown;
    /** Everything the tool wrote, by keyword. */
    readonly texts: Readonly<Record<string, string>>;
}

export interface OriginLora {
    readonly name: string;
    /** Its weight in the U-Net. */
    readonly weight: number;
    /** Its weight in the text encoder, where it is another one. */
    readonly text?: number;
    /** Factors of its weight in the blocks of the U-Net, where it is not in all of them. */
    readonly blocks?: readonly BlockWeight[];
}

/** A mutable origin while it is read. */
export type Found = { -readonly [K in Exclude<keyof Origin, 'tool' | 'texts'>]?: NonNullable<Origin[K]> | undefined };

/** Returns the origin without what was not found. */
export function originOf(tool: Tool, texts: Readonly<Record<string, string>>, found: Found): Origin {
    const known = Object.entries(found).filter(
        ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
    );
    return { tool, ...Object.fromEntries(known), texts };
}

/** Returns a finite number from a number or its text. */
export function numberOf(value: unknown): number | undefined {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Returns a whole number exactly, as a `bigint` where a number would be rounded. */
export function seedOf(value: unknown): number | bigint | undefined {
    const text = typeof value === 'string' ? value.trim() : '';
    if (/^-?\d{1,40}$/.test(text)) {
        const exact = BigInt(text);
        const number = Number(exact);
        return Number.isSafeInteger(number) ? number : exact;
    }
    return numberOf(value);
}

export function textOf(value: unknown): string | undefined {
    return typeof value === 'string' ? value : undefined;
}

/** Longer values say too little to fill a spec with. */
const LONGEST_NOTE = 2000;

/** Returns `name: value` on one line; undefined for what says nothing (empty, null, `{}`). */
export function noteOf(name: string, value: unknown): string | undefined {
    if (value === undefined || value === null) return undefined;
    const text = (typeof value === 'string' ? value : String(JSON.stringify(value))).replace(/\s+/g, ' ').trim();
    if (text === '' || text === '{}' || text === '[]' || text === '""') return undefined;
    return `${name}: ${text.length > LONGEST_NOTE ? `${text.slice(0, LONGEST_NOTE)}…` : text}`;
}
