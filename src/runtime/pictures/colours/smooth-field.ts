/** Smooth fields over a picture: interpolated bilinearly between the centres of its parts, fitted by least squares. */

/** Fields of one size; their nodes are the centres of `columns` x `rows` parts, row by row. */
export interface SmoothField {
    readonly across: Axis;
    readonly down: Axis;
    /** The nodes of the field that is nearest to a value per pixel, by least squares. */
    fitted(pixels: Float32Array): Float64Array;
    /** The nodes of the field that has these means over the parts. */
    withMeans(means: Float32Array): Float64Array;
}

/** How pixels along one side are interpolated between nodes. */
interface Axis {
    readonly pixels: number;
    readonly nodes: number;
    /** For each pixel the two nodes that it is between, and the share of the second. */
    readonly first: Uint16Array;
    readonly second: Uint16Array;
    readonly share: Float32Array;
    /** Inverse of Wᵀ·W, where W takes nodes to pixels. */
    readonly gram: Float64Array;
    /** Inverse of the matrix that takes nodes to means over parts. */
    readonly means: Float64Array;
}

const known = new Map<string, SmoothField>();

/** A picture has at least one pixel per part. */
export function smoothField(width: number, height: number, columns: number, rows: number): SmoothField {
    const key = `${width} ${height} ${columns} ${rows}`;
    const found = known.get(key) ?? fieldOf(axis(width, columns), axis(height, rows));
    known.set(key, found);
    return found;
}

/** A line of pixels of the field. */
export function interpolated({ across, down }: SmoothField, nodes: Float64Array, y: number): Float32Array {
    const line = new Float32Array(across.pixels);
    const [top, bottom] = [down.first[y]! * across.nodes, down.second[y]! * across.nodes];
    const part = down.share[y]!;
    const between = new Float64Array(across.nodes);
    for (let i = 0; i < between.length; i++) {
        between[i] = nodes[top + i]! + part * (nodes[bottom + i]! - nodes[top + i]!);
    }
    for (let x = 0; x < line.length; x++) {
        const left = between[across.first[x]!]!;
        line[x] = left + across.share[x]! * (between[across.second[x]!]! - left);
    }
    return line;
}

function fieldOf(across: Axis, down: Axis): SmoothField {
    return {
        across,
        down,
        fitted(pixels) {
            const sums = new Float64Array(across.nodes * down.nodes);
            const line = new Float64Array(across.nodes);
            for (let y = 0, p = 0; y < down.pixels; y++) {
                line.fill(0);
                for (let x = 0; x < across.pixels; x++, p++) {
                    const second = across.share[x]! * pixels[p]!;
                    line[across.first[x]!]! += pixels[p]! - second;
                    line[across.second[x]!]! += second;
                }
                const [top, bottom] = [down.first[y]! * across.nodes, down.second[y]! * across.nodes];
                const part = down.share[y]!;
                for (let i = 0; i < line.length; i++) {
                    sums[top + i]! += (1 - part) * line[i]!;
                    sums[bottom + i]! += part * line[i]!;
                }
            }
            return multiplied(sums, across.gram, across.nodes, down.gram, down.nodes);
        },
        withMeans: (means) => multiplied(means, across.means, across.nodes, down.means, down.nodes),
    };
}

function axis(pixels: number, nodes: number): Axis {
    const first = new Uint16Array(pixels);
    const second = new Uint16Array(pixels);
    const share = new Float32Array(pixels);
    const gram = square(nodes);
    const means = square(nodes);
    for (let i = 0; i < pixels; i++) {
        const at = Math.min(Math.max(((i + 0.5) * nodes) / pixels - 0.5, 0), nodes - 1);
        const left = Math.floor(at);
        const right = Math.min(left + 1, nodes - 1);
        const part = at - left;
        first[i] = left;
        second[i] = right;
        share[i] = part;
        const weights = [
            [left, 1 - part],
            [right, part],
        ] as const;
        // The part that the pixel belongs to, by the edges of `meansOf`.
        const own = Math.ceil(((i + 1) * nodes) / pixels) - 1;
        for (const [node, weight] of weights) {
            means[own]![node]! += weight;
            for (const [other, by] of weights) gram[node]![other]! += weight * by;
        }
    }
    for (const row of means) {
        const count = row.reduce((sum, value) => sum + value, 0);
        for (let k = 0; k < nodes; k++) row[k]! /= count;
    }
    return { pixels, nodes, first, second, share, gram: inverted(gram), means: inverted(means) };
}

function square(n: number): Float64Array[] {
    return Array.from({ length: n }, () => new Float64Array(n));
}

/** Gauss-Jordan without pivoting: both matrices are diagonally dominant. Row by row. */
function inverted(matrix: readonly Float64Array[]): Float64Array {
    const n = matrix.length;
    const left = matrix.map((row) => row.slice());
    const right = square(n);
    for (let i = 0; i < n; i++) {
        right[i]![i] = 1;
    }
    for (let i = 0; i < n; i++) {
        const pivot = left[i]![i]!;
        for (let k = 0; k < n; k++) {
            left[i]![k]! /= pivot;
            right[i]![k]! /= pivot;
        }
        for (let j = 0; j < n; j++) {
            if (j === i) continue;
            const factor = left[j]![i]!;
            for (let k = 0; k < n; k++) {
                left[j]![k]! -= factor * left[i]![k]!;
                right[j]![k]! -= factor * right[i]![k]!;
            }
        }
    }
    return Float64Array.from(right.flatMap((row) => [...row]));
}

/** D·V·Aᵀ of values row by row, with square matrices for both axes. */
function multiplied(
    values: ArrayLike<number>,
    across: Float64Array,
    columns: number,
    down: Float64Array,
    rows: number,
): Float64Array {
    const half = new Float64Array(columns * rows);
    for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
            let sum = 0;
            for (let k = 0; k < columns; k++) sum += across[column * columns + k]! * values[row * columns + k]!;
            half[row * columns + column] = sum;
        }
    }
    const result = new Float64Array(columns * rows);
    for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
            let sum = 0;
            for (let k = 0; k < rows; k++) sum += down[row * rows + k]! * half[k * columns + column]!;
            result[row * columns + column] = sum;
        }
    }
    return result;
}
