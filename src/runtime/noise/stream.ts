/** Noise streams: the seeded sources of unit normal noise that a picture's latents and samplers draw from. */

import { readable } from '../../plan/problem.ts';

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
        super(readable(message));
        this.code = code;
        this.name = 'NoiseError';
    }
}
