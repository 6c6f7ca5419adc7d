/** Holding the low frequencies of the start picture's latents while the rest is painted: ILVR (Choi et al. 2021). */
import type { HeldColours, Size } from '../../plan/plan.ts';
import type { Sampler } from '../samplers/sampler.ts';

/** What one picture starts from: its clean latents, and the noise that was added to them. */
interface Held {
    readonly clean: Float32Array;
    readonly noise: Float32Array;
}

/**
 * After each step the means of the latents' cells move `amount` of the way to those of the start picture, noised to the
 * level of the next call (https://arxiv.org/abs/2108.02938, eq. 6, with means over cells as the low-pass filter).
 * `latents` is `[pictures, 4, h, w]`.
 */
export function heldColours(
    latents: Float32Array,
    nextCall: number | undefined,
    sampler: Sampler,
    begun: readonly Held[],
    { width, height }: Size,
    { cells, amount }: HeldColours,
): Float32Array {
    const result = latents.slice();
    const plane = width * height;
    const size = latents.length / begun.length;
    begun.forEach(({ clean, noise }, picture) => {
        const target = nextCall === undefined ? clean : sampler.addNoise(clean, noise, nextCall);
        for (let first = 0; first < size; first += plane) {
            const at = picture * size + first;
            move(result.subarray(at, at + plane), target.subarray(first, first + plane), width, height, cells, amount);
        }
    });
    return result;
}

/** Moves the means of one channel's cells, in place. */
function move(channel: Float32Array, target: Float32Array, width: number, height: number, cells: Size, amount: number) {
    for (let row = 0; row < cells.height; row++) {
        const [top, bottom] = [edge(row, cells.height, height), edge(row + 1, cells.height, height)];
        for (let column = 0; column < cells.width; column++) {
            const [left, right] = [edge(column, cells.width, width), edge(column + 1, cells.width, width)];
            let difference = 0;
            for (let y = top; y < bottom; y++)
                for (let x = left; x < right; x++) difference += target[y * width + x]! - channel[y * width + x]!;
            const shift = (amount * difference) / ((bottom - top) * (right - left));
            for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) channel[y * width + x]! += shift;
        }
    }
}

function edge(index: number, cells: number, latents: number): number {
    return Math.floor((index * latents) / cells);
}
