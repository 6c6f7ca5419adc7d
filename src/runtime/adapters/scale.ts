/** How strongly an adapter's module counts: alpha and rank from tensors, the header, or peft's configuration beside the file. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ModelError } from '../weights/model-error.ts';
import type { SafetensorsFile } from '../weights/safetensors.ts';

/** Scale of a module of this rank: alpha / rank, or alpha / √rank for rsLoRA (Kalajdzievski 2023, arXiv 2312.03732). */
export type ScaleOf = (module: string, rank: number, alpha: number | undefined) => number;

interface Settings {
    readonly alpha?: number;
    readonly alphaPattern: Readonly<Record<string, number>>;
    readonly isRankStabilised: boolean;
}

/**
 * A module's own alpha tensor counts first, then what the header or `adapter_config.json` says for it; where nothing is
 * said, alpha is the rank, and the scale 1. An alpha of 0 means the same, as in kohya's files.
 */
export function adapterScales(file: SafetensorsFile, path: string): ScaleOf {
    const settings = settingsOf(file, path);
    return (module, rank, own) => {
        const { part, rest } = partOf(module);
        const { alpha: common, alphaPattern, isRankStabilised } = settings(part);
        const alpha = own || matching(alphaPattern, rest) || common || undefined;
        if (alpha === undefined) return 1;
        return alpha / (isRankStabilised ? Math.sqrt(rank) : rank);
    };
}

/** `unet` and the rest of a module's path, as peft matches its patterns against the rest. */
function partOf(module: string): { readonly part: string; readonly rest: string } {
    const [part = '', rest = ''] = /^(unet|text_encoder|transformer)\.(.*)$/.exec(module)?.slice(1) ?? [];
    return part ? { part, rest } : { part: '', rest: module.replace(/^base_model\.model\./, '') };
}

/** The value of the first pattern that fits the module's end, as peft's `get_pattern_key` does: `re.match(rf"(.*\.)?({key})$")`. */
function matching(patterns: Readonly<Record<string, number>>, module: string): number | undefined {
    for (const [pattern, value] of Object.entries(patterns)) {
        try {
            if (new RegExp(`^(?:.*\\.)?(?:${pattern})$`).test(module)) return value;
        } catch {
            if (module === pattern || module.endsWith(`.${pattern}`)) return value; // No regular expression: a name.
        }
    }
    return undefined;
}

function settingsOf(file: SafetensorsFile, path: string): (part: string) => Settings {
    const { metadata } = file;
    const record = parsed(metadata.lora_adapter_metadata, path) ?? besides(path) ?? metadata;
    const known = new Map<string, Settings>();
    return (part) => {
        const found = known.get(part) ?? read(record, part, path);
        known.set(part, found);
        return found;
    };
}

/** Settings of one part: `unet.lora_alpha`, or `lora_alpha` for the whole file, as numbers or as text. */
function read(record: Readonly<Record<string, unknown>>, part: string, path: string): Settings {
    // A file without the parts' names holds the one part that its header speaks of.
    const prefixes = part ? [`${part}.`, ''] : ['', 'unet.', 'transformer.', 'text_encoder.'];
    const field = (...names: readonly string[]) => {
        for (const prefix of prefixes)
            for (const name of names) if (isSaid(record[prefix + name])) return record[prefix + name];
        return undefined;
    };
    const number = (value: unknown) => (value === undefined ? undefined : numberOf(value, path));
    const alpha = number(field('lora_alpha', 'network_alpha', 'alpha'));
    return {
        ...(alpha !== undefined && { alpha }),
        alphaPattern: patternsOf(field('alpha_pattern'), path),
        isRankStabilised: /^(?:true|1)$/i.test(String(field('use_rslora') ?? '')),
    };
}

function isSaid(value: unknown): boolean {
    return value != null && !/^(?:none|null|)$/i.test(String(value));
}

function patternsOf(value: unknown, path: string): Readonly<Record<string, number>> {
    const record = typeof value === 'string' ? parsed(value, path) : value;
    if (typeof record !== 'object' || record === null) return {};
    return Object.fromEntries(Object.entries(record).map(([pattern, one]) => [pattern, numberOf(one, path)]));
}

function numberOf(value: unknown, path: string): number {
    const found = Number(value);
    if (Number.isFinite(found)) return found;
    throw new ModelError(
        'model/broken-file',
        `"${path}": its header says alpha ${JSON.stringify(value)}, which is no number.`,
    );
}

function parsed(text: string | undefined, path: string): Readonly<Record<string, unknown>> | undefined {
    if (text === undefined) return undefined;
    try {
        const value: unknown = JSON.parse(text);
        if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    } catch (cause) {
        throw new ModelError(
            'model/broken-file',
            `"${path}": the adapter's settings in its header are not valid JSON.`,
            { cause },
        );
    }
    throw new ModelError('model/broken-file', `"${path}": the adapter's settings in its header are no JSON object.`);
}

/** peft's configuration, which is stored beside the `adapter_model.safetensors` that it belongs to. */
function besides(path: string): Readonly<Record<string, unknown>> | undefined {
    if (!/^adapter_model\b/.test(basename(path))) return undefined;
    const file = join(dirname(path), 'adapter_config.json');
    return existsSync(file) ? parsed(readFileSync(file, 'utf8'), file) : undefined;
}
