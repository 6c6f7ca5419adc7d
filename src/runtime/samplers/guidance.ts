/** Guidance: mixing the unconditional and the conditional prediction. */

/** Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598): u + scale (c − u). */
export function guide(unconditional: Float32Array, conditional: Float32Array, scale: number): Float32Array {
    const out = new Float32Array(conditional.length);
    for (let i = 0; i < out.length; i++) out[i] = unconditional[i]! + scale * (conditional[i]! - unconditional[i]!);
    return out;
}

/**
 * Guidance rescale (Lin et al. 2023, arXiv 2305.08891, equations 15 and 16): brings the guided prediction of one picture
 * back towards the standard deviation of the conditional one. phi 0 changes nothing, 0.7 is the paper's value. The
 * deviation is the sample one (divided by n − 1) over all values of the picture.
 */
export function rescale(guided: Float32Array, conditional: Float32Array, phi: number): Float32Array {
    const factor = phi * (deviation(conditional) / deviation(guided)) + (1 - phi);
    const out = new Float32Array(guided.length);
    for (let i = 0; i < out.length; i++) out[i] = factor * guided[i]!;
    return out;
}

function deviation(values: Float32Array): number {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i]!;
    const mean = sum / values.length;
    let squares = 0;
    for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
    return Math.sqrt(squares / (values.length - 1));
}
