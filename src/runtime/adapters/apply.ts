/** Adapter files (LoRA, LoCon, LoHa, LoKr, DoRA, full differences): every entry changes a weight, or the file is refused. */
import { basename } from 'node:path';
import { foreignFamily } from '../../plan/model-file/families.ts';
import { BUNDLED } from '../../plan/model-file/head.ts';
import { type BlockWeight, blockOfModule } from '../../plan/sites.ts';
import { ModelError } from '../weights/model-error.ts';
import type { Checkpoint, PartTensors } from '../weights/parts.ts';
import { readTensor } from '../weights/read-tensor.ts';
import { readSafetensors, type TensorLocation } from '../weights/safetensors.ts';
import { refusePickle } from '../weights/single-file/named-part.ts';
import type { Delta, Factor, WeightChange } from '../weights/weight-change.ts';
import { type EntryRole, entryOf } from './entries.ts';
import { adapterScales, type ScaleOf } from './scale.ts';
import { type Target, targetsOf } from './targets.ts';

/** An adapter and how strongly it is applied. */
export interface ReadAdapter {
    readonly path: string;
    readonly weight: number;
    /** Factors of `weight` in these blocks of the U-Net, and 0 in all others. Absent: 1 everywhere. */
    readonly blocks?: readonly BlockWeight[];
}

/** The entries of one module by role. */
type Module = { [Role in EntryRole]?: TensorLocation };

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
            if (!fits(change, own))
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

function readModules(
    tensors: ReadonlyMap<string, TensorLocation>,
    path: string,
): { readonly modules: ReadonlyMap<string, Module>; readonly bundled: readonly string[] } {
    const modules = new Map<string, Module>();
    const bundled = new Set<string>();
    const unknown: string[] = [];
    for (const [name, location] of tensors) {
        const entry = entryOf(name);
        const word = BUNDLED.exec(name)?.[1];
        if (word !== undefined) bundled.add(word);
        else if (!entry) unknown.push(name);
        else modules.set(entry.module, { ...modules.get(entry.module), [entry.role]: location });
    }
    if (modules.size === 0) {
        throw new ModelError(
            'model/unsupported',
            `"${path}" is no LoRA: it holds no matrices that change a model's layers.`,
        );
    }
    if (unknown.length > 0) {
        const more = unknown.length > 1 ? ` and ${unknown.length - 1} more` : '';
        throw new ModelError(
            'model/unread-tensor',
            `"${path}" holds entries that are not understood and would be left out: "${unknown[0]}"${more}. LoRA, LoCon, LoHa, LoKr and DoRA are supported, with biases and norms.`,
        );
    }
    return { modules, bundled: [...bundled] };
}

interface Reading {
    readonly path: string;
    readonly name: string;
    readonly module: Module;
    readonly scaleOf: ScaleOf;
    readonly weight: number;
    /** The weight that the module changes. */
    readonly weights: TensorLocation;
}

/** What a module does to its layer's weight and bias. Throws where an entry is left over. */
function changesOf(reading: Reading): readonly (readonly ['weight' | 'bias', WeightChange])[] {
    const { module, weight, weights } = reading;
    const { difference, biasDifference, upBias } = module;
    const magnitude = module.magnitude ?? module.doraScale;
    const main = mainDelta(reading);
    const found: (readonly ['weight' | 'bias', WeightChange])[] = [];
    if (magnitude) {
        if (!main) throw faulty(reading, 'holds a magnitude without its matrices');
        found.push([
            'weight',
            {
                kind: 'decomposed',
                delta: main.delta,
                magnitude,
                along: alongOf(magnitude, weights, magnitude === module.magnitude),
            },
        ]);
    } else if (main) found.push(['weight', main.delta]);
    if (difference) found.push(['weight', { kind: 'difference', values: difference, scale: weight }]);
    if (biasDifference) found.push(['bias', { kind: 'difference', values: biasDifference, scale: weight }]);
    if (upBias) {
        if (!main) throw faulty(reading, 'holds the bias of an up matrix without the matrix');
        found.push(['bias', { kind: 'difference', values: upBias, scale: main.delta.scale }]);
    }
    if (found.length === 0) throw faulty(reading, 'holds an alpha and no matrices');
    return found;
}

