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
    const { width, height } = picture;
    const goal = meansOf(picture, 1, 1).data.map((mean, i) => mean + amount * (target[i]! - mean));
    const shift = new Float32Array(3);
    let result = picture;
    for (let round = 0; round < ROUNDS; round++) {
        const now = meansOf(result, 1, 1).data;
        // Pixels are whole levels: what is left within half a level can't be reached by one shift of all.
        if (round > 0 && goal.every((mean, k) => Math.abs(mean - now[k]!) <= 0.5)) break;
        for (let k = 0; k < 3; k++) shift[k]! += goal[k]! - now[k]!;
        const data = Uint8ClampedArray.from(picture.data, (value, i) => value + shift[i % 3]!);
        result = { width, height, data: new Uint8Array(data.buffer) };
    }
    return result;
}

function edge(index: number, cells: number, pixels: number): number {
    return Math.floor((index * pixels) / cells);
}
