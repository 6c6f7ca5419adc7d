/** Shape inference: the sides of every value of a graph, once those of its inputs are fixed. */
import { elementCount } from '../../tensor.ts';
import type { Graph, Node, Value } from '../graph.ts';

export type Dims = readonly number[];

export interface Shapes {
    readonly dims: ReadonlyMap<Value, Dims>;
    /** Contents of whole-number values that are known before the graph runs: shapes, axes, permutations. */
    readonly ints: ReadonlyMap<Value, Dims>;
}

/**
 * Infers the shape of every value in one pass over the nodes. `inputs` fixes the sides of the graph's inputs.
 * Throws for an operator that it does not know: a broken promise of the graph's builder, not a user's mistake.
 */
export function inferShapes(graph: Graph, inputs: Readonly<Record<Value, Dims>>): Shapes {
    const dims = new Map<Value, Dims>(Object.entries(inputs));
    const ints = new Map<Value, Dims>();
    for (const entry of graph.initializers.values()) {
        dims.set(entry.name, entry.dims);
        if (entry.type !== 'int64' || !('bytes' in entry)) continue;
        const { buffer, byteOffset, byteLength } = entry.bytes;
        ints.set(entry.name, [...new BigInt64Array(buffer, byteOffset, byteLength / 8)].map(Number));
    }
    for (const node of graph.nodes) {
        const contents = node.inputs.map((value) => ints.get(value));
        const sides = node.inputs.map((value) => (value === '' ? [] : (dims.get(value) ?? unknownShape(node, value))));
        const content = contentOf(node, sides[0]!, contents);
        if (content) ints.set(node.outputs[0]!, content);
        const infer = RESULTS[node.operator] ?? unknownShape(node, node.operator);
        for (const value of node.outputs) dims.set(value, infer(sides, contents as readonly Dims[], node));
    }
    return { dims, ints };
}

/** Shapes that the graph computes: slices of a shape, joined with each other or with constants. */
function contentOf(node: Node, [...sides]: Dims, contents: readonly (Dims | undefined)[]): Dims | undefined {
    const { start = 0, end } = node.attributes as { start?: number; end?: number };
    if (node.operator === 'Shape') return sides.slice(start, end);
    if (node.operator !== 'Concat' || contents.includes(undefined)) return undefined;
    return contents.flat() as number[];
}

/** Sides of a result from those of the inputs; `ints` are the inputs' contents where known. All results are alike. */
type Infer = (sides: readonly Dims[], ints: readonly Dims[], node: Node) => Dims;

const same: Infer = ([a]) => a!;
const broadcasted: Infer = (sides) => sides.reduce(broadcast);
const product: Infer = ([a, b], _, { attributes }) => [
    ...broadcast(a!.slice(0, -2), b!.slice(0, -2)),
    a!.at(attributes.transA ? -1 : -2)!,
    b!.at(attributes.transB ? -2 : -1)!,
];
const reduced: Infer = ([a], [, axes], { attributes }) => {
    const gone = axes!.map((axis) => (axis + a!.length) % a!.length);
    return a!.flatMap((side, axis) => (!gone.includes(axis) ? [side] : attributes.keepdims === 0 ? [] : [1]));
};
const withAxis = (node: Node, dims: Dims, side: (old: number) => number): Dims => {
    const axis = axisOf(node, dims.length);
    return dims.map((old, at) => (at === axis ? side(old) : old));
};

const alike = (names: string, infer: Infer) => Object.fromEntries(names.split(' ').map((name) => [name, infer]));

const RESULTS: Readonly<Record<string, Infer>> = {
    ...alike('Identity Cast QuickGelu Gelu Softmax Sqrt Neg Sigmoid Erf Exp Reciprocal', same),
    ...alike('MultiHeadAttention InstanceNormalization LayerNormalization', same),
    ...alike('Add Sub Mul Div Min Max GreaterOrEqual Equal Where', broadcasted),
    ...alike('MatMul FusedMatMul Gemm', product),
    ...alike('ReduceMean ReduceSum ReduceSumSquare', reduced),
    Shape: ([a], _, { attributes }) => [
        a!.slice(attributes.start as number | undefined, attributes.end as number | undefined).length,
    ],
    Reshape: ([a], [, target]) => {
        const sides = target!.map((side, axis) => (side === 0 ? a![axis]! : side));
        return sides.map((side) => (side === -1 ? -elementCount(a!) / elementCount(sides) : side));
    },
    Unsqueeze: ([a], [, axes]) => {
        const rank = a!.length + axes!.length;
        const rest = [...a!];
        return Array.from({ length: rank }, (_, axis) =>
            axes!.includes(axis) || axes!.includes(axis - rank) ? 1 : rest.shift()!,
        );
    },
    Transpose: ([a], _, { attributes }) => (attributes.perm as Dims).map((axis) => a![axis]!),
    Concat: (sides, _, node) => {
        const axis = axisOf(node, sides[0]!.length);
        return withAxis(node, sides[0]!, () => sides.reduce((sum, dims) => sum + dims[axis]!, 0));
    },
    Split: ([a], _, node) => withAxis(node, a!, (side) => side / node.outputs.length),
    /** Forwards, or all of an axis backwards. */
    Slice: ([a], [, from, to, axes, steps]) =>
        a!.map((side, axis) => {
            const at = axes?.indexOf(axis) ?? axis;
            const step = steps?.[at] ?? 1;
            if (at < 0 || !(at in from!) || step < 0) return side;
            return Math.ceil((Math.min(to![at]!, side) - from![at]!) / step);
        }),
    Expand: ([a], [, target]) => broadcast(a!, target!),
    Pad: ([a], [, pads]) => a!.map((side, axis) => side + pads![axis]! + pads![axis + a!.length]!),
    /** Always along the first axis. */
    Gather: ([a, places]) => [...places!, ...a!.slice(1)],
    Resize: ([a], ints) => ints[3] ?? a!.map((side, axis) => (axis < 2 ? side : 2 * side)),
    Conv: ([a, kernel], _, { attributes }) => {
        const [pads, strides] = [attributes.pads as Dims, attributes.strides as Dims];
        const dilations = (attributes.dilations as Dims | undefined) ?? [1, 1];
        const side = (axis: number) => {
            const reach = (kernel![2 + axis]! - 1) * dilations[axis]! + 1;
            return Math.floor((a![2 + axis]! + pads[axis]! + pads[axis + 2]! - reach) / strides[axis]!) + 1;
        };
        return [a![0]!, kernel![0]!, side(0), side(1)];
    },
    ConvTranspose: ([a, kernel], _, { attributes }) => {
        const { pads, strides, output_padding } = attributes as Record<'pads' | 'strides' | 'output_padding', Dims>;
        const side = (axis: number) =>
            (a![2 + axis]! - 1) * strides![axis]! +
            kernel![2 + axis]! +
            output_padding![axis]! -
            pads![axis]! -
            pads![axis + 2]!;
        return [a![0]!, kernel![1]!, side(0), side(1)];
    },
};

/** The axis that a node works along, counted from the front. */
export function axisOf(node: Node, rank: number): number {
    return ((node.attributes.axis as number) + rank) % rank;
}

function broadcast(a: Dims, b: Dims): Dims {
    const rank = Math.max(a.length, b.length);
    const side = (dims: Dims, axis: number) => dims[axis - rank + dims.length] ?? 1;
    return Array.from({ length: rank }, (_, axis) => (side(a, axis) === 1 ? side(b, axis) : side(a, axis)));
}

function unknownShape(node: Node, what: string): never {
    throw new Error(`${node.name}: the shape of ${what} is not known.`);
}
