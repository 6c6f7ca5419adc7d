/** Shape inference: the sides of every value of a graph, once those of its inputs are fixed. */
import { elementCount } from '../../tensor.ts';
import type { Graph, Initializer, Node, Value } from '../graph.ts';

export type Dims = readonly number[];

export interface Shapes {
    readonly dims: ReadonlyMap<Value, Dims>;
    /** Contents of small values that are known before the graph runs: shapes, axes, permutations, scales. */
    readonly contents: ReadonlyMap<Value, readonly number[]>;
}

/**
 * Infers the shape of every value in one pass over the nodes. `inputs` fixes the sides of the graph's inputs.
 * Throws for an operator that it does not know: a broken promise of the graph's builder, not a user's mistake.
 */
export function inferShapes(graph: Graph, inputs: Readonly<Record<Value, Dims>>): Shapes {
    const shapes = inferKnownShapes(graph, inputs);
    for (const node of graph.nodes) {
        const unknown = node.outputs.find((value) => !shapes.dims.has(value));
        if (unknown !== undefined) throw new Error(`${node.name}: the shape of ${unknown} is not known.`);
    }
    return shapes;
}

/** The same for any graph: values whose shape is not known are left out, and sides that are not known are `NaN`. */
export function inferKnownShapes(graph: Graph, inputs: Readonly<Record<Value, Dims>>): Shapes {
    const dims = new Map<Value, Dims>(Object.entries(inputs));
    const contents = new Map<Value, readonly number[]>();
    for (const entry of graph.initializers.values()) {
        dims.set(entry.name, entry.dims);
        const numbers = smallContent(entry);
        if (numbers) contents.set(entry.name, numbers);
    }
    for (const node of graph.nodes) {
        const sides = node.inputs.map((value) => (value === '' ? [] : dims.get(value)));
        if (!sides.every((each) => each !== undefined)) continue;
        const known = node.inputs.map((value) => contents.get(value));
        const content = contentOf(node, sides[0]!, known);
        if (content) contents.set(node.outputs[0]!, content);
        const result = RESULTS[node.operator]?.(sides, known, node);
        if (result) for (const value of node.outputs) dims.set(value, result);
    }
    return { dims, contents };
}

/** Real numbers are read up to as many as a Resize has scales. */
const MOST_SCALES = 8;

function smallContent(entry: Initializer): readonly number[] | undefined {
    if (!('bytes' in entry)) return undefined;
    const { buffer, byteOffset, byteLength } = entry.bytes;
    if (entry.type === 'int64') return [...new BigInt64Array(buffer, byteOffset, byteLength / 8)].map(Number);
    if (entry.type !== 'float32' || byteLength > 4 * MOST_SCALES) return undefined;
    return [...new Float32Array(buffer, byteOffset, byteLength / 4)];
}

/** Shapes that the graph computes: slices of a shape, joined with each other or with constants. */
function contentOf(node: Node, [...sides]: Dims, contents: readonly (Dims | undefined)[]): Dims | undefined {
    const { start = 0, end } = node.attributes as { start?: number; end?: number };
    if (node.operator === 'Shape') return sides.slice(start, end);
    if (node.operator !== 'Concat' || contents.includes(undefined)) return undefined;
    return contents.flat() as number[];
}

/** Sides of a result from those of the inputs, where they follow; `contents` are the inputs' where known. All results are alike. */
type Infer = (sides: readonly Dims[], contents: readonly (Dims | undefined)[], node: Node) => Dims | undefined;

const same: Infer = ([a]) => a!;
const broadcasted: Infer = (sides) => sides.reduce(broadcast);
const product: Infer = ([a, b], _, { attributes }) => [
    ...broadcast(a!.slice(0, -2), b!.slice(0, -2)),
    a!.at(attributes.transA ? -1 : -2)!,
    b!.at(attributes.transB ? -2 : -1)!,
];
const reduced: Infer = ([a], [, axes], { attributes }) => {
    const gone = axes?.map((axis) => (axis + a!.length) % a!.length);
    return gone && a!.flatMap((side, axis) => (!gone.includes(axis) ? [side] : attributes.keepdims === 0 ? [] : [1]));
};
const withAxis = (node: Node, dims: Dims, side: (old: number) => number): Dims => {
    const axis = axisOf(node, dims.length);
    return dims.map((old, at) => (at === axis ? side(old) : old));
};

