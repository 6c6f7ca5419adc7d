/** Emphasis: phrase weights on text embeddings. */
import { type Tensor, tensor } from '../tensor.ts';

/**
 * Multiplies each token's embedding by its weight: `[1, n, D]` with n weights. With `restoreMean` the result is then
 * scaled so that the mean over all its values stays what it was, as A1111's "original" emphasis does
 * (https://github.com/AUTOMATIC1111/stable-diffusion-webui/blob/master/modules/sd_emphasis.py). Weights that are all 1
 * change nothing, to the bit.
 */
export function emphasise(
    embedding: Tensor,
    weights: readonly number[],
    options: { readonly restoreMean: boolean },
): Tensor {
    const [, count = 0, width = 0] = embedding.dims;
    if (weights.length !== count) throw new RangeError(`${weights.length} weights for ${count} tokens.`);
    if (weights.every((weight) => weight === 1)) return embedding;
    const data = Float32Array.from(embedding.data, (value, index) => value * weights[Math.floor(index / width)]!);
    if (options.restoreMean) {
        const factor = mean(embedding.data) / mean(data);
        // A mean of nearly zero says nothing about size: then the weights stay as they are.
        if (Number.isFinite(factor) && factor > 0)
            for (let index = 0; index < data.length; index++) data[index]! *= factor;
    }
    return tensor(data, embedding.dims);
}

function mean(values: Float32Array): number {
    let sum = 0;
    for (const value of values) sum += value;
    return sum / values.length;
}
