/** What rules are made of: a node with the gradients of its results, and the small pieces that several rules share. */
import type { Graph, Node, Value } from '../graph.ts';
import type { Dims } from '../shapes/infer-shapes.ts';

/** A node of the forward graph, seen from behind. */
export interface GradientSite {
    readonly graph: Graph;
    readonly node: Node;
    /** Gradients of the node's results; at least one exists. */
    readonly flows: readonly (Value | undefined)[];
    /** Whether the gradient of this input is needed. */
    wants(index: number): boolean;
    dims(value: Value): Dims;
    /** Contents of a whole-number value that is known before the graph runs. */
    ints(value: Value): Dims;
    /** A value of the forward pass: kept, or computed a second time. */
    recall(value: Value): Value;
    /** Whether memory is dearer than time: no rearranged copies of weights are kept. */
    readonly sparing: boolean;
}

/**
 * The vector-Jacobian product of an operator: from the gradient g of the first result, and the inputs, to the gradients
 * of the inputs. Gradients that are not wanted may be undefined or missing.
 */
export type Rule = (site: GradientSite, g: Value, ...inputs: readonly Value[]) => readonly (Value | undefined)[];

/**
 * x itself, but not before `others` are computed: x + 0·(first elements). onnxruntime merges equal nodes and runs nodes
 * in depth-first order from the outputs, so without this dependency a value that is to be computed a second time would be
 * merged with the first, or be computed at the start and held in memory until it is needed.
 */
export function after(graph: Graph, x: Value, others: readonly Value[]): Value {
    const [whole, zero, one] = [[-1], [0], [1]].map((list) => graph.ints(list)) as [Value, Value, Value];
    const firsts = others.map((value) => graph.op('Slice', [graph.op('Reshape', [value, whole]), zero, one]));
    const sum = firsts.reduce((a, b) => graph.op('Add', [a, b]));
    return graph.op('Add', [x, graph.op('Mul', [sum, graph.scalar(0)])]);
}

/** The gradient of an input that was broadcast to the result's shape: the sum over its copies. Undefined if not wanted. */
export function summed({ graph, node, wants, dims }: GradientSite, g: Value, index: number): Value | undefined {
    if (!wants(index)) return undefined;
    const from = dims(node.outputs[0]!);
    const to = dims(node.inputs[index]!);
    const extra = from.length - to.length;
    const axes = from.flatMap((side, axis) => (axis < extra || (to[axis - extra] === 1 && side > 1) ? [axis] : []));
    if (axes.length === 0) return g;
    const sum = graph.op('ReduceSum', [g, graph.ints(axes)]);
    return extra > 0 ? graph.op('Reshape', [sum, graph.ints(to)]) : sum;
}

/** Entries `from` (inclusive) to `to` (exclusive) along one axis. */
export function slice(graph: Graph, x: Value, axis: number, from: number, to: number): Value {
    return graph.op('Slice', [x, graph.ints([from]), graph.ints([to]), graph.ints([axis])]);
}

/** x times a number. */
export function times(graph: Graph, x: Value, factor: number): Value {
    return graph.op('Mul', [x, graph.scalar(factor)]);
}

/** A node's attribute that is stored as a real number. */
export function realAttribute(node: Node, name: string): number {
    return (node.attributes[name] as { readonly float: number }).float;
}
