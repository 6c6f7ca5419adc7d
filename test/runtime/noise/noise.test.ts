import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { log32, sinCos32 } from '../../../src/runtime/noise/cephes.ts';
import { fileNoise } from '../../../src/runtime/noise/file.ts';
import { mersenne } from '../../../src/runtime/noise/mersenne.ts';
import { numpyNoise } from '../../../src/runtime/noise/numpy.ts';
import { openNoise } from '../../../src/runtime/noise/open.ts';
import type { NoiseKind, Seed } from '../../../src/runtime/noise/stream.ts';
import { loadGoldens } from '../../parity/golden.ts';
import { run } from '../../parity/groups/rng.ts';

/** The first values of one draw of `count`, to the digits given. */
function check(kind: NoiseKind, seed: Seed, count: number, expected: readonly number[], digits: number): void {
    const values = openNoise(kind, seed).normal(count);
    expected.forEach((value, i) => {
        expect(values[i]).toBeCloseTo(value, digits);
    });
}

describe('noise streams give the numbers of their references', () => {
    // torch 2.13, NumPy 2, AUTOMATIC1111's Philox: values as published with those tools.
    test('torch on the CPU, 16 elements and more', () => {
        check('torch-cpu', 42, 16384, [1.9269, 1.4873, 0.9007, -2.1055, 0.6784, -1.2345, -0.0431, -1.6047], 4);
        check('torch-cpu', 0, 16384, [-1.1258, -1.1524, -0.2506, -0.4339], 4);
    });
    test('torch on the CPU, fewer than 16', () => check('torch-cpu', 42, 4, [0.3367, 0.1288, 0.2345, 0.2303], 4));
    test('torch on CUDA', () => {
        check('philox', 0, 4, [-0.92466, -0.42534, -2.64385, 0.14518], 5);
        check('philox', 42n, 4, [0.19402, 2.16137, -0.17205, 0.84906], 5);
    });
    test('NumPy', () => check('numpy', 42, 4, [0.49671, -0.13826, 0.64769, 1.52303], 5));
    test('the words under them (MT19937, seed 5489)', () => {
        const word = mersenne(5489);
        expect([word(), word(), word()]).toEqual([3499211612, 581869302, 3890346734]);
    });
});

test('every draw of torch on the CPU has the bits of torch 2.13 on x86', async () => {
    const root = join(import.meta.dirname, '../../goldens');
    const notes: string[] = [];
    for await (const { note } of run(root, loadGoldens(root, 'rng'))) if (note) notes.push(note);
    expect(notes.length).toBeGreaterThan(50);
    expect(new Set(notes)).toEqual(new Set(['same bits']));
});

describe('float32 functions', () => {
    const angle = fc.float({ min: 0, max: Math.fround(2 * Math.PI), noNaN: true });
    const positive = fc.float({ min: Math.fround(2 ** -24), max: 1, noNaN: true });
    const out = new Float32Array(2);
    test('are those of real numbers, to float32', () => {
        fc.assert(
            fc.property(angle, positive, (a, x) => {
                sinCos32(a, out);
                expect(out[0]).toBeCloseTo(Math.sin(a), 6);
                expect(out[1]).toBeCloseTo(Math.cos(a), 6);
                expect(Math.abs(log32(x) - Math.log(x))).toBeLessThanOrEqual(1.2e-7 * Math.max(1, -Math.log(x)));
            }),
        );
    });
});

describe('a stream continues where it stopped', () => {
    test('short draws of torch keep the second normal of a pair', () => {
        const one = openNoise('torch-cpu', 7);
        const parts = [...one.normal(3), ...one.normal(3)];
        expect(parts).toEqual([...openNoise('torch-cpu', 7).normal(6)]);
    });
    test('philox gives other numbers in its second draw', () => {
        const stream = openNoise('philox', 3);
        expect([...stream.normal(8)]).not.toEqual([...stream.normal(8)]);
    });
    test('NumPy in single precision is its double stream, rounded', () => {
        expect([...openNoise('numpy', 9).normal(5)]).toEqual([...Float32Array.from(numpyNoise(9n).normal64(5))]);
    });
});

describe('seeds', () => {
    test('torch uses the low 32 bits, philox all 64', () => {
        const big = (1n << 32n) + 5n;
        expect(openNoise('torch-cpu', big).normal(4)).toEqual(openNoise('torch-cpu', 5).normal(4));
        expect(openNoise('philox', big).normal(4)).not.toEqual(openNoise('philox', 5).normal(4));
    });
    test.each([-1, 1.5, 1n << 64n, 2 ** 60])('%s is refused', (seed) => {
        expect(() => openNoise('philox', seed)).toThrow(expect.objectContaining({ code: 'noise/seed' }));
    });
    test('NumPy stops at 32 bits', () => {
        expect(() => openNoise('numpy', 2 ** 32)).toThrow(expect.objectContaining({ code: 'noise/seed' }));
    });
});

describe('noise from a file', () => {
    const tensors: Record<string, Float32Array> = {
        noise: Float32Array.of(1, 2, 3, 4),
        'draw.1': Float32Array.of(5, 6, 7, 8),
    };
    const open = () =>
        fileNoise((name) => tensors[name] && { shape: [1, 4], data: tensors[name] }, 'noise.safetensors');

    test('draw after draw', () => {
        const stream = open();
        expect([...stream.normal(4), ...stream.normal(4)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
        expect(() => stream.normal(4)).toThrow(expect.objectContaining({ code: 'noise/missing' }));
    });
    test('of another shape', () => {
        expect(() => open().normal(5)).toThrow(expect.objectContaining({ code: 'noise/shape' }));
    });
});