/** The one product that a module stores, in whichever form. */
function mainDelta(reading: Reading): { readonly delta: Delta } | undefined {
    const { module } = reading;
    const { up, down, mid } = module;
    const deltas: Delta[] = [];
    if (up || down || mid) {
        if (!up || !down) throw lacks(reading, 'its up or down matrix');
        const rank = down.shape[0] ?? 0;
        if (rank === 0 || up.shape[1] !== (mid ? mid.shape[0] : rank))
            throw faulty(reading, 'holds matrices of different ranks');
        deltas.push({ kind: 'low-rank', up, down, ...(mid && { mid }), scale: scaleIn(reading, rank) });
    }
    const hadamard = [module.hadaFirstA, module.hadaFirstB, module.hadaSecondA, module.hadaSecondB] as const;
    if (hadamard.some(Boolean)) {
        const [a1, b1, a2, b2] = hadamard;
        if (!a1 || !b1 || !a2 || !b2) throw lacks(reading, 'one of its four Hadamard matrices');
        if (Boolean(module.hadaFirstCore) !== Boolean(module.hadaSecondCore))
            throw lacks(reading, 'one of its two cores');
        deltas.push({
            kind: 'hadamard',
            first: { a: a1, b: b1, ...(module.hadaFirstCore && { core: module.hadaFirstCore }) },
            second: { a: a2, b: b2, ...(module.hadaSecondCore && { core: module.hadaSecondCore }) },
            scale: scaleIn(reading, b1.shape[0] ?? 1),
        });
    }
    const first = factorOf(reading, module.lokrFirst, module.lokrFirstA, module.lokrFirstB);
    const second = factorOf(reading, module.lokrSecond, module.lokrSecondA, module.lokrSecondB, module.lokrSecondCore);
    if (first || second) {
        if (!first || !second) throw lacks(reading, 'one of its two Kronecker factors');
        // Both factors whole: there is no rank, and alpha says nothing.
        const ranked = 'b' in first ? first.b : 'b' in second ? second.b : undefined;
        const scale = ranked ? scaleIn(reading, ranked.shape[0] ?? 1) : reading.weight;
        deltas.push({ kind: 'kronecker', first, second, scale });
    }
    if (deltas.length > 1) throw faulty(reading, 'mixes several forms (LoRA, LoHa, LoKr)');
    return deltas[0] && { delta: deltas[0] };
}

function factorOf(
    reading: Reading,
    whole: TensorLocation | undefined,
    a: TensorLocation | undefined,
    b: TensorLocation | undefined,
    core?: TensorLocation,
): Factor | undefined {
    if (whole) return { whole };
    if (!a && !b) return undefined;
    if (!a || !b) throw lacks(reading, 'one of the matrices of a Kronecker factor');
    return { a, b, ...(core && { core }) };
}

function scaleIn({ name, module, scaleOf, weight }: Reading, rank: number): number {
    const alpha = module.alpha && readTensor(module.alpha).data[0];
    return weight * scaleOf(name, rank, alpha);
}

/** One magnitude per output: rows; per input: columns. The position of the ones decides where a layer is square. */
function alongOf(magnitude: TensorLocation, weights: TensorLocation, isPeft: boolean): 'rows' | 'columns' {
    const [first = 1, second = 1] = magnitude.shape;
    const isColumns = first === 1 && second !== 1 && second === weights.shape[1] && magnitude.shape.length > 1;
    // peft stores the magnitudes of a convolution's outputs as [1, out, 1, 1], LyCORIS those of its inputs as [1, in, 1, 1].
    return isColumns && !(isPeft && weights.shape.length === 4 && second === weights.shape[0]) ? 'columns' : 'rows';
}

/** Whether a change has as many values as the tensor that it changes. */
function fits(change: WeightChange, own: TensorLocation): boolean {
    const [out = 1, ...rest] = own.shape;
    const columns = sizeOf(rest);
    switch (change.kind) {
        case 'difference':
            return sizeOf(change.values.shape) === out * columns;
        case 'decomposed': {
            const sides = change.along === 'rows' ? out : rest[0];
            return sizeOf(change.magnitude.shape) === sides && fits(change.delta, own);
        }
        case 'low-rank': {
            const { up, down, mid } = change;
            if (up.shape[0] !== out) return false;
            if (mid)
                return (
                    mid.shape[1] === down.shape[0] &&
                    sizeOf(down.shape) / down.shape[0]! === rest[0] &&
                    sizeOf(mid.shape.slice(2)) === sizeOf(rest.slice(1))
                );
            return sizeOf(down.shape) / down.shape[0]! === columns;
        }
        case 'hadamard':
            return [change.first, change.second].every((factor) => {
                if ('whole' in factor) return sizeOf(factor.whole.shape) === out * columns;
                const { a, b, core } = factor;
                const rank = b.shape[0] ?? 1;
                if (core)
                    return (
                        sizeOf(a.shape) === core.shape[0]! * out && sizeOf(b.shape) === core.shape[1]! * (rest[0] ?? 1)
                    );
                return sizeOf(a.shape) === out * rank && sizeOf(b.shape) === rank * columns;
            });
        case 'kronecker': {
            const size = (factor: Factor) => {
                if ('whole' in factor) return sizeOf(factor.whole.shape);
                const { a, b, core } = factor;
                const [i = 1, j = 1, ...kernel] = core?.shape ?? [b.shape[0], b.shape[0]];
                return (sizeOf(a.shape) / i!) * (sizeOf(b.shape) / j!) * sizeOf(kernel as number[]);
            };
            return size(change.first) * size(change.second) === out * columns;
        }
    }
}

function sizeOf(shape: readonly number[]): number {
    return shape.reduce((product, side) => product * side, 1);
}

function add(weights: PartTensors, more: ReadonlyMap<string, readonly WeightChange[]>): PartTensors {
    const changes = new Map(weights.changes);
    for (const [name, list] of more) changes.set(name, [...(changes.get(name) ?? []), ...list]);
    return { ...weights, changes };
}

function lacks(reading: Reading, what: string): ModelError {
    return faulty(reading, `lacks ${what}`);
}

function faulty({ path, name }: Reading, what: string): ModelError {
    return new ModelError('model/missing-tensor', `"${path}": the module "${name}" ${what}. Download the file again.`);
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