const alike = (names: string, infer: Infer) => Object.fromEntries(names.split(' ').map((name) => [name, infer]));

const RESULTS: Readonly<Record<string, Infer>> = {
    ...alike('Identity Cast QuickGelu Gelu Softmax Sqrt Neg Sigmoid Erf Exp Reciprocal Abs Clip', same),
    ...alike('Relu LeakyRelu PRelu QuantizeLinear', same),
    ...alike('MultiHeadAttention InstanceNormalization LayerNormalization', same),
    ...alike('Add Sub Mul Div Mod Min Max Less GreaterOrEqual Equal Or Where', broadcasted),
    ...alike('MatMul FusedMatMul Gemm MatMulIntegerToFloat', product),
    ...alike('ReduceMean ReduceMax ReduceSum ReduceSumSquare', reduced),
    Shape: ([a], _, { attributes }) => [
        a!.slice(attributes.start as number | undefined, attributes.end as number | undefined).length,
    ],
    Reshape: ([a], [, target]) => {
        const sides = target?.map((side, axis) => (side === 0 ? a![axis]! : side));
        return sides?.map((side) => (side === -1 ? -elementCount(a!) / elementCount(sides) : side));
    },
    Unsqueeze: ([a], [, axes]) => {
        if (!axes) return undefined;
        const rank = a!.length + axes.length;
        const rest = [...a!];
        return Array.from({ length: rank }, (_, axis) =>
            axes.includes(axis) || axes.includes(axis - rank) ? 1 : rest.shift()!,
        );
    },
    Transpose: ([a], _, { attributes }) => (attributes.perm as Dims).map((axis) => a![axis]!),
    Concat: (sides, _, node) => {
        const axis = axisOf(node, sides[0]!.length);
        const rest = sides[0]!.map((side, at) => sides.find((dims) => !Number.isNaN(dims[at]))?.[at] ?? side);
        return withAxis(node, rest, () => sides.reduce((sum, dims) => sum + dims[axis]!, 0));
    },
    Split: ([a], _, node) => withAxis(node, a!, (side) => side / node.outputs.length),
    /** Forwards, or all of an axis backwards. */
    Slice: ([a], [, from, to, axes, steps]) =>
        from &&
        to &&
        a!.map((side, axis) => {
            const at = axes?.indexOf(axis) ?? axis;
            const step = steps?.[at] ?? 1;
            if (at < 0 || !(at in from) || step < 0) return side;
            return Math.ceil((Math.min(to[at]!, side) - from[at]!) / step);
        }),
    Expand: ([a], [, target]) => target && broadcast(a!, target),
    Pad: ([a], [, pads]) => pads && a!.map((side, axis) => side + pads[axis]! + pads[axis + a!.length]!),
    /** Always along the first axis. */
    Gather: ([a, places]) => [...places!, ...a!.slice(1)],
    Resize: ([a], [, , scales, sizes]) => sizes ?? (scales && a!.map((side, axis) => Math.floor(side * scales[axis]!))),
    Conv: ([a, kernel], _, { attributes }) => {
        const pads = (attributes.pads as Dims | undefined) ?? [0, 0, 0, 0];
        const strides = (attributes.strides as Dims | undefined) ?? [1, 1];
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

/** Sides that differ are not known: which of them is 1 is decided at run time. */
function broadcast(a: Dims, b: Dims): Dims {
    const rank = Math.max(a.length, b.length);
    return Array.from({ length: rank }, (_, axis) => {
        const [one, other] = [a, b].map((dims) => dims[axis - rank + dims.length] ?? 1);
        if (one === 1 || other === 1) return one! * other!;
        return one === other ? one! : Number.NaN;
    });
}
