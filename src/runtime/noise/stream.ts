/** Noise streams: the seeded sources of unit normal noise that a picture's latents and samplers draw from. */
import { numpyNoise } from './numpy.ts';
import { philoxNoise } from './philox.ts';
import { torchCpuNoise } from './torch-cpu.ts';

/**
 * One stream of unit normal noise. Every picture has its own, so picture k of a batch equals the same seed alone.
 * Successive calls continue the stream just as successive `randn` calls on one generator of the reference do.
 */
export interface NoiseStream {
    normal(count: number): Float32Array;
}

/** `torch-cpu`: torch's CPU generator; `philox`: torch's CUDA generator; `numpy`: NumPy's RandomState. */
export type NoiseKind = 'torch-cpu' | 'philox' | 'numpy';
export type Seed = number | bigint;

export class NoiseError extends Error {
    /** `noise/seed`, `noise/missing` or `noise/shape`. */
    readonly code: string;

    constructor(code: string, message: string) {
        super(message);
        this.code = code;
        this.name = 'NoiseError';
    }
}

/**
 * Opens a stream. Seeds lie between 0 and 2^64 − 1. torch's CPU generator uses their low 32 bits, philox all 64; NumPy
 * takes 0 … 2^32 − 1 only.
 * @throws NoiseError `noise/seed` for a seed outside of that.
 */
export function openNoise(kind: NoiseKind, seed: Seed): NoiseStream {
    const value = seedOf(seed);
    switch (kind) {
        case 'torch-cpu':
            return torchCpuNoise(value);
        case 'philox':
            return philoxNoise(value);
        case 'numpy':
            if (value > 0xffffffffn) throw new NoiseError('noise/seed', `NumPy seeds end at 4294967295, not ${value}.`);
            return numpyNoise(value);
    }
}

function seedOf(seed: Seed): bigint {
    if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
        throw new NoiseError('noise/seed', `A seed is a whole number, not ${seed}. Pass seeds above 2^53 as bigint.`);
    }
    const value = BigInt(seed);
    if (value < 0n || value >= 1n << 64n) {
        throw new NoiseError('noise/seed', `A seed lies between 0 and 2^64 - 1, not at ${value}.`);
    }
    return value;
}
