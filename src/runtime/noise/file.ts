/** Noise from a file: draws that were saved before, for comparing runs with other tools number by number. */
import { NoiseError, type NoiseStream } from './stream.ts';

/** A tensor as a reader of safetensors files gives it. */
export interface NoiseTensor {
    readonly shape: readonly number[];
    readonly data: Float32Array;
}

/** Looks a tensor up by name; undefined where the file has none of that name. */
export type NoiseReader = (name: string) => NoiseTensor | undefined;

/**
 * Draw k of the stream is the tensor `draw.k` (the first may also be called `noise`, `latents` or `initial`).
 * @throws NoiseError `noise/missing` when the file has fewer draws than are asked for, `noise/shape` when a draw has
 * another length.
 */
export function fileNoise(read: NoiseReader, file: string): NoiseStream {
    let draw = 0;
    return {
        normal(count) {
            const names = [`draw.${draw}`, ...(draw === 0 ? ['noise', 'latents', 'initial'] : [])];
            const name = names.find((one) => read(one) !== undefined);
            const tensor = name === undefined ? undefined : read(name);
            if (!tensor) {
                throw new NoiseError('noise/missing', `${file} has no noise for draw ${draw}: expected "${names[0]}".`);
            }
            if (tensor.data.length !== count) {
                const shape = tensor.shape.join('x');
                throw new NoiseError(
                    'noise/shape',
                    `"${name}" in ${file} is ${shape}, but ${count} values are needed.`,
                );
            }
            draw++;
            return tensor.data.slice();
        },
    };
}
