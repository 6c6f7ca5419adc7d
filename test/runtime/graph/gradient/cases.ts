/** One small graph per rule; the numbers are in `test/goldens/gradient/rules.safetensors`. */
import type { Graph, Value } from '../../../../src/runtime/graph/graph.ts';

/** Builds the result of inputs a, b, c. */
export type Build = (graph: Graph, inputs: readonly Value[]) => Value;

const op =
    (operator: string, attributes = {}): Build =>
    (graph, inputs) =>
        graph.op(operator, inputs, attributes);
const microsoft =
    (operator: string, attributes = {}): Build =>
    (graph, inputs) =>
        graph.microsoft(operator, inputs, attributes);
const conv = (kernel: number, stride: number, pads: readonly number[]) =>
    op('Conv', { kernel_shape: [kernel, kernel], strides: [stride, stride], pads });
const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
const resize =
    (height: number, width: number): Build =>
    (graph, [a]) =>
        graph.op('Resize', [a!, '', '', graph.ints([2, 3, height, width])], nearest);
const constant = (graph: Graph, value: number, count: number) =>
    graph.floats(`all ${value}`, Array(count).fill(value), [count]);

export const CASES: Readonly<Record<string, Build>> = {
    add: op('Add'),
    sub: op('Sub'),
    mul: op('Mul'),
    square: (graph, [a]) => graph.op('Mul', [a!, a!]),
    where: (graph, [a, b]) =>
        graph.op('Where', [graph.op('GreaterOrEqual', [graph.ints([0, 5, 9]), graph.ints([5])]), a!, b!]),
    sum: (graph, [a]) => graph.op('ReduceSum', [a!, graph.ints([1, -1])], { keepdims: 0 }),
    mean: (graph, [a]) => graph.op('ReduceMean', [a!, graph.ints([1, 2, 3])], { keepdims: 0 }),
    reshape: (graph, [a]) => graph.op('Reshape', [a!, graph.ints([0, -1, 3])]),
    unsqueeze: (graph, [a]) => graph.op('Unsqueeze', [a!, graph.ints([1])]),
    transpose: op('Transpose', { perm: [2, 0, 1] }),
    concat: op('Concat', { axis: 1 }),
    split: (graph, [a]) => graph.op('Mul', [...graph.ops('Split', [a!], 2, { axis: -1, num_outputs: 2 })]),
    'split, one part unused': (graph, [a]) => graph.ops('Split', [a!], 2, { axis: -1, num_outputs: 2 })[1]!,
    slice: (graph, [a]) => graph.op('Slice', [a!, graph.ints([1]), graph.ints([4]), graph.ints([1])]),
    pad: (graph, [a]) => graph.op('Pad', [a!, graph.ints([0, 1, 2, 0])]),
    gather: (graph, [a]) =>
        graph.op('Gather', [a!, graph.op('Unsqueeze', [graph.ints([2, 0, 2]), graph.ints([0])])], { axis: 0 }),
    'gather a number': (graph, [a]) => graph.op('Gather', [a!, graph.ints(2)], { axis: 0 }),
    resize: resize(12, 10),
    'resize to odd sides': resize(11, 9),
    matmul: op('MatMul'),
    'stack times matrix': op('MatMul'),
    linear: microsoft('FusedMatMul', { transB: 1, alpha: { float: 0.5 } }),
    gemm: op('Gemm', { transB: 1 }),
    'conv 3': conv(3, 1, [1, 1, 1, 1]),
    'conv 3 stride 2': conv(3, 2, [1, 1, 1, 1]),
    'conv 3 stride 2, odd sides': conv(3, 2, [1, 1, 1, 1]),
    'conv 3 stride 2, one-sided': conv(3, 2, [0, 0, 1, 1]),
    'conv 1': conv(1, 1, [0, 0, 0, 0]),
    'group norm': (graph, [a]) =>
        graph.op('InstanceNormalization', [a!, constant(graph, 1, 4), constant(graph, 0, 4)], {
            epsilon: { float: 1e-5 },
        }),
    'layer norm': op('LayerNormalization', { axis: -1, epsilon: { float: 1e-5 } }),
    silu: microsoft('QuickGelu', { alpha: { float: 1 } }),
    'quick gelu': microsoft('QuickGelu', { alpha: { float: 1.702 } }),
    gelu: microsoft('Gelu'),
    softmax: op('Softmax', { axis: -1 }),
    attention: microsoft('MultiHeadAttention', { num_heads: 2 }),
    'attention, masked': (graph, inputs) => {
        const hidden = Array.from({ length: 25 }, (_, at) => (at % 5 > at / 5 ? -1e30 : 0));
        const mask = graph.floats('mask', hidden, [1, 1, 5, 5]);
        return graph.microsoft('MultiHeadAttention', [...inputs, '', '', mask], { num_heads: 2 });
    },
};
