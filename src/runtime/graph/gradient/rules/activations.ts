/** Rules of activations: SiLU and its like, GELU, softmax. */
import type { Graph, Value } from '../../graph.ts';
import { type Rule, realAttribute, times } from '../rule.ts';

export const ACTIVATIONS: Readonly<Record<string, Rule>> = {
    /** y = x·s with s = sigmoid(a·x): y' = s + a·x·s·(1 − s). */
    QuickGelu: ({ graph, node, recall }, g, x) => {
        const steep = times(graph, recall(x!), realAttribute(node, 'alpha'));
        const s = graph.op('Sigmoid', [steep]);
        const rest = graph.op('Mul', [graph.op('Mul', [steep, s]), graph.op('Sub', [graph.scalar(1), s])]);
        return [graph.op('Mul', [g, graph.op('Add', [s, rest])])];
    },
    /** y = x·Φ(x), with the normal distribution Φ and its density φ: y' = Φ(x) + x·φ(x). */
    Gelu: ({ graph, recall }, g, source) => {
        const x = recall(source!);
        const half = times(graph, graph.op('Erf', [times(graph, x, Math.SQRT1_2)]), 0.5);
        const distribution = graph.op('Add', [half, graph.scalar(0.5)]);
        const exponential = graph.op('Exp', [times(graph, graph.op('Mul', [x, x]), -0.5)]);
        const density = times(graph, exponential, 1 / Math.sqrt(2 * Math.PI));
        return [graph.op('Mul', [g, graph.op('Add', [distribution, graph.op('Mul', [x, density])])])];
    },
    Softmax: ({ graph, node, recall }, g) => [softmaxGradient(graph, recall(node.outputs[0]!), g)],
};

/** p·(g − Σ p·g) over the last axis, for probabilities p. */
export function softmaxGradient(graph: Graph, p: Value, g: Value): Value {
    const weighted = graph.op('Mul', [p, g]);
    return graph.op('Sub', [weighted, graph.op('Mul', [p, graph.op('ReduceSum', [weighted, graph.ints([-1])])])]);
}
