/** Rules of normalisation: of groups (as instances), and of the last axis. */
import type { Graph, Value } from '../../graph.ts';
import { type Rule, realAttribute } from '../rule.ts';

export const NORMALISATION: Readonly<Record<string, Rule>> = {
    /** With scale 1 and offset 0, as `Layers.groupNorm` writes it: x̂ = (x − mean) / deviation over the last axis. */
    InstanceNormalization: ({ graph, node, dims, recall }, g, source) => {
        const x = recall(source!);
        const axes = graph.ints([2]);
        const centred = graph.op('Sub', [x, graph.op('ReduceMean', [x, axes])]);
        const squares = graph.op('ReduceSumSquare', [centred, axes]);
        const variance = graph.op('Div', [squares, graph.scalar(dims(source!)[2]!)]);
        const deviation = graph.op('Sqrt', [graph.op('Add', [variance, graph.scalar(realAttribute(node, 'epsilon'))])]);
        const inverse = graph.op('Reciprocal', [deviation]);
        return [normalised(graph, g, graph.op('Mul', [centred, inverse]), inverse, axes)];
    },
    /** y = x̂·scale + offset; the operator's third result is the inverse deviation. */
    LayerNormalization: ({ graph, node, dims, recall, wants }, g, x, scale) => {
        const sides = dims(x!);
        const ones = graph.floats('ones', Array(sides.at(-1)!).fill(1), [sides.at(-1)!]);
        const [normal, , inverse] = graph.ops('LayerNormalization', [recall(x!), ones], 3, node.attributes);
        const overRows = (value: Value) => {
            const rows = graph.ints(sides.slice(0, -1).map((_, axis) => axis));
            return graph.op('ReduceSum', [value, rows], { keepdims: 0 });
        };
        const ofInput = () =>
            normalised(graph, graph.op('Mul', [g, recall(scale!)]), normal!, inverse!, graph.ints([-1]));
        return [
            wants(0) ? ofInput() : undefined,
            wants(1) ? overRows(graph.op('Mul', [g, normal!])) : undefined,
            wants(2) ? overRows(g) : undefined,
        ];
    },
};

/** (g − mean(g) − x̂·mean(g·x̂)) / deviation, where x̂ is the normalised input. */
function normalised(graph: Graph, g: Value, normal: Value, inverse: Value, axes: Value): Value {
    const slope = graph.op('ReduceMean', [graph.op('Mul', [g, normal]), axes]);
    const level = graph.op('Sub', [g, graph.op('ReduceMean', [g, axes])]);
    return graph.op('Mul', [graph.op('Sub', [level, graph.op('Mul', [normal, slope])]), inverse]);
}
