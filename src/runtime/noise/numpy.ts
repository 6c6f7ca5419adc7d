/**
 * NumPy's legacy generator: `numpy.random.RandomState(seed).randn(n)`, by Marsaglia's polar method on 53-bit uniforms.
 * The second normal of each pair is kept for the next one, also over several calls.
 */
import { mersenne } from './mersenne.ts';
import type { NoiseStream } from './stream.ts';

export interface NumpyNoise extends NoiseStream {
    /** The same stream in the double precision that NumPy has. */
    normal64(count: number): Float64Array;
}

/** The seed lies between 0 and 2^32 − 1. */
export function numpyNoise(seed: bigint): NumpyNoise {
    const word = mersenne(Number(seed & 0xffffffffn));
    let kept: number | undefined;

    function uniform(): number {
        const high = word() >>> 5;
        const low = word() >>> 6;
        return (high * 67108864 + low) / 9007199254740992;
    }

    function next(): number {
        if (kept !== undefined) {
            const value = kept;
            kept = undefined;
            return value;
        }
        for (;;) {
            const x = 2 * uniform() - 1;
            const y = 2 * uniform() - 1;
            const square = x * x + y * y;
            if (square >= 1 || square === 0) continue;
            const factor = Math.sqrt((-2 * Math.log(square)) / square);
            kept = factor * x;
            return factor * y;
        }
    }

    function normal64(count: number): Float64Array {
        const values = new Float64Array(count);
        for (let i = 0; i < count; i++) values[i] = next();
        return values;
    }

    return { normal64, normal: (count) => Float32Array.from(normal64(count)) };
}
