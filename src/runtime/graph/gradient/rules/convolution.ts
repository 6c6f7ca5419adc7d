/** The rule of convolutions: gradients of the input, the kernel and the offset. */
import type { Value } from '../../graph.ts';
import type { Dims } from '../../shapes/infer-shapes.ts';
import type { GradientSite, Rule } from '../rule.ts';

export const CONVOLUTION: Readonly<Record<string, Rule>> = {
    Conv: (site, g, ...inputs) => [
        site.wants(0) ? inputGradient(site, g, ...inputs) : undefined,
        site.wants(1) ? kernelGradient(site, g, ...inputs) : undefined,
        site.wants(2) ? offsetGradient(site, g) : undefined,
    ],
};

/**
 * At stride 1 a convolution of the gradient with the kernel turned by 180° and its channels swapped: of a constant
 * kernel onnxruntime computes that once, at load, and it runs faster than ConvTranspose, which other strides need. ConvTranspose reads the kernel as it
 * is: where memory is dear, it saves the turned copies of all kernels, 2.3 GB for Stable Diffusion 1.5.
 */
function inputGradient(
    { graph, node, dims, recall, sparing }: GradientSite,
    g: Value,
    ...[x, weight]: readonly Value[]
): Value {
    const { kernel_shape, pads, strides } = node.attributes as Record<'kernel_shape' | 'pads' | 'strides', Dims>;
    const [kernel, stride] = [kernel_shape[0]!, strides[0]!];
    if (stride === 1 && !sparing) {
        let turned = graph.op('Transpose', [recall(weight!)], { perm: [1, 0, 2, 3] });
        const backwards = graph.ints([-1, -1]);
        const end = graph.ints([-kernel - 1, -kernel - 1]);
        if (kernel > 1) turned = graph.op('Slice', [turned, backwards, end, graph.ints([2, 3]), backwards]);
        const outer = pads.map((pad) => kernel - 1 - pad);
        return graph.op('Conv', [g, turned], { kernel_shape, strides, pads: outer });
    }
    // Rows and columns at the far sides that the stride left unread.
    const output_padding = [0, 1].map((axis) => {
        const read = (dims(node.outputs[0]!)[2 + axis]! - 1) * stride + kernel;
        return dims(x!)[2 + axis]! + pads[axis]! + pads[axis + 2]! - read;
    });
    return graph.op('ConvTranspose', [g, recall(weight!)], { kernel_shape, strides, pads, output_padding });
}

/**
 * One product of matrices, g·cᵀ over all pictures and pixels, where c holds what each place of the kernel read: the padded
 * input, shifted by the place. A convolution of the input with the gradient as its kernel, which is the same, has
 * products of nine columns only, which processors are slow at.
 */
function kernelGradient(
    { graph, node, dims, recall }: GradientSite,
    g: Value,
    ...[x, weight]: readonly Value[]
): Value {
    const { pads, strides } = node.attributes as Record<'pads' | 'strides', Dims>;
    const [to, from, height, width] = dims(weight!) as [number, number, number, number];
    if (height === 1 && strides[0] === 1) {
        // A 1x1 kernel is a matrix: the sum over the pictures of g·xᵀ, over all pixels.
        const flat = (value: Value) => graph.op('Reshape', [value, graph.ints([0, 0, -1])]);
        const each = graph.microsoft('FusedMatMul', [flat(g), flat(recall(x!))], { transB: 1 });
        return graph.op('Reshape', [graph.op('ReduceSum', [each, graph.ints([0])]), graph.ints(dims(weight!))]);
    }
    const rows = (value: Value, count: number) => graph.op('Reshape', [value, graph.ints([count, -1])]);
    const channelsFirst = (value: Value) => graph.op('Transpose', [value], { perm: [1, 0, 2, 3] });
    const padded = graph.op('Pad', [
        channelsFirst(recall(x!)),
        graph.ints([0, 0, ...pads.slice(0, 2), 0, 0, ...pads.slice(2)]),
    ]);
    const read = dims(node.outputs[0]!).slice(2);
    const shifted: Value[] = [];
    for (let y = 0; y < height; y++) {
        for (let column = 0; column < width; column++) {
            const first = [y, column];
            const end = first.map((at, axis) => at + (read[axis]! - 1) * strides[axis]! + 1);
            const steps = strides.some((step) => step > 1) ? [graph.ints(strides)] : [];
            const ranges = [graph.ints(first), graph.ints(end), graph.ints([2, 3]), ...steps];
            shifted.push(graph.op('Slice', [padded, ...ranges]));
        }
    }
    const places = rows(graph.op('Concat', shifted, { axis: 0 }), height * width * from);
    const product = graph.microsoft('FusedMatMul', [rows(channelsFirst(g), to), places], { transB: 1 });
    const byPlace = graph.op('Reshape', [product, graph.ints([to, height * width, from])]);
    const byChannel = graph.op('Transpose', [byPlace], { perm: [0, 2, 1] });
    return graph.op('Reshape', [byChannel, graph.ints(dims(weight!))]);
}

/** The sum over pictures and pixels. */
function offsetGradient({ graph }: GradientSite, g: Value): Value {
    return graph.op('ReduceSum', [g, graph.ints([0, 2, 3])], { keepdims: 0 });
}
