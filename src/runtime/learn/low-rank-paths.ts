/** Low-rank paths beside a graph's layers, as inputs that can be learnt: y = W·x + (alpha / rank)·up·down·x. */

import { moduleOf } from '../graph/gradient/memory.ts';
import { times } from '../graph/gradient/rule.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { namedWeights, withInputs } from './weight-names.ts';

/** One layer's change (https://arxiv.org/abs/2106.09685). */
export interface LowRankPath {
    /** Such as `down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q`. */
    readonly module: string;
    /** Inputs of the graph: `[rank, from]` or `[rank, from, k, k]`, and `[to, rank]` or `[to, rank, 1, 1]`. */
    readonly down: Value;
    readonly up: Value;
    readonly downDims: readonly number[];
    readonly upDims: readonly number[];
}

export interface LowRankSettings {
    readonly rank: number;
    readonly alpha: number;
    readonly fits: (module: string) => boolean;
}

/** Adds a path to every linear layer and convolution that fits; readers of the layer's product read the sum. */
export function addLowRankPaths(graph: Graph, { rank, alpha, fits }: LowRankSettings): readonly LowRankPath[] {
    const weights = namedWeights(graph);
    const nodes = graph.nodes.splice(0);
    const sums = new Map<Value, Value>();
    const paths: LowRankPath[] = [];
    for (const original of nodes) {
        const node = withInputs(original, sums);
        graph.nodes.push(node);
        const weight =
            node.operator === 'FusedMatMul' || node.operator === 'Conv' ? weights.get(node.inputs[1]!) : undefined;
        if (!weight || !fits(weight.module)) continue;
        const [to, ...rest] = weight.initializer.dims as [number, ...number[]];
        const path: LowRankPath = {
            module: weight.module,
            down: `low/${weight.module}.down`,
            up: `low/${weight.module}.up`,
            downDims: [rank, ...rest],
            upDims: [to, rank, ...rest.slice(1).map(() => 1)],
        };
        graph.input(path.down, path.downDims);
        graph.input(path.up, path.upDims);
        // A scope of its own within the module's: names of nodes are numbered, and must not meet those that exist.
        graph.within(`${moduleOf(node)}/low`, () => {
            const change = times(graph, throughPath(graph, node, path), alpha / rank);
            sums.set(node.outputs[0]!, graph.op('Add', [node.outputs[0]!, change]));
        });
        paths.push(path);
    }
    return paths;
}

function throughPath(graph: Graph, { operator, inputs, attributes }: Node, { down, up }: LowRankPath): Value {
    if (operator === 'FusedMatMul') {
        const narrow = graph.microsoft('FusedMatMul', [inputs[0]!, down], { transB: 1 });
        return graph.microsoft('FusedMatMul', [narrow, up], { transB: 1 });
    }
    const narrow = graph.op('Conv', [inputs[0]!, down], attributes);
    return graph.op('Conv', [narrow, up], { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0] });
}
