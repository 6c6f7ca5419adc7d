/** Export: the model with what was learnt merged in, weight by weight. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { exportHalf, exportModel } from '../../../src/runtime/adapters/export.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import { openCheckpoint } from '../../../src/runtime/weights/checkpoint.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { writeSafetensors } from '../../../src/runtime/weights/write-safetensors.ts';

const MODELS = join(import.meta.dirname, '../../goldens/models');
const NANO = join(MODELS, 'nano-sd15');
const LAYER = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight';
const MODULE = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q';

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sdspec-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

function unetOf(model: string) {
    const { tensors } = openCheckpoint(model).unet.weights;
    return new Map([...tensors].map(([name, location]) => [name, readTensor(location)]));
}

it('adds scale · up · down to the layers of a LoRA, and leaves all others as they are', () => {
    const before = unetOf(NANO);
    const [out, into] = before.get(LAYER)!.dims as [number, number];
    const [up, down] = [out * 2, 2 * into].map((length) => Float32Array.from({ length }, (_, i) => Math.sin(i)));
    const file = join(folder, 'tin.safetensors');
    writeSafetensors(
        file,
        new Map([
            [`${MODULE}.lora_up.weight`, tensor(up!, [out, 2])],
            [`${MODULE}.lora_down.weight`, tensor(down!, [2, into])],
            [`${MODULE}.alpha`, tensor(Float32Array.of(1), [])],
        ]),
        {},
    );
    exportModel(NANO, [{ path: file, weight: 1 }], join(folder, 'model'));
    const after = unetOf(join(folder, 'model'));
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [name, { data }] of before) if (name !== LAYER) expect(after.get(name)!.data).toEqual(data);
    // alpha / rank = 0.5, in double precision here.
    const at = (row: number, column: number) =>
        before.get(LAYER)!.data[row * into + column]! +
        0.5 * (up![row * 2]! * down![column]! + up![row * 2 + 1]! * down![into + column]!);
    for (const [row, column] of [
        [0, 0],
        [1, into - 1],
        [out - 1, 3],
    ] as const)
        expect(after.get(LAYER)!.data[row * into + column]).toBeCloseTo(at(row, column), 5);
});

it('adds whole differences', () => {
    const before = unetOf(NANO);
    const { data, dims } = before.get('conv_out.weight')!;
    const file = join(folder, 'all.safetensors');
    writeSafetensors(
        file,
        new Map([
            [
                'lora_unet_conv_out.diff',
                tensor(
                    data.map(() => 0.25),
                    dims,
                ),
            ],
        ]),
        {},
    );
    exportModel(NANO, [{ path: file, weight: 1 }], join(folder, 'model'));
    const after = unetOf(join(folder, 'model')).get('conv_out.weight')!;
    expect([...after.data].every((value, i) => Math.abs(value - data[i]! - 0.25) < 1e-6)).toBe(true);
});

it('overwrites nothing, and refuses single files', () => {
    expect(() => exportModel(NANO, [], folder)).toThrow('is there already');
    const single = join(MODELS, 'nano-sd15.ldm-fp16.safetensors');
    expect(() => exportModel(single, [], join(folder, 'model'))).toThrow('single file');
    expect(existsSync(join(folder, 'model'))).toBe(false);
});

it('writes a LoRA in half precision: the nearest halves, shapes and metadata as they were', async () => {
    const [file, half] = ['tin.safetensors', 'half.safetensors'].map((name) => join(folder, name)) as [string, string];
    // One third is between two halves; 2 ** -25 is halfway between 0 and the smallest half, and 0 is even.
    const values = Float32Array.of(0.5, 1 / 3, -65_519, 2 ** -24, 2 ** -25, 3 * 2 ** -25);
    writeSafetensors(file, new Map([['a.lora_up.weight', tensor(values, [3, 2])]]), { ss_network_dim: '2' });
    await exportHalf(file, half);
    const { metadata, tensors } = readSafetensors(half);
    expect(metadata).toEqual({ format: 'pt', ss_network_dim: '2' });
    const location = tensors.get('a.lora_up.weight')!;
    expect(location).toMatchObject({ dtype: 'F16', shape: [3, 2], length: 12 });
    expect([...readTensor(location).data]).toEqual([0.5, 0.333251953125, -65_504, 2 ** -24, 0, 2 ** -23]);
    await expect(exportHalf(file, half)).rejects.toThrow('is there already');
});

it('writes no file where a number is too large for half precision', async () => {
    const file = join(folder, 'tin.safetensors');
    writeSafetensors(file, new Map([['a.lora_up.weight', tensor(Float32Array.of(65_520), [1, 1])]]), {});
    await expect(exportHalf(file, join(folder, 'half.safetensors'))).rejects.toThrow('too large for half precision');
    expect(readdirSync(folder)).toEqual(['tin.safetensors']);
});
