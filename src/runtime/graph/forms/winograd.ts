/**
 * 3x3 convolutions with a fraction of the multiplications: F(4x4, 3x3) takes a quarter, F(2x2, 3x3) four ninths. Lavin and Gray,
 * "Fast Algorithms for Convolutional Neural Networks" (CVPR 2016, https://arxiv.org/abs/1509.09308), in stock operators:
 * onnxruntime has no such kernel.
 */
import type { Graph, Value } from '../graph.ts';
import { winogradTiles } from './winograd-tiles.ts';
import {
    type Matrix,
    TRANSFORMS,
    type Transform,
    type TransformedConvolution,
    tilePositions,
} from './winograd-weights.ts';

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
    const { gather, scatter, rowCount, sides } = winogradTiles(
        graph,
        x.value,
        transform,
        `${form} ${level} ${parts}`,
        parts,
    );

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

/** A matrix for both sides at once: the Kronecker product of a one-dimensional transform with itself. */
function constant(graph: Graph, label: string, matrix: Matrix): Value {
    const [rowCount, columns] = [matrix.length, matrix[0]!.length];
    const values = matrix.flatMap((a) => matrix.flatMap((b) => a.flatMap((x) => b.map((y) => x * y))));
    return graph.floats(label, values, [rowCount ** 2, columns ** 2]);
}
