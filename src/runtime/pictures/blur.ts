/** Gaussian blur of a plane, separable, its border pixels repeated outwards. */
import type { Plane } from './picture.ts';

/** Weights from −radius to radius, summing to 1. */
export function gaussian(sigma: number, radius = Math.ceil(3 * sigma)): Float64Array {
    const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
        Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / sum);
}

/** `sigma` in pixels; 0 or less gives a copy. */
export function blur(plane: Plane, sigma: number): Plane {
    if (!(sigma > 0)) return { ...plane, data: plane.data.slice() };
    const { width, height } = plane;
    const kernel = gaussian(sigma);
    const across = convolve(plane.data, kernel, { count: height, length: width, stride: 1, next: width });
    const both = convolve(across, kernel, { count: width, length: height, stride: width, next: 1 });
    return { width, height, data: both };
}

/** Lines of a plane: how many, how long, the distance between their pixels and between their beginnings. */
interface Lines {
    readonly count: number;
    readonly length: number;
    readonly stride: number;
    readonly next: number;
}

function convolve(data: Float32Array, kernel: Float64Array, { count, length, stride, next }: Lines): Float32Array {
    const out = new Float32Array(data.length);
    const radius = (kernel.length - 1) / 2;
    for (let line = 0; line < count; line++) {
        const start = line * next;
        for (let i = 0; i < length; i++) {
            let sum = 0;
            for (let k = -radius; k <= radius; k++) {
                const at = Math.min(Math.max(i + k, 0), length - 1);
                sum += kernel[k + radius]! * data[start + at * stride]!;
            }
            out[start + i * stride] = sum;
        }
    }
    return out;
}
