/** Timesteps as sines and cosines: the input of the U-Net's time embedding. */
import { type Tensor, tensor } from '../tensor.ts';
import type { UnetConfig } from '../weights/config.ts';

/**
 * Sinusoids `[T, widths[0]]` of T timesteps. Computed here and not in the graph, since GPUs lose digits in the sine of
 * angles as large as 999. Every intermediate is rounded to float32 as in the reference
 * (diffusers' `get_timestep_embedding`): one unit in the last place of a frequency shifts an angle by 6e-5.
 */
export function sinusoidalTimeEmbedding(
    timesteps: readonly number[],
    config: Pick<UnetConfig, 'widths' | 'flipSinToCos' | 'freqShift'>,
): Tensor {
    const width = config.widths[0]!;
    const half = width >> 1;
    const data = new Float32Array(timesteps.length * width);
    for (let index = 0; index < half; index++) {
        const exponent = Math.fround(Math.fround(-Math.log(10000)) * index);
        const frequency = Math.fround(Math.exp(Math.fround(exponent / (half - config.freqShift))));
        for (const [row, timestep] of timesteps.entries()) {
            const angle = Math.fround(Math.fround(timestep) * frequency);
            const [cos, sin] = config.flipSinToCos ? [index, half + index] : [half + index, index];
            data[row * width + cos] = Math.cos(angle);
            data[row * width + sin] = Math.sin(angle);
        }
    }
    return tensor(data, [timesteps.length, width]);
}
