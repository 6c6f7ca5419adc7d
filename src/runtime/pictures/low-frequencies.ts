/** Low frequencies of a picture: its means on a coarse grid, and a picture that takes those of another. */
import type { Rgb } from './picture.ts';

/** Means of a picture's cells, row by row, 3 values each in 0…255. */
export interface Means {
    readonly columns: number;
    readonly rows: number;
    readonly data: Float32Array;
}

/** Rounds of correction: what is clipped at black or white is made up for by the pixels around it. */
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

/**
 * The picture with `amount` (0…1) of the way to other means: the difference of the means, interpolated bilinearly
 * between the cells' centres, is added. What is finer than a cell is kept.
 */
export function withMeans(picture: Rgb, target: Means, amount: number): Rgb {
    if (amount === 0) return picture;
    const { width, height } = picture;
    const values = Float32Array.from(picture.data);
    const goal = meansOf(picture, target.columns, target.rows).data.map(
        (mean, i) => mean + amount * (target.data[i]! - mean),
    );
    let result = picture;
    for (let round = 0; round < ROUNDS; round++) {
        const now = meansOf(result, target.columns, target.rows).data;
        add(values, width, height, { ...target, data: goal.map((mean, i) => mean - now[i]!) });
        result = { width, height, data: rounded(values) };
    }
    return result;
}

/** Adds the cells' values to the pixels, interpolated; in place. */
function add(values: Float32Array, width: number, height: number, { columns, rows, data }: Means): void {
    const across = between(width, columns);
    const down = between(height, rows);
    const line = new Float32Array(columns * 3);
    for (let y = 0; y < height; y++) {
        const { first, second, share } = down[y]!;
        for (let i = 0; i < line.length; i++) {
            const [a, b] = [data[first * columns * 3 + i]!, data[second * columns * 3 + i]!];
            line[i] = a + share * (b - a);
        }
        for (let x = 0, p = y * width * 3; x < width; x++, p += 3) {
            const { first: left, second: right, share: part } = across[x]!;
            for (let k = 0; k < 3; k++) {
                const a = line[left * 3 + k]!;
                values[p + k]! += a + part * (line[right * 3 + k]! - a);
            }
        }
    }
}

/** For each pixel the two cells whose centres it is between, and the share of the second. */
function between(pixels: number, cells: number) {
    return Array.from({ length: pixels }, (_, i) => {
        const at = Math.min(Math.max(((i + 0.5) * cells) / pixels - 0.5, 0), cells - 1);
        const first = Math.min(Math.floor(at), cells - 1);
        return { first, second: Math.min(first + 1, cells - 1), share: at - first };
    });
}

function rounded(values: Float32Array): Uint8Array {
    return new Uint8Array(Uint8ClampedArray.from(values).buffer);
}

function edge(index: number, cells: number, pixels: number): number {
    return Math.floor((index * pixels) / cells);
}
