/** The noise streams of a plan's pictures: each its own, by seed or from a file. */
import type { FileRef, NoiseSource } from '../../plan/plan.ts';
import { fileNoise, type NoiseReader } from '../noise/file.ts';
import { openNoise } from '../noise/open.ts';
import type { NoiseStream } from '../noise/stream.ts';
import { RunError } from '../run-error.ts';

export interface PictureNoise {
    /** The stream that a picture's start and sampler draw from. */
    readonly stream: (seed: number) => NoiseStream;
    /**
     * The stream for bias picture `number` of a plan, where bias latents are noised (`latent matched`). It is another
     * one than the picture's, so that a clause more or less leaves the picture's own noise alone: seed + 1 + number.
     */
    readonly bias: (seed: number, number: number) => NoiseStream;
    /**
     * The stream for the latents of start picture `number` (`latent sampled`; the masked picture comes after them), apart
     * from the picture's own noise for the same reason: seed - 1 - number.
     */
    readonly start: (seed: number, number: number) => NoiseStream;
}

/** A file holds `draw.0`, `draw.1`, … for the picture, `bias.0`, … for its bias and `start.0`, … for its start pictures. */
export function noiseOf(source: NoiseSource, open?: (file: FileRef) => NoiseReader): PictureNoise {
    if (source.kind !== 'file') {
        return {
            stream: (seed) => openNoise(source.kind, seed),
            bias: (seed, number) => openNoise(source.kind, (seed + 1 + number) % 2 ** 32),
            start: (seed, number) => openNoise(source.kind, (seed - 1 - number + 2 ** 32) % 2 ** 32),
        };
    }
    if (!open) throw new RunError('run/unsupported', 'Noise files cannot be read here.');
    const read = open(source);
    const named = (tensor: string) => fileNoise((name) => (name === 'noise' ? read(tensor) : undefined), source.path);
    return {
        stream: () => fileNoise(read, source.path),
        bias: (_seed, number) => named(`bias.${number}`),
        start: (_seed, number) => named(`start.${number}`),
    };
}
