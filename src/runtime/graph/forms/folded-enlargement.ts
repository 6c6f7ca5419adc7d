/**
 * Nearest-neighbour enlargement by two and a 3x3 convolution in one: four convolutions of 2x2 on the small picture, one for each place
 * within the copies of a pixel. Neighbours that are copies of one pixel share the sum of their weights: 16 products instead of 36.
 */
import type { Graph, Value } from '../graph.ts';

/** What is needed of the layers: their graph, and tensors of the file. */
interface Operators {
    readonly graph: Graph;
    weight(name: string, shape: readonly number[]): Value;
}

/** Places within the four copies of a pixel, as `[down, across]`. */
const PLACES = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
] as const;

/** Rows of a 3x3 kernel that meet one row of the small picture: the row before or at the pixel for the first copy, at or after for the second. */
const SHARED = [
    [[0], [1, 2]],
    [[0, 1], [2]],
] as const;

/** `[R, from, h, w]` → `[R, to, 2h, 2w]`, bias included. */
export function foldedEnlargement(
    layers: Operators,
    x: { readonly value: Value; readonly channels: number },
    name: string,
    to: number,
): { readonly value: Value; readonly channels: number } {
    const { graph } = layers;
    const from = x.channels;
    const reshape = (value: Value, dims: readonly number[]) => graph.op('Reshape', [value, graph.ints(dims)]);
    const kernels = reshape(layers.weight(`${name}.weight`, [to, from, 3, 3]), [to * from, 9]);
    const bias = layers.weight(`${name}.bias`, [to]);
    const parts = PLACES.map(([down, across]) => {
        // Operators on constants, which onnxruntime computes once.
        const sums = graph.floats(`kernel of copy ${down}, ${across}`, sumsOf(down, across), [9, 4]);
        const kernel = reshape(graph.op('MatMul', [kernels, sums]), [to, from, 2, 2]);
        return graph.op('Conv', [x.value, kernel, bias], {
            kernel_shape: [2, 2],
            pads: [1 - down, 1 - across, down, across],
        });
    });
    const all = graph.op('Concat', parts, { axis: 1 });
    return { value: graph.op('DepthToSpace', [all], { blocksize: 2, mode: 'DCR' }), channels: to };
}

/** `[9, 4]`: 1 where a weight of the 3x3 kernel is a summand of the 2x2 kernel. */
function sumsOf(down: 0 | 1, across: 0 | 1): readonly number[] {
    const isSummand = (rows: readonly number[], row: number) => (rows.includes(row) ? 1 : 0);
    return Array.from({ length: 9 * 4 }, (_, index) => {
        const [place, tap] = [index >> 2, index & 3];
        const [row, column] = [Math.floor(place / 3), place % 3];
        return isSummand(SHARED[down][tap >> 1]!, row) * isSummand(SHARED[across][tap & 1]!, column);
    });
}
