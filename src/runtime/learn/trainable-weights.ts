/** A graph's own weights as inputs, so that they can be learnt. */
import type { Graph, Node, Value } from '../graph/graph.ts';
import type { TensorLocation } from '../weights/safetensors.ts';
import { namedWeights, withInputs } from './weight-names.ts';

export interface TrainableWeight {
    /** The input of the graph that takes the weight. */
    readonly input: Value;
    readonly module: string;
    readonly part: 'weight' | 'bias';
    readonly dims: readonly number[];
    /** Where its first values are. */
    readonly location: TensorLocation;
}

/** Turns weights and offsets of the layers that fit into inputs of the graph, in float32 whatever the file holds. */
export function exposeWeights(graph: Graph, fits: (module: string) => boolean): readonly TrainableWeight[] {
    const exposed = new Map<string, TrainableWeight>();
    const replaced = new Map<Value, Value>();
    for (const [value, { module, part, initializer }] of namedWeights(graph)) {
        if (!fits(module) || !('location' in initializer)) continue;
        const input = `weights/${module}.${part}`;
        // Of half precision the widened copy is replaced; the Cast loses its readers and is pruned.
        if (initializer.type === 'float32' || value !== initializer.name) replaced.set(value, input);
        exposed.set(input, { input, module, part, dims: initializer.dims, location: initializer.location });
    }
    for (const { input, dims } of exposed.values()) graph.input(input, dims);
    const nodes: readonly Node[] = graph.nodes.splice(0);
    for (const node of nodes) graph.nodes.push(withInputs(node, replaced));
    return [...exposed.values()];
}
