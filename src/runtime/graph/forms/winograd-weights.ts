/** Winograd's transforms, and the weights of convolutions that are transformed by them. */
import type { TensorLocation } from '../../weights/safetensors.ts';

export type Matrix = readonly (readonly number[])[];

/** A tile of the result is Aᵀ·[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]·A with the kernel g and the tile d of the input. */
export interface Transform {
    readonly input: Matrix;
    readonly kernel: Matrix;
    readonly result: Matrix;
}

/** By the pixels of a result's tile. Tiles of the input have two more each way. */
export const TRANSFORMS = {
    '4x4': {
        input: [
            [4, 0, -5, 0, 1, 0],
            [0, -4, -4, 1, 1, 0],
            [0, 4, -4, -1, 1, 0],
            [0, -2, -1, 2, 1, 0],
            [0, 2, -1, -2, 1, 0],
            [0, 4, 0, -5, 0, 1],
        ],
        kernel: [
            [1 / 4, 0, 0],
            [-1 / 6, -1 / 6, -1 / 6],
            [-1 / 6, 1 / 6, -1 / 6],
            [1 / 24, 1 / 12, 1 / 6],
            [1 / 24, -1 / 12, 1 / 6],
            [0, 0, 1],
        ],
        result: [
            [1, 1, 1, 1, 1, 0],
            [0, 1, -1, 2, -2, 0],
            [0, 1, 1, 4, 4, 0],
            [0, 1, -1, 8, -8, 1],
        ],
    },
    '2x2': {
        input: [
            [1, 0, -1, 0],
            [0, 1, 1, 0],
            [0, -1, 1, 0],
            [0, 1, 0, -1],
        ],
        kernel: [
            [1, 0, 0],
            [1 / 2, 1 / 2, 1 / 2],
            [1 / 2, -1 / 2, 1 / 2],
            [0, 0, 1],
        ],
        result: [
            [1, 1, 1, 0],
            [0, 1, -1, -1],
        ],
    },
} as const satisfies Readonly<Record<string, Transform>>;

export type WinogradForm = keyof typeof TRANSFORMS;

/** Places within a tile of the input: as many products of matrices as one convolution takes. */
export function tilePositions(form: WinogradForm): number {
    return TRANSFORMS[form].input.length ** 2;
}

/** A convolution whose transformed weights are at hand. */
export interface TransformedConvolution {
    readonly form: WinogradForm;
    /** float32 `[positions, to, from]`: 36 positions of 4x4, 16 of 2x2. */
    readonly location: TensorLocation;
    /** The resolution it runs at, 0 is the finest: features of one level have one size. */
    readonly level: number;
    /** So many parts of the tiles go through one after the other, so that what is between the steps stays in the cache. Default 1. */
    readonly parts?: number;
}

/** Convolutions by the name of their module. */
export type TransformedConvolutions = ReadonlyMap<string, TransformedConvolution>;

/** Kernels that are transformed together, so that results are written in runs: those of one kernel are far apart. */
const KERNELS = 512;

/** G·g·Gᵀ of every kernel: `[to, from, 3, 3]` → `[positions, to, from]`, computed in double precision. */
export function transformWeights(weights: Float32Array, to: number, from: number, form: WinogradForm): Float32Array {
    const count = to * from;
    const factors = TRANSFORMS[form].kernel.map((row) => Float64Array.from(row));
    const side = factors.length;
    const transformed = new Float32Array(side ** 2 * count);
    // G·g for each kernel of a block: three columns.
    const columns = new Float64Array(KERNELS * 3 * side);
    for (let first = 0; first < count; first += KERNELS) {
        const last = Math.min(first + KERNELS, count);
        for (let kernel = first; kernel < last; kernel++) {
            for (let column = 0; column < 3; column++) {
                const at = kernel * 9 + column;
                const [x, y, z] = [weights[at]!, weights[at + 3]!, weights[at + 6]!];
                for (let i = 0; i < side; i++) {
                    const row = factors[i]!;
                    columns[(i * 3 + column) * KERNELS + kernel - first] = row[0]! * x + row[1]! * y + row[2]! * z;
                }
            }
        }
        for (let position = 0; position < side ** 2; position++) {
            const row = factors[position % side]!;
            const [a, b, c] = [row[0]!, row[1]!, row[2]!];
            const x = Math.floor(position / side) * 3 * KERNELS;
            const target = position * count;
            for (let kernel = first; kernel < last; kernel++) {
                const at = x + kernel - first;
                transformed[target + kernel] =
                    a * columns[at]! + b * columns[at + KERNELS]! + c * columns[at + 2 * KERNELS]!;
            }
        }
    }
    return transformed;
}
