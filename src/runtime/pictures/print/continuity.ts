/** Colour continuity: a repainted picture brought to the colours that its kept surroundings really have. */
import { blur } from '../blur.ts';
import type { Rgb } from '../picture.ts';

/** The share of kept surroundings below which the mean of all counts more than what is near. */
const FAR = 0.02;

/**
 * `made` plus the difference to `original`, measured where `kept` is 1 and carried smoothly into the rest: what a VAE
 * shifts around a repainted part, it shifts within it too. `reach` is the deviation of the smoothing in pixels.
 */
export function continued(made: Rgb, original: Rgb, kept: Float32Array, reach: number): Rgb {
    const { width, height } = made;
    const smooth = (data: Float32Array) => blur({ width, height, data }, reach).data;
    const weight = smooth(kept);
    const count = Math.max(
        1,
        kept.reduce((sum, on) => sum + on, 0),
    );
    const data = new Uint8Array(made.data.length);
    for (let k = 0; k < 3; k++) {
        const raw = kept.map((on, i) => on * (original.data[3 * i + k]! - made.data[3 * i + k]!));
        const mean = raw.reduce((sum, value) => sum + value, 0) / count;
        const difference = smooth(raw);
        for (let i = 0; i < weight.length; i++) {
            // Far from everything that was kept the mean of all takes over.
            const shift = (difference[i]! + FAR * mean) / (weight[i]! + FAR);
            data[3 * i + k] = Math.min(255, Math.max(0, Math.round(made.data[3 * i + k]! + shift)));
        }
    }
    return { width, height, data };
}
