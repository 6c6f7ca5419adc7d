/** Origin: how a picture was made, in one form for all tools that write it into their files. */
import type { SamplerName } from './samplers.ts';

export type Tool = 'sdspec' | 'automatic1111' | 'comfyui' | 'invokeai';

/** What a file does not say is absent. */
export interface Origin {
    readonly tool: Tool;
    readonly prompt?: string;
    readonly negative?: string;
    readonly seed?: number;
    readonly steps?: number;
    /** The sampler by its name in specs; absent where specs have none of the kind. */
    readonly sampler?: SamplerName;
    readonly schedule?: 'normal' | 'karras' | 'exponential';
    /** As the tool writes the sampler. */
    readonly samplerText?: string;
    readonly guidance?: number;
    readonly width?: number;
    readonly height?: number;
    readonly model?: string;
    /** As the tool writes it: often the first 10 digits of the file's sha256. */
    readonly modelHash?: string;
    /** Layers left out at the end of the text encoder: 0 is none (other tools count from 1). */
    readonly clipSkip?: number;
    /** Of image to image. */
    readonly strength?: number;
    readonly eta?: number;
    readonly noise?: 'torch-cpu' | 'philox';
    readonly loras?: readonly OriginLora[];
    /** sdspec: the plan and its surroundings, as JSON has them. */
    readonly sdspec?: unknown;
    /** Everything the tool wrote, by keyword. */
    readonly texts: Readonly<Record<string, string>>;
}

export interface OriginLora {
    readonly name: string;
    readonly weight: number;
}

/** A mutable origin while it is read. */
export type Found = { -readonly [K in Exclude<keyof Origin, 'tool' | 'texts'>]?: NonNullable<Origin[K]> | undefined };

/** The same without what was not found. */
export function originOf(tool: Tool, texts: Readonly<Record<string, string>>, found: Found): Origin {
    const known = Object.entries(found).filter(([, value]) => value !== undefined && value !== '');
    return { tool, ...Object.fromEntries(known), texts };
}

/** A finite number from a number or its text. */
export function numberOf(value: unknown): number | undefined {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function textOf(value: unknown): string | undefined {
    return typeof value === 'string' ? value : undefined;
}
