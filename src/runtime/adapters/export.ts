/** Exports: a model with what was learnt merged into its weights, a learnt ControlNet, a learnt file of half the size. */
import { copyFileSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { Tensor } from '../tensor.ts';
import { openCheckpoint } from '../weights/checkpoint.ts';
import { CONTROLNET_CONFIG } from '../weights/controlnet.ts';
import { ModelError } from '../weights/model-error.ts';
import type { PartTensors } from '../weights/parts.ts';
import { readTensor } from '../weights/read-tensor.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import type { WeightChange } from '../weights/weight-change.ts';
import { parseConfig } from '../weights/weight-files.ts';
import { writeSafetensors } from '../weights/write-safetensors.ts';
import { withTemporary, writeError } from '../write-whole.ts';
import { applyAdapters, type ReadAdapter } from './apply.ts';

/**
 * Writes the diffusers folder `model` to `folder`, which must not be there yet, with the U-Net's weights as the adapters
 * leave them, in 32 bits. Throws `ModelError` where the model is a single file, or an adapter changes more than the U-Net.
 */
export function exportModel(model: string, adapters: readonly ReadAdapter[], folder: string): void {
    const checkpoint = applyAdapters(openCheckpoint(model), adapters);
    if (checkpoint.form !== 'diffusers') {
        const message = `"${basename(model)}" is a single file; export the same model from its diffusers folder.`;
        throw new ModelError('model/unsupported', message);
    }
    if (checkpoint.textEncoder.weights.changes?.size) {
        const message =
            'The text encoder is changed as well, which an export can not hold yet: apply the file in a spec.';
        throw new ModelError('model/unsupported', message);
    }
    if (existsSync(folder))
        throw new ModelError('model/unsupported', `"${folder}" is there already: name a new folder.`);
    const part = `${resolve(folder)}.part`;
    rmSync(part, { recursive: true, force: true });
    try {
        const isWeights = (file: string) =>
            /^unet[/\\].*\.(safetensors|bin|json)$/.test(file) && !file.endsWith('config.json');
        cpSync(model, part, {
            recursive: true,
            dereference: true,
            filter: (file) => !isWeights(relative(model, file)),
        });
        mkdirSync(join(part, 'unet'), { recursive: true });
        writeSafetensors(
            join(part, 'unet', 'diffusion_pytorch_model.safetensors'),
            merged(checkpoint.unet.weights),
            {},
        );
        renameSync(part, folder);
    } catch (error) {
        rmSync(part, { recursive: true, force: true });
        throw error;
    }
}

/** Every tensor of a part, with its changes computed. */
function merged({ tensors, changes }: PartTensors): ReadonlyMap<string, Tensor> {
    return new Map(
        [...tensors].map(([name, location]) => {
            const tensor = readTensor(location);
            const data = tensor.data.slice();
            for (const change of changes?.get(name) ?? []) add(data, change, name);
            return [name, { data, dims: tensor.dims }];
        }),
    );
}

/** Adds a change to a weight in place. */
function add(weight: Float32Array, change: WeightChange, name: string): void {
    switch (change.kind) {
        case 'difference': {
            const { data } = readTensor(change.values);
            for (let at = 0; at < weight.length; at++) weight[at]! += change.scale * data[at]!;
            return;
        }
        case 'low-rank': {
            if (change.mid) break;
            const [up, down] = [readTensor(change.up), readTensor(change.down)];
            const [rows, rank] = [up.dims[0]!, down.dims[0]!];
            const columns = down.data.length / rank;
            for (let row = 0; row < rows; row++) {
                for (let k = 0; k < rank; k++) {
                    const factor = change.scale * up.data[row * rank + k]!;
                    for (let column = 0; column < columns; column++)
                        weight[row * columns + column]! += factor * down.data[k * columns + column]!;
                }
            }
            return;
        }
        case 'hadamard':
        case 'kronecker':
        case 'decomposed':
            break;
    }
    const message = `"${name}" is changed by an adapter of the form ${change.kind}, which an export can not merge yet: apply it in a spec.`;
    throw new ModelError('model/unsupported', message);
}

/**
 * Writes a learnt ControlNet as the folder that diffusers' `ControlNetModel.from_pretrained` opens, which must not be there
 * yet, whole or not at all. Throws `ModelError`.
 */
export function exportControlNet(file: string, folder: string): void {
    if (existsSync(folder))
        throw new ModelError('model/unsupported', `"${folder}" is there already: name a new folder.`);
    const config = parseConfig(readSafetensors(file).metadata[CONTROLNET_CONFIG] ?? '', `"${file}"`);
    const part = `${resolve(folder)}.part`;
    rmSync(part, { recursive: true, force: true });
    try {
        mkdirSync(part, { recursive: true });
        writeFileSync(join(part, 'config.json'), `${JSON.stringify(config, undefined, 2)}\n`);
        copyFileSync(file, join(part, 'diffusion_pytorch_model.safetensors'));
        renameSync(part, folder);
    } catch (error) {
        rmSync(part, { recursive: true, force: true });
        throw error;
    }
}

/** The largest number of half precision, less half a unit in its last place: beyond, numbers are rounded to infinity. */
const LARGEST_HALF = 65_520;

/**
 * Writes a LoRA or differences of weights to a file that must not be there yet, in half precision, as files are published.
 * Throws `ModelError`, also where a number is too large for that.
 */
export async function exportHalf(file: string, target: string): Promise<void> {
    if (existsSync(target)) throw new ModelError('model/unsupported', `"${target}" is there already: name a new file.`);
    const { metadata, tensors } = readSafetensors(file);
    const { format: _, ...said } = metadata;
    const read = new Map([...tensors].map(([name, location]) => [name, readTensor(location)]));
    for (const [name, { data }] of read) {
        if (data.every((value) => Math.abs(value) < LARGEST_HALF)) continue;
        const message = `"${name}" has numbers that are too large for half precision: copy ${file} as it is.`;
        throw new ModelError('model/unsupported', message);
    }
    try {
        await withTemporary(target, async (temporary) => {
            writeSafetensors(temporary, read, said, 'F16');
            renameSync(temporary, target);
        });
    } catch (error) {
        throw writeError(error, target);
    }
}
