/** Opens the noise stream that a plan names. */
import { numpyNoise } from './numpy.ts';
import { philoxNoise } from './philox.ts';
import { NoiseError, type NoiseKind, type NoiseStream, type Seed } from './stream.ts';
import { torchCpuNoise } from './torch-cpu.ts';

/**
 * Opens a stream. Seeds lie between 0 and 2^64 − 1. torch's CPU generator uses their low 32 bits, philox all 64; NumPy
 * takes 0 … 2^32 − 1 only.
 * @throws NoiseError `noise/seed` for a seed outside of that.
 */
export function openNoise(kind: NoiseKind, seed: Seed): NoiseStream {
    const value = noiseSeed(seed);
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

function noiseSeed(seed: Seed): bigint {
    if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
        throw new NoiseError('noise/seed', `A seed is a whole number, not ${seed}. Pass seeds above 2^53 as bigint.`);
    }
    const value = BigInt(seed);
    if (value < 0n || value >= 1n << 64n) {
        throw new NoiseError('noise/seed', `A seed lies between 0 and 2^64 - 1, not at ${value}.`);
    }
    return value;
}
