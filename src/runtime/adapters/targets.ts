/** Which weight of a model a module of an adapter means, in the names of every tool that writes adapters. */

import type { Checkpoint } from '../weights/parts.ts';
import { unetLdmName } from '../weights/single-file/ldm-names.ts';

export interface Target {
    readonly part: 'unet' | 'text';
    /** The weight's name without `.weight`. */
    readonly name: string;
}

/** Beginnings that name a part, by the tools that write them; the longest come first. */
const PREFIXES: readonly (readonly [RegExp, Target['part'] | 'either'])[] = [
    [/^base_model[._]model[._]/, 'either'],
    [/^(?:lora_unet|lycoris_unet|model[._]diffusion_model|diffusion_model|unet)[._]/, 'unet'],
    [
        /^(?:lora_te1?|text_encoder|text_encoders?[._]clip_l|cond_stage_model|clip_l)[._](?:transformer[._])?(?:text_model[._])?/,
        'text',
    ],
    [/^text_model[._]/, 'text'],
    [/^lycoris[._]/, 'either'],
];

/** Resolves modules of adapter files for a checkpoint. */
export function targetsOf(checkpoint: Checkpoint): (module: string) => Target | undefined {
    const tables = { unet: new Map<string, string>(), text: new Map<string, string>() };
    for (const name of modulesOf(checkpoint.unet.weights.tensors)) {
        tables.unet.set(flat(name), name);
        // kohya writes LDM's names for SDXL always, and for SD1 where its option says so; ComfyUI writes them too.
        tables.unet.set(flat(unetLdmName(`${name}.`).slice(0, -1)), name);
    }
    for (const name of modulesOf(checkpoint.textEncoder.weights.tensors)) tables.text.set(flat(name), name);
    return (module) => {
        let [rest, part]: [string, Target['part'] | 'either'] = [module, 'either'];
        for (let again = true; again; ) {
            const found = PREFIXES.find(([pattern]) => pattern.test(rest));
            again = found !== undefined && (part === 'either' || found[1] === part || found[1] === 'either');
            if (!found || !again) break;
            rest = rest.replace(found[0], '');
            if (found[1] !== 'either') part = found[1];
        }
        for (const one of part === 'either' ? (['unet', 'text'] as const) : [part]) {
            const name = tables[one].get(flat(rest));
            if (name !== undefined) return { part: one, name };
        }
        return undefined;
    };
}

function modulesOf(tensors: ReadonlyMap<string, unknown>): readonly string[] {
    return [...tensors.keys()]
        .filter((name) => name.endsWith('.weight'))
        .map((name) => name.slice(0, -'.weight'.length));
}

/** kohya writes paths with underscores, which can't be taken back. */
function flat(path: string): string {
    return path.replaceAll('.', '_');
}
