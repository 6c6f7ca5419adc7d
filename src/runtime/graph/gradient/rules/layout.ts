/** Rules of layout: operators that move, join, cut, repeat or pick numbers without changing them. */
import type { Value } from '../../graph.ts';
import { ELEMENT } from '../../onnx.ts';
import { axisOf, type Dims } from '../../shapes/infer-shapes.ts';
import { type GradientSite, type Rule, slice } from '../rule.ts';

export const LAYOUT: Readonly<Record<string, Rule>> = {
    Reshape: reshaped,
    Unsqueeze: reshaped,
    Transpose: ({ graph, node }, g) => {
        const perm = node.attributes.perm as Dims;
        return [graph.op('Transpose', [g], { perm: perm.map((_, axis) => perm.indexOf(axis)) })];
    },
    Concat: ({ graph, node, dims, wants }, g, ...inputs) => {
        const axis = axisOf(node, dims(inputs[0]!).length);
        const sides = inputs.map((value) => dims(value)[axis]!);
        return sides.map((side, index) => {
            const from = sides.slice(0, index).reduce((sum, before) => sum + before, 0);
            return wants(index) ? slice(graph, g, axis, from, from + side) : undefined;
        });
    },
    /** Results without a gradient count as zero. */
    Split: ({ graph, node, flows, dims }) => {
        const zeros = (value: Value) => graph.op('Expand', [graph.scalar(0), graph.ints(dims(value))]);
        const parts = node.outputs.map((value, index) => flows[index] ?? zeros(value));
        return [graph.op('Concat', parts, { axis: node.attributes.axis as number })];
    },
    Slice: ({ graph, node, dims, ints }, g, source, starts, _, axes) => {
        const part = dims(node.outputs[0]!);
        const before = part.map((_, axis) => ints(starts!)[ints(axes!).indexOf(axis)] ?? 0);
        const behind = dims(source!).map((side, axis) => side - before[axis]! - part[axis]!);
        return [graph.op('Pad', [g, graph.ints([...before, ...behind])])];
    },
    Pad: ({ graph, dims, ints }, g, source, pads) => [
        dims(source!).reduce(
            (x, side, axis) => slice(graph, x, axis, ints(pads!)[axis]!, ints(pads!)[axis]! + side),
            g,
        ),
    ],
    /** Rows of a table: each gets the sum over the places that it was copied to, as a product with a 0/1 matrix. */
    Gather: ({ graph, dims, recall }, g, table, places) => {
        const [rows, ...rest] = dims(table!) as [number, ...number[]];
        const width = rest.reduce((size, side) => size * side, 1);
        const numbers = graph.ints(Array.from({ length: rows }, (_, row) => row));
        const column = graph.op('Reshape', [numbers, graph.ints([-1, 1])]);
        const taken = graph.op('Equal', [column, graph.op('Reshape', [recall(places!), graph.ints([1, -1])])]);
        const flat = graph.op('Reshape', [g, graph.ints([-1, width])]);
        const sums = graph.op('MatMul', [graph.op('Cast', [taken], { to: ELEMENT.float32 }), flat]);
        return [graph.op('Reshape', [sums, graph.ints(dims(table!))])];
    },
    /** Nearest neighbours: each source pixel gets the sum over its copies, first along the rows, then the columns. */
    Resize: ({ graph, node, dims }, g, source) => {
        const copies = (axis: 2 | 3) => {
            const from = dims(source!)[axis]!;
            const to = dims(node.outputs[0]!)[axis]!;
            const matrix = new Float32Array(from * to);
            for (let at = 0; at < to; at++) matrix[Math.floor((at * from) / to) * to + at] = 1;
            return graph.floats(`nearest ${from} of ${to}`, matrix, [from, to]);
        };
        const columns = graph.microsoft('FusedMatMul', [g, copies(3)], { transB: 1 });
        return [graph.op('MatMul', [copies(2), columns])];
    },
};

function reshaped({ graph, dims }: GradientSite, g: Value, ...[x]: readonly Value[]): readonly Value[] {
    return [graph.op('Reshape', [g, graph.ints(dims(x!))])];
}
