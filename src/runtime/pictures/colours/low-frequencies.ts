/** Low frequencies of a picture: its means on a coarse grid, and a picture that takes the mean colour of another. */
import type { Rgb } from '../picture.ts';

/** Means of a picture's cells, row by row, 3 values each in 0…255. */
export interface Means {
    readonly columns: number;
    readonly rows: number;
    readonly data: Float32Array;
}

/** Rounds of correction: what is clipped at black or white is made up for by the other pixels. */
const ROUNDS = 3;

/** Means over `columns` x `rows` cells of whole pixels; a picture has at least one pixel per cell. */
export function meansOf({ width, height, data }: Rgb, columns: number, rows: number): Means {
    const means = new Float32Array(columns * rows * 3);
    for (let row = 0; row < rows; row++) {
        const [top, bottom] = [edge(row, rows, height), edge(row + 1, rows, height)];
        for (let column = 0; column < columns; column++) {
            const [left, right] = [edge(column, columns, width), edge(column + 1, columns, width)];
            let [r, g, b] = [0, 0, 0];
            for (let y = top; y < bottom; y++) {
                for (let p = (y * width + left) * 3, end = (y * width + right) * 3; p < end; p += 3) {
                    r += data[p]!;
                    g += data[p + 1]!;
                    b += data[p + 2]!;
                }
            }
            const pixels = (bottom - top) * (right - left);
            const at = (row * columns + column) * 3;
            means[at] = r / pixels;
            means[at + 1] = g / pixels;
            means[at + 2] = b / pixels;
        }
    }
    return { columns, rows, data: means };
}

/** The picture with `amount` (0…1) of the way to another mean colour, by the same shift of all pixels. */
export function withMean(picture: Rgb, target: ArrayLike<number>, amount: number): Rgb {
    if (amount === 0) return picture;
    const { width, height, data } = picture;
    const counts = histograms(data);
    const levels = [0, 1, 2].map(() => Uint8ClampedArray.from({ length: LEVELS }, (_, level) => level));
    const goal = means(counts, levels).map((mean, k) => mean + amount * (target[k]! - mean));
    const shift = new Float32Array(3);
    for (let round = 0; round < ROUNDS; round++) {
        const now = means(counts, levels);
        // Pixels are whole levels: what is left within half a level can't be reached by one shift of all.
        if (round > 0 && goal.every((mean, k) => Math.abs(mean - now[k]!) <= 0.5)) break;
        for (let k = 0; k < 3; k++) {
            shift[k]! += goal[k]! - now[k]!;
            for (let level = 0; level < LEVELS; level++) levels[k]![level] = level + shift[k]!;
        }
    }
    const [red, green, blue] = levels as [Uint8ClampedArray, Uint8ClampedArray, Uint8ClampedArray];
    const out = new Uint8Array(data.length);
    for (let p = 0; p < data.length; p += 3) {
        out[p] = red[data[p]!]!;
        out[p + 1] = green[data[p + 1]!]!;
        out[p + 2] = blue[data[p + 2]!]!;
    }
    return { width, height, data: out };
}

const LEVELS = 256;

/** How many pixels have each level, per channel. */
function histograms(data: Uint8Array | Uint8ClampedArray): readonly Uint32Array[] {
    const counts = [new Uint32Array(LEVELS), new Uint32Array(LEVELS), new Uint32Array(LEVELS)] as const;
    for (let p = 0; p < data.length; p += 3) {
        counts[0][data[p]!]!++;
        counts[1][data[p + 1]!]!++;
        counts[2][data[p + 2]!]!++;
    }
    return counts;
}

/** Mean of each channel, when each level is replaced by the one at its place in `levels`. */
function means(counts: readonly Uint32Array[], levels: readonly Uint8ClampedArray[]): Float32Array {
    return Float32Array.from(counts, (count, k) => {
        let [sum, pixels] = [0, 0];
        for (let level = 0; level < LEVELS; level++) {
            sum += count[level]! * levels[k]![level]!;
            pixels += count[level]!;
        }
        return sum / pixels;
    });
}

function edge(index: number, cells: number, pixels: number): number {
    return Math.floor((index * pixels) / cells);
}
