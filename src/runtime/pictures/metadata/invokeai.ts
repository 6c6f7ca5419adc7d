/** The texts of InvokeAI: `invokeai_metadata` since version 3, `sd-metadata` before. */
import { type Found, numberOf, type Origin, type OriginLora, originOf, textOf } from '../../../plan/origin.ts';
import { samplerOf } from './sampler-names.ts';

type Json = Readonly<Record<string, unknown>>;

/** Undefined where the text is no such record. */
export function readInvokeMetadata(text: string, texts: Readonly<Record<string, string>>): Origin | undefined {
    const json = jsonOf(text);
    if (!json || !('positive_prompt' in json || 'seed' in json)) return undefined;
    const model = part(json['model']);
    const scheduler = textOf(json['scheduler']);
    const device = textOf(json['rand_device']);
    return originOf('invokeai', texts, {
        prompt: textOf(json['positive_prompt']),
        negative: textOf(json['negative_prompt']),
        ...numbers(json),
        ...(scheduler ? samplerOf(scheduler) : {}),
        model: textOf(model['name']) ?? textOf(model['model_name']),
        modelHash: textOf(model['hash']),
        clipSkip: numberOf(json['clip_skip']),
        strength: numberOf(json['strength']),
        noise: device === 'cpu' ? 'torch-cpu' : device === 'cuda' ? 'philox' : undefined,
        loras: lorasOf(json['loras']),
    });
}

/** The older record: settings under `image`, the prompt as a list of weighted texts or as one with [negative] parts. */
export function readInvokeLegacy(text: string, texts: Readonly<Record<string, string>>): Origin | undefined {
    const json = jsonOf(text);
    const image = part(json?.['image']);
    if (!json || image['prompt'] === undefined) return undefined;
    const written = Array.isArray(image['prompt'])
        ? image['prompt'].map((one) => textOf(part(one)['prompt']) ?? '').join(', ')
        : (textOf(image['prompt']) ?? '');
    const negative = [...written.matchAll(/\[([^\]]*)\]/g)].map(([, inside]) => inside!.trim()).join(', ');
    const sampler = textOf(image['sampler']);
    return originOf('invokeai', texts, {
        prompt: written.replace(/\s*\[[^\]]*\]/g, '').trim(),
        negative,
        ...numbers(image),
        ...(sampler ? samplerOf(sampler) : {}),
        model: textOf(json['model_weights']),
        modelHash: textOf(json['model_hash']),
        strength: numberOf(image['strength']),
    });
}

function numbers(json: Json): Found {
    return {
        seed: numberOf(json['seed']),
        steps: numberOf(json['steps']),
        guidance: numberOf(json['cfg_scale']),
        width: numberOf(json['width']),
        height: numberOf(json['height']),
    };
}

function lorasOf(list: unknown): OriginLora[] | undefined {
    if (!Array.isArray(list) || list.length === 0) return undefined;
    return list.map((one) => {
        const lora = part(part(one)['model'] ?? part(one)['lora']);
        return {
            name: textOf(lora['name']) ?? textOf(lora['model_name']) ?? '',
            weight: numberOf(part(one)['weight']) ?? 1,
        };
    });
}

function part(value: unknown): Json {
    return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function jsonOf(text: string): Json | undefined {
    try {
        const json: unknown = JSON.parse(text);
        return typeof json === 'object' && json !== null ? (json as Json) : undefined;
    } catch {
        return undefined;
    }
}
