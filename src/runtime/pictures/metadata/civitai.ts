/** Civitai's list of resources: the models and LoRAs that its generator used, by name and version. */
import * as v from 'valibot';
import type { OriginLora } from '../../../plan/origin.ts';
import { parseJson } from './json.ts';

const Resources = v.pipe(
    v.array(
        v.object({
            type: v.optional(v.string(), 'resource'),
            weight: v.optional(v.number()),
            modelVersionId: v.optional(v.union([v.number(), v.string()])),
            modelName: v.optional(v.string(), ''),
            modelVersionName: v.optional(v.string(), ''),
        }),
    ),
    v.maxLength(200),
);

export interface CivitaiResources {
    readonly model?: string;
    readonly loras: readonly OriginLora[];
    readonly notes: readonly string[];
}

/** Reads the list; what can't be read stays a note. */
export function civitaiResources(text: string | undefined): CivitaiResources {
    if (text === undefined) return { loras: [], notes: [] };
    const { success, output } = v.safeParse(Resources, parseJson(text));
    if (!success) return { loras: [], notes: [`Civitai resources: ${text.slice(0, 300)}`] };
    const name = (one: (typeof output)[number]) => [one.modelName, one.modelVersionName].filter(Boolean).join(' ');
    const model = output.find(({ type }) => /^checkpoint$/i.test(type));
    const isLora = ({ type }: (typeof output)[number]) => /^(lora|lycoris|locon|dora)$/i.test(type);
    return {
        ...(model && name(model) ? { model: name(model) } : {}),
        loras: output
            .filter(isLora)
            .map((one) => ({ name: one.modelName || String(one.modelVersionId), weight: one.weight ?? 1 })),
        notes: output.map((one) => {
            const weight = one.weight === undefined ? '' : `, weight ${one.weight}`;
            const version = one.modelVersionId === undefined ? '' : `, version ${one.modelVersionId} of civitai.com`;
            return `Civitai ${one.type}: ${name(one)}${version}${weight}`;
        }),
    };
}
