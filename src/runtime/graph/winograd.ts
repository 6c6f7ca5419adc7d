/**
 * 3x3 convolutions with a fraction of the multiplications: F(4x4, 3x3) takes a quarter, F(2x2, 3x3) four ninths. Lavin and Gray,
 * "Fast Algorithms for Convolutional Neural Networks" (CVPR 2016, https://arxiv.org/abs/1509.09308), in stock operators:
 * onnxruntime has no such kernel.
 */
import type { TensorLocation } from '../weights/safetensors.ts';
import type { Graph, Value } from './graph.ts';

/** What is needed of the layers: their graph, tensors of the file, and pixels in rows. */
interface Operators {
    readonly graph: Graph;
    weight(name: string, shape: readonly number[]): Value;
    toTokens(x: Picture): Value;
    add(a: Value, b: Value): Value;
}

/** `[R, channels, h, w]`. */
interface Picture {
    readonly value: Value;
    readonly channels: number;
}

type Matrix = readonly (readonly number[])[];

/** A tile of the result is Aᵀ·[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]·A with the kernel g and the tile d of the input. */
interface Transform {
    readonly input: Matrix;
    readonly kernel: Matrix;
    readonly result: Matrix;
}

/** By the pixels of a result's tile. Tiles of the input have two more each way. */
const TRANSFORMS = {
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

/**
 * A 3x3 convolution of stride 1 that keeps the size, `[R, from, h, w]` → `[R, to, h, w]`, any R, h and w. Every product runs over
 * pixels in rows and channels in columns, so that a picture's values do not depend on the others of its batch.
 */
export function winogradConvolution(
    layers: Operators,
    x: Picture,
    name: string,
    to: number,
    { form, location, level, parts = 1 }: TransformedConvolution,
): Picture {
    const { graph } = layers;
    const from = x.channels;
    const reshape = (value: Value, dims: readonly number[]) => graph.op('Reshape', [value, graph.ints(dims)]);
    const transform: Transform = TRANSFORMS[form];
    const positions = tilePositions(form);
    const { gather, scatter, rowCount, sides } = tilesOf(graph, x.value, transform, `${form} ${level} ${parts}`, parts);

    // The pixels of all tiles, [positions, tiles, from]: a row of zeros after the last pixel is what surrounds the picture.
    const border = graph.floats('border', Array(from).fill(0), [1, from]);
    const pixels = graph.op('Concat', [reshape(layers.toTokens(x), [-1, from]), border], { axis: 0 });
    const weights = graph.weight(`${name}.winograd`, location, [positions, to, from]);
    const ofTiles = (indices: Value) => {
        const tiles = graph.op('Gather', [pixels, indices], { axis: 0 });
        const spread = graph.op('MatMul', [
            constant(graph, `input ${form}`, transform.input),
            reshape(tiles, [positions, -1]),
        ]);
        const product = graph.microsoft('FusedMatMul', [reshape(spread, [positions, -1, from]), weights], {
            transB: 1,
        });
        return graph.op('MatMul', [
            constant(graph, `result ${form}`, transform.result),
            reshape(product, [positions, -1]),
        ]);
    };
    // Tiles are between the places and the channels: [pixels of a tile, tiles · to].
    const gathered = gather.map(ofTiles);
    const whole = gathered.length > 1 ? graph.op('Concat', gathered, { axis: 1 }) : gathered[0]!;
    const result = graph.op('Gather', [reshape(whole, [-1, to]), scatter], { axis: 0 });
    const sum = layers.add(result, layers.weight(`${name}.bias`, [to]));
    const tokens = graph.op('Reshape', [sum, graph.op('Concat', [rowCount, graph.ints([-1, to])], { axis: 0 })]);
    const flat = graph.op('Transpose', [tokens], { perm: [0, 2, 1] });
    const shape = graph.op('Concat', [rowCount, graph.ints([to]), sides], { axis: 0 });
    return { value: graph.op('Reshape', [flat, shape]), channels: to };
}

/**
 * Where the pixels of tiles are, for all features of one level. There are N tiles: those of R rows, and one of zeros, since a
 * product with a single row takes another kernel, whose last bits differ.
 */
interface Tiles {
    /** The pixel at each position of each tile, `[positions, N]` in parts: rows of `[R·h·w + 1]`, the last for what is outside. */
    readonly gather: readonly Value[];
    /** Where each pixel of the result is, `[R·h·w]`: rows of `[pixels of a tile · N]`. */
    readonly scatter: Value;
    readonly rowCount: Value;
    /** h and w. */
    readonly sides: Value;
}

const known = new WeakMap<Graph, Map<string, Tiles>>();

/** The tiles of a level, from the shape of one of its features; made once per graph and `key`. */
function tilesOf(graph: Graph, x: Value, transform: Transform, key: string, parts: number): Tiles {
    const ofGraph = known.get(graph) ?? new Map<string, Tiles>();
    known.set(graph, ofGraph);
    const tiles = ofGraph.get(key) ?? layOutTiles(graph, x, transform, parts);
    ofGraph.set(key, tiles);
    return tiles;
}

function layOutTiles(graph: Graph, x: Value, transform: Transform, parts: number): Tiles {
    const [tileSide, resultSide] = [transform.input.length, transform.result.length];
    const int = (value: number | readonly number[]) => graph.ints(value);
    const sideOf = (axis: number) => graph.op('Shape', [x], { start: axis, end: axis + 1 });
    const add = (a: Value, b: Value) => graph.op('Add', [a, b]);
    const times = (a: Value, b: Value) => graph.op('Mul', [a, b]);
    const range = (count: Value) => graph.op('Range', [int(0), graph.op('Squeeze', [count]), int(1)]);
    const along = (value: Value, ...others: readonly number[]) => graph.op('Unsqueeze', [value, int(others)]);
    const flat = (value: Value) => graph.op('Reshape', [value, int([-1])]);
    const size = int([resultSide]);

    const [rowCount, height, width] = [sideOf(0), sideOf(2), sideOf(3)];
    const tilesAlong = (side: Value) => graph.op('Div', [add(side, int([resultSide - 1])), size]);
    const [down, across] = [tilesAlong(height), tilesAlong(width)];

    // Tiles of the input begin one pixel before those of the result: position i of tile t is pixel m·t + i - 1.
    const pixelsAlong = (count: Value, side: Value) => {
        const starts = times(range(count), size);
        const positions = along(graph.op('Sub', [range(int([tileSide])), int([1])]), 1);
        const at = add(starts, positions);
        const before = graph.op('Less', [at, int([0])]);
        return { at, isOutside: graph.op('Or', [before, graph.op('GreaterOrEqual', [at, side])]) };
    };
    const ys = pixelsAlong(down, height);
    const xs = pixelsAlong(across, width);
    // Axes: position down, position across, row, tile down, tile across.
    const row = along(range(rowCount), 0, 1, 3, 4);
    const pixel = add(times(add(times(row, height), along(ys.at, 1, 2, 4)), width), along(xs.at, 0, 2, 3));
    const isOutside = graph.op('Or', [along(ys.isOutside, 1, 2, 4), along(xs.isOutside, 0, 2, 3)]);
    const beyond = times(rowCount, times(height, width));
    const tiles = graph.op('Reshape', [graph.op('Where', [isOutside, beyond, pixel]), int([tileSide ** 2, -1])]);
    const zeros = graph.op('Expand', [along(beyond, 1), int([tileSide ** 2, 1])]);
    const all = graph.op('Concat', [tiles, zeros], { axis: 1 });
    const count = add(times(rowCount, times(down, across)), int([1]));
    const gather = parts > 1 ? graph.ops('Split', [all, partSizes(graph, count, parts)], parts, { axis: 1 }) : [all];

    // Axes: row, y, x. The result has its positions first, then tiles.
    const y = along(range(height), 0, 2);
    const z = along(range(width), 0, 1);
    const within = (value: Value) => graph.op('Mod', [value, size]);
    const tile = (value: Value) => graph.op('Div', [value, size]);
    const position = add(times(within(y), size), within(z));
    const ofTile = add(times(add(times(along(range(rowCount), 1, 2), down), tile(y)), across), tile(z));
    const scatter = flat(add(times(position, count), ofTile));
    return { gather, scatter, rowCount, sides: graph.op('Shape', [x], { start: 2, end: 4 }) };
}

/** Sizes `[parts]` that sum up to the count. None is 1, since a product with a single row takes another kernel; of few tiles some are 0. */
function partSizes(graph: Graph, count: Value, parts: number): Value {
    const int = (value: number | readonly number[]) => graph.ints(value);
    const steps = int(Array.from({ length: parts }, (_, part) => part));
    // Part k begins at an even number near N·k / parts.
    const even = graph.op('Div', [graph.op('Mul', [graph.op('Sub', [count, int([2])]), steps]), int([2 * parts])]);
    const begins = graph.op('Mul', [even, int([2])]);
    const after = graph.op('Slice', [begins, int([1]), int([parts]), int([0])]);
    return graph.op('Sub', [graph.op('Concat', [after, count], { axis: 0 }), begins]);
}

/** A matrix for both sides at once: the Kronecker product of a one-dimensional transform with itself. */
function constant(graph: Graph, label: string, matrix: Matrix): Value {
    const [rowCount, columns] = [matrix.length, matrix[0]!.length];
    const values = matrix.flatMap((a) => matrix.flatMap((b) => a.flatMap((x) => b.map((y) => x * y))));
    return graph.floats(label, values, [rowCount ** 2, columns ** 2]);
}
