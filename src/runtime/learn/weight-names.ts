/** Weights in a graph: which initializer a node reads, through the Cast that widens half precision. */
import type { Graph, Initializer, Node, Value } from '../graph/graph.ts';

/** A layer's weight: `up_blocks.0.resnets.0.conv1` and `weight` or `bias`. */
export interface NamedWeight {
    readonly module: string;
    readonly part: 'weight' | 'bias';
    readonly initializer: Initializer;
}

/** The weights of a graph by every value that carries one: the initializer, or its widened copy. */
export function namedWeights(graph: Graph): ReadonlyMap<Value, NamedWeight> {
    const named = new Map<Value, NamedWeight>();
    for (const initializer of graph.initializers.values()) {
        const match = /^(.+)\.(weight|bias)\[[\d,]+\]$/.exec(initializer.name);
        if (!match || !('location' in initializer)) continue;
        named.set(initializer.name, { module: match[1]!, part: match[2] as NamedWeight['part'], initializer });
    }
    for (const { operator, inputs, outputs } of graph.nodes) {
        const source = operator === 'Cast' ? named.get(inputs[0]!) : undefined;
        if (source) named.set(outputs[0]!, source);
    }
    return named;
}

/** The node with some inputs replaced. */
export function withInputs(node: Node, replaced: ReadonlyMap<Value, Value>): Node {
    return { ...node, inputs: node.inputs.map((value) => replaced.get(value) ?? value) };
}
