/** Adapter files (LoRA, LoCon, LoHa, LoKr, DoRA, full differences): every entry changes a weight, or the file is refused. */
import { basename } from 'node:path';
import { foreignFamily } from '../../plan/model-file/families.ts';
import { type BlockWeight, blockOfModule } from '../../plan/sites.ts';
import { ModelError } from '../weights/model-error.ts';
import type { Checkpoint, PartTensors } from '../weights/parts.ts';
import { readSafetensors, type TensorLocation } from '../weights/safetensors.ts';
import { refusePickle } from '../weights/single-file/named-part.ts';
import type { WeightChange } from '../weights/weight-change.ts';
import { changeFits } from './fit.ts';
import { changesOf } from './module-changes.ts';
import { readModules } from './modules.ts';
import { adapterScales } from './scale.ts';
import { type Target, targetsOf } from './targets.ts';

/** An adapter and how strongly it is applied. */
export interface ReadAdapter {
    readonly path: string;
    readonly weight: number;
    /** Factors of `weight` in these blocks of the U-Net, and 0 in all others. Absent: 1 everywhere. */
    readonly blocks?: readonly BlockWeight[];
}

/**
 * The checkpoint with adapters applied to U-Net and text encoder. What they change is computed when a session is made;
 * nothing is written. Throws `ModelError` where a file fits another family of models, or holds what can't be applied.
 */
export function applyAdapters(checkpoint: Checkpoint, adapters: readonly ReadAdapter[]): Checkpoint {
    let changed = checkpoint;
    for (const adapter of adapters) changed = applyOne(changed, adapter);
    return changed;
}

function applyOne(checkpoint: Checkpoint, adapter: ReadAdapter): Checkpoint {
    const { path } = adapter;
    refusePickle(path);
    const file = readSafetensors(path);
    const family = foreignFamily(file.tensors, 'adapter');
    if (family) throw new ModelError('model/unsupported', `"${path}" is ${family.what}; ${family.instead}`);
    const { modules, bundled } = readModules(file.tensors, path);
    const targetOf = targetsOf(checkpoint);
    const scaleOf = adapterScales(file, path);
    const parts = { unet: checkpoint.unet.weights, text: checkpoint.textEncoder.weights };
    const changes = { unet: new Map<string, WeightChange[]>(), text: new Map<string, WeightChange[]>() };
    for (const [name, module] of modules) {
        const target = targetOf(name);
        if (!target) throw misfit(path, name, 'the model has no such layer', file.tensors);
        const tensors = parts[target.part].tensors;
        const weight = weightAt(target, adapter, checkpoint);
        for (const [role, change] of changesOf({
            path,
            name,
            module,
            scaleOf,
            weight,
            weights: tensors.get(`${target.name}.weight`)!,
        })) {
            const tensor = `${target.name}.${role}`;
            // Attention's projections have no bias; one that the file brings is added.
            const own = tensors.get(tensor) ?? biasOf(tensors.get(`${target.name}.weight`)!);
            if (!changeFits(change, own))
                throw misfit(path, name, `[${own.shape}] is not what it was made for`, file.tensors);
            // At weight 0 a DoRA would still bring its magnitudes: nothing of the adapter is wanted.
            if (weight !== 0) changes[target.part].set(tensor, [...(changes[target.part].get(tensor) ?? []), change]);
        }
    }
    return {
        ...checkpoint,
        unet: { ...checkpoint.unet, weights: add(parts.unet, changes.unet) },
        textEncoder: { ...checkpoint.textEncoder, weights: add(parts.text, changes.text) },
        notices: [...checkpoint.notices, ...bundledNotices(bundled, path)],
    };
}

/** What a module is multiplied by: the text encoder, and what belongs to no block of the U-Net, have the whole weight. */
function weightAt({ part, name }: Target, { weight, blocks }: ReadAdapter, { unet }: Checkpoint): number {
    const own = part === 'unet' && blocks ? blockOfModule(name, unet.config) : undefined;
    return own === undefined ? weight : weight * (blocks?.find(({ block }) => block === own)?.weight ?? 0);
}

/** The place of a bias beside a weight that has none. */
function biasOf(weight: TensorLocation): TensorLocation {
    return { ...weight, shape: weight.shape.slice(0, 1) };
}

function add(weights: PartTensors, more: ReadonlyMap<string, readonly WeightChange[]>): PartTensors {
    const changes = new Map(weights.changes);
    for (const [name, list] of more) changes.set(name, [...(changes.get(name) ?? []), ...list]);
    return { ...weights, changes };
}

/** A module that fits no layer: the width of the texts that the file was made for shows its family. */
function misfit(path: string, module: string, why: string, tensors: ReadonlyMap<string, TensorLocation>): ModelError {
    const families: Readonly<Record<number, string>> = {
        768: 'Stable Diffusion 1',
        1024: 'Stable Diffusion 2',
        2048: 'SDXL',
    };
    let family: string | undefined;
    for (const [name, { shape }] of tensors) {
        if (/attn2[._]to_[kv]\b.*(?:lora_down|lora_A|lora\.down)/.test(name)) family ??= families[shape[1] ?? 0];
    }
    const made = family ? `It was made for ${family}.` : 'It was made for another family of models.';
    return new ModelError('model/unsupported', `"${basename(path)}" changes "${module}", but ${why}. ${made}`);
}

function bundledNotices(words: readonly string[], path: string): readonly string[] {
    if (words.length === 0) return [];
    const [first] = words;
    const names = words.map((word) => `"${word}"`).join(', ');
    return [
        `"${basename(path)}" holds learned words as well (${names}), which count only where they are declared: \`embedding ${first} = "./${basename(path)}"\`, and \`<${first}>\` in the prompt.`,
    ];
}
