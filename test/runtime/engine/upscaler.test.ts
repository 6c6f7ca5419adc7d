/** Upscalers of every key form against PyTorch, tiles against the whole, and files that are none. */
import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openUpscaler } from '../../../src/runtime/engine/upscaler.ts';
import { type Tensor, tensor } from '../../../src/runtime/tensor.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { readUpscaler } from '../../../src/runtime/weights/upscaler.ts';

const FOLDER = join(import.meta.dirname, '../../goldens/upscalers');
const { tensors } = readSafetensors(join(FOLDER, 'expected.safetensors'));
const expected = (name: string) => readTensor(tensors.get(name)!);
const file = (name: string) => join(FOLDER, `${name}.safetensors`);

function worst(a: Tensor, b: Tensor): number {
    expect(a.dims).toEqual(b.dims);
    return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
}

// A picture of 14x9: its sides are no multiples of 2 or 4.
test.each([
    [
        'esrgan-x4',
        { kind: 'rrdb', scale: 4, unshuffle: 1, doublings: 2, blocks: 2, features: 4, growth: 2, plus: false },
    ],
    ['esrgan-x2', { kind: 'rrdb', scale: 2, doublings: 1 }],
    ['esrgan-x1', { kind: 'rrdb', scale: 1, doublings: 0 }],
    ['esrgan-x8', { kind: 'rrdb', scale: 8, doublings: 3 }],
    ['esrgan-plus', { kind: 'rrdb', scale: 4, plus: true }],
    ['bsrgan', { kind: 'rrdb', scale: 4, plus: false }],
    ['real-x4', { kind: 'rrdb', scale: 4, unshuffle: 1 }],
    ['real-x2', { kind: 'rrdb', scale: 2, unshuffle: 2, doublings: 2 }],
    ['real-x1', { kind: 'rrdb', scale: 1, unshuffle: 4, doublings: 2 }],
    ['compact-x4', { kind: 'compact', scale: 4, last: 8, activation: 'prelu' }],
    ['compact-x2', { kind: 'compact', scale: 2, activation: 'prelu' }],
    ['compact-relu', { kind: 'compact', scale: 3, activation: 'relu' }],
    ['compact-half', { kind: 'compact', scale: 4, activation: 'prelu' }],
])('%s enlarges as PyTorch does', async (name, config) => {
    expect(readUpscaler(file(name)).config).toMatchObject(config);
    const upscaler = await openUpscaler(file(name), { device: 'cpu', threads: 1 });
    const enlarged = await upscaler.enlarge(expected('pixels'));
    await upscaler.close();
    const wanted = expected(name);
    const largest = wanted.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expect(worst(enlarged, wanted) / largest).toBeLessThan(1e-5);
});

test("tiles blend into what the whole picture gives, but for the network's surroundings at their borders", async () => {
    const upscaler = await openUpscaler(file('compact-x2'), { device: 'cpu', threads: 1 });
    const [height, width] = [37, 50];
    const pixels = tensor(
        Float32Array.from({ length: 3 * height * width }, (_, i) => Math.sin(i) ** 2),
        [1, 3, height, width],
    );
    const whole = await upscaler.enlarge(pixels);
    const seen: number[][] = [];
    const options = {
        tile: 24,
        overlap: 12,
        beforeTile: (tile: number, tiles: number) => void seen.push([tile, tiles]),
    };
    const inTiles = await upscaler.enlarge(pixels, options);
    expect(seen).toHaveLength(12);
    expect(seen.at(-1)).toEqual([11, 12]);
    // Four convolutions see four pixels beyond a tile's border, where the tile's weight is at most 4.5 / 12.
    expect(worst(inTiles, whole)).toBeGreaterThan(0);
    expect(
        inTiles.data.reduce((sum, value, i) => sum + Math.abs(value - whole.data[i]!), 0) / whole.data.length,
    ).toBeLessThan(0.05);
    await upscaler.close();
});

test('a tile can stop the work', async () => {
    const upscaler = await openUpscaler(file('compact-x2'), { device: 'cpu', threads: 1 });
    const beforeTile = () => {
        throw new Error('stopped');
    };
    await expect(upscaler.enlarge(expected('pixels'), { beforeTile })).rejects.toThrow('stopped');
    await upscaler.close();
});

test('an unknown network is named with the keys that were seen', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sdspec-upscaler-'));
    const header = JSON.stringify({
        'layers.0.attn.qkv.weight': { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
        'layers.0.mlp.weight': { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
    });
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(header.length));
    const path = join(folder, 'swin.safetensors');
    writeFileSync(path, Buffer.concat([size, Buffer.from(header), Buffer.alloc(8)]));
    expect(() => readUpscaler(path)).toThrow(
        '"swin.safetensors" is no upscaler that sdspec knows. Its tensors are "layers.0.attn.qkv.weight", "layers.0.mlp.weight".',
    );
});
