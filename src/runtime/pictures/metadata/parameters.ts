/** Writes the `parameters` text of AUTOMATIC1111's web UI, which most tools read. */

import { A1111_NAMES } from '../../../plan/other-tools/sampler-names.ts';
import type { SamplerName, ScheduleName } from '../../../plan/samplers.ts';

export interface ParametersSource {
    readonly prompt?: string;
    readonly negative?: string;
    readonly steps?: number;
    readonly sampler?: SamplerName;
    readonly schedule?: ScheduleName;
    readonly guidance?: number;
    readonly rescale?: number;
    /** Where the scale is not the same at all steps: `1 x 5, 7 x 15, 1 x 5`. */
    readonly guidanceOverSteps?: string;
    /** What is kept over steps instead of computed again: `deep every 3`. */
    readonly cache?: string;
    /** Where it is less than 32 bits. */
    readonly precision?: string;
    readonly seed?: number;
    readonly width?: number;
    readonly height?: number;
    readonly model?: string;
    /** AutoV2: the first 10 digits of the file's sha256. */
    readonly modelHash?: string;
    readonly strength?: number;
    /** Layers left out at the end of the text encoder; the text counts from 1. */
    readonly clipSkip?: number;
    readonly eta?: number;
    readonly noise?: 'torch-cpu' | 'philox';
    /** AutoV3 by name: the first 12 digits of the sha256 of a LoRA's tensors. */
    readonly loraHashes?: Readonly<Record<string, string>>;
    /** By name: the first 12 digits of the sha256 of a learned embedding's file. */
    readonly embeddingHashes?: Readonly<Record<string, string>>;
    /** Names the tool that writes. */
    readonly version: string;
}

/** Prompt, negative prompt, then one line of `Key: value` pairs in the web UI's order. */
export function parametersText(source: ParametersSource): string {
    const { prompt = '', negative, sampler, schedule = 'normal', clipSkip = 0, width, height, noise } = source;
    const pairs: [string, string | number | undefined][] = [
        ['Steps', source.steps],
        ['Sampler', sampler && A1111_NAMES[sampler]],
        // Always: where it is left out, readers take a default of their own.
        ['Schedule type', sampler && capital(schedule)],
        ['CFG scale', source.guidance],
        ['Seed', source.seed],
        ['Size', width && height ? `${width}x${height}` : undefined],
        ['Model hash', source.modelHash],
        ['Model', source.model],
        ['Denoising strength', source.strength],
        ['Clip skip', clipSkip > 0 ? clipSkip + 1 : undefined],
        ['Eta', source.eta],
        ['CFG Rescale', source.rescale],
        ['Guidance over steps', source.guidanceOverSteps],
        ['Cache', source.cache],
        ['Precision', source.precision],
        ['RNG', noise && { 'torch-cpu': 'CPU', philox: 'NV' }[noise]],
        ['Lora hashes', hashesText(source.loraHashes)],
        ['TI hashes', hashesText(source.embeddingHashes)],
        ['Version', source.version],
    ];
    const line = pairs.flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${quoted(String(value))}`]));
    return [prompt, ...(negative ? [`Negative prompt: ${negative}`] : []), line.join(', ')].join('\n');
}

/** Literal text in the web UI's notation: brackets that mean no emphasis are escaped. */
export function escapedWords(text: string): string {
    return text.replace(/[\\()[\]]/g, '\\$&');
}

function hashesText(hashes: Readonly<Record<string, string>> = {}): string | undefined {
    const pairs = Object.entries(hashes).map(([name, hash]) => `${name}: ${hash}`);
    return pairs.length > 0 ? pairs.join(', ') : undefined;
}

function quoted(value: string): string {
    return /[,:\n"[{|]/.test(value) || value.trim() !== value ? JSON.stringify(value) : value;
}

function capital(word: string): string {
    return word[0]!.toUpperCase() + word.slice(1);
}
