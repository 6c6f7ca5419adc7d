/** Export: the model with what was learnt merged in, weight by weight. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { exportModel } from '../../../src/runtime/adapters/export.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import { openCheckpoint } from '../../../src/runtime/weights/checkpoint.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
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
