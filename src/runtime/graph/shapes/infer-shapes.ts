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
    const ints = new Map<Value, Dims>();
    const scales = new Map<Value, Dims>();
    for (const entry of graph.initializers.values()) {
        dims.set(entry.name, entry.dims);
        if (!('bytes' in entry)) continue;
        const { buffer, byteOffset, byteLength } = entry.bytes;
        if (entry.type === 'int64')
            ints.set(entry.name, [...new BigInt64Array(buffer, byteOffset, byteLength / 8)].map(Number));
        if (entry.type === 'float32' && byteLength === 4 * RANK)
            scales.set(entry.name, [...new Float32Array(buffer, byteOffset, RANK)]);
    }
    for (const node of graph.nodes) {
        const sides = node.inputs.map((value) => (value === '' ? [] : dims.get(value)));
        if (!sides.every((each) => each !== undefined)) continue;
        const known = node.inputs.map((value) => ints.get(value));
        const content = contentOf(node, sides[0]!, known);
        if (content) ints.set(node.outputs[0]!, content);
        if (node.operator === 'Resize') known[2] = scales.get(node.inputs[2]!);
        const result = RESULTS[node.operator]?.(sides, known, node);
        if (result) for (const value of node.outputs) dims.set(value, result);
    }
    return { dims, ints };
}

/** Of pictures and features, and so of the scales of their enlargement. */
const RANK = 4;

/** Whole numbers that the graph computes from shapes: slices of a shape, joined, counted up. */
function contentOf(node: Node, [...sides]: Dims, contents: readonly (Dims | undefined)[]): Dims | undefined {
    if (node.operator === 'Shape') {
        const { start = 0, end } = node.attributes as { start?: number; end?: number };
        return sides.slice(start, end);
    }
    if (contents.includes(undefined)) return undefined;
    const [a, b, to] = contents as readonly Dims[];
    switch (node.operator) {
        case 'Concat':
            return contents.flat() as number[];
        case 'Squeeze':
        case 'Unsqueeze':
            return a;
        case 'Slice':
            return contents.length === 4 ? a!.slice(b![0], to![0]) : undefined;
        case 'Add':
            return each(a!, b!, (x, y) => x + y);
        case 'Sub':
            return each(a!, b!, (x, y) => x - y);
        case 'Mul':
            return each(a!, b!, (x, y) => x * y);
        case 'Div':
            return each(a!, b!, (x, y) => Math.trunc(x / y));
        default:
            return undefined;
    }
}

/** Lists of one length, or one of them with a single number. */
function each(a: Dims, b: Dims, combine: (x: number, y: number) => number): Dims | undefined {
    const length = Math.max(a.length, b.length);
    if (![a, b].every((list) => list.length === length || list.length === 1)) return undefined;
    const at = (list: Dims, index: number) => list[list.length === 1 ? 0 : index]!;
    return Array.from({ length }, (_, index) => combine(at(a, index), at(b, index)));
}

/** Sides of a result from those of the inputs, where they follow; `ints` are the inputs' contents where known. All results are alike. */
type Infer = (sides: readonly Dims[], ints: readonly (Dims | undefined)[], node: Node) => Dims | undefined;

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
    /** Parts whose sizes are computed may be rounded to sizes that are equal for some inputs alone: they are not known. */
    Split: ([a, sizes], _, node) => withAxis(node, a!, (side) => (sizes ? Number.NaN : side / node.outputs.length)),
    /** Of all axes of length 1. */
    Squeeze: ([a]) => a!.filter((side) => side !== 1),
    Range: (_, [from, to, step]) => from && to && step && [Math.ceil((to[0]! - from[0]!) / step[0]!)],
    /** DepthToSpace makes pictures of channels, SpaceToDepth the reverse. */
    DepthToSpace: ([a], _, { attributes }) => blocks(a!, attributes.blocksize as number),
    SpaceToDepth: ([a], _, { attributes }) => blocks(a!, 1 / (attributes.blocksize as number)),
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

function blocks([rows, channels, height, width]: Dims, side: number): Dims {
    return [rows!, channels! / side ** 2, height! * side, width! * side];
}

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
