/** The texts of InvokeAI: `invokeai_metadata` since version 3, `sd-metadata` before. */
import {
    type Found,
    noteOf,
    numberOf,
    type Origin,
    type OriginLora,
    originOf,
    seedOf,
    textOf,
} from '../../../plan/origin.ts';
import { samplerOf } from '../../../plan/other-tools/sampler-names.ts';
import { parseJson } from './json.ts';
import { type Json, recordOf, Settings } from './record.ts';

/** Undefined where the text is no such record. */
export function readInvokeMetadata(text: string, texts: Readonly<Record<string, string>>): Origin | undefined {
    const json = recordOf(parseJson(text));
    if (!json || !('positive_prompt' in json || 'seed' in json)) return undefined;
    const settings = new Settings(json);
    const model = recordOf(settings.key('model')) ?? {};
    const vae = recordOf(settings.key('vae')) ?? {};
    const device = textOf(settings.key('rand_device'));
    const loras = lorasOf(settings.key('loras'));
    if (json['generation_mode'] === 'txt2img') settings.key('generation_mode');
    return originOf('invokeai', texts, {
        prompt: settings.text('prompt'),
        negative: settings.text('negative'),
        ...numbers(settings),
        ...samplerIn(settings),
        rescale: settings.number('rescale') || undefined,
        model: nameOf(model),
        modelHash: textOf(model['hash']),
        vae: nameOf(vae),
        // Layers left out, counted from 0.
        clipSkip: settings.number('clipSkip'),
        strength: settings.number('strength'),
        noise: device === 'cpu' ? 'torch-cpu' : device === 'cuda' ? 'philox' : undefined,
        loras: loras.list,
        version: settings.text('version'),
        notes: [...loras.notes, ...settings.rest()],
    });
}

/** The older record: settings under `image`, the prompt as a list of weighted texts or as one with [negative] parts. */
export function readInvokeLegacy(text: string, texts: Readonly<Record<string, string>>): Origin | undefined {
    const json = recordOf(parseJson(text));
    const image = recordOf(json?.['image']);
    if (!json || image?.['prompt'] === undefined) return undefined;
    const outer = new Settings(json);
    outer.key('image');
    const settings = new Settings(image);
    const { written, notes } = legacyPrompt(settings.key('prompt'));
    const negative = [...written.matchAll(/\[([^\]]*)\]/g)].map(([, inside]) => inside!.trim()).join(', ');
    return originOf('invokeai', texts, {
        prompt: written.replace(/\s*\[[^\]]*\]/g, '').trim(),
        negative,
        ...numbers(settings),
        ...samplerIn(settings),
        model: textOf(outer.key('model_weights')),
        modelHash: textOf(outer.key('model_hash')),
        strength: settings.number('strength'),
        version: outer.text('version'),
        notes: [...notes, ...settings.rest(), ...outer.rest()],
    });
}

/** Weights of several texts have a comment only: their sum is one prompt. */
function legacyPrompt(value: unknown): { readonly written: string; readonly notes: readonly string[] } {
    const parts = (Array.isArray(value) ? value : [{ prompt: value }]).map(
        (one): Json => recordOf(one) ?? { prompt: one },
    );
    const written = parts.map((one) => textOf(one['prompt']) ?? '').join(', ');
    const weighted =
        parts.length > 1 || parts.some((one) => one['weight'] !== undefined && numberOf(one['weight']) !== 1);
    return { written, notes: weighted ? [noteOf('Several prompts are mixed', value) ?? ''] : [] };
}

/** The schedule is part of the sampler's name; without one it is the normal one. */
function samplerIn(settings: Settings): Found {
    const sampler = settings.text('sampler') ?? settings.text('scheduler');
    if (!sampler) return {};
    const { scheduleText: _, ...found } = samplerOf(sampler, 'normal');
    return found;
}

function numbers(settings: Settings): Found {
    return {
        seed: seedOf(settings.find('seed')),
        steps: settings.number('steps'),
        guidance: settings.number('guidance'),
        width: settings.number('width'),
        height: settings.number('height'),
    };
}

function lorasOf(value: unknown): { readonly list: readonly OriginLora[]; readonly notes: readonly string[] } {
    const list: OriginLora[] = [];
    const notes: string[] = [];
    for (const one of Array.isArray(value) ? value : []) {
        const json = recordOf(one) ?? {};
        const name = nameOf(recordOf(json['model'] ?? json['lora']) ?? {});
        if (name) list.push({ name, weight: numberOf(json['weight']) ?? 1 });
        else notes.push(noteOf('lora', one) ?? '');
    }
    return { list, notes };
}

function nameOf(model: Json): string | undefined {
    return textOf(model['name']) ?? textOf(model['model_name']);
}
