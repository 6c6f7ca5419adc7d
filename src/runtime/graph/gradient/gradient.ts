/**
 * Reverse-mode differentiation of a graph: nodes are added that carry gradients from results back to their causes.
 *
 * For a node y = f(x) and the gradient g of a scalar with respect to y, its rule adds the nodes of the vector-Jacobian
 * product gᵀ·∂f/∂x. Walking the nodes backwards and adding up what reaches each value gives the gradient of the scalar with
 * respect to every value; only the paths that lead to the values asked for are built. The result is an ordinary graph:
 * one session computes loss and gradients.
 */
import type { Graph, Value } from '../graph.ts';
import { type Dims, inferShapes } from '../shapes/infer-shapes.ts';
import { dependents, type MemoryPolicy, moduleOf, recaller } from './memory.ts';
import type { GradientSite } from './rule.ts';
import { RULES } from './rules.ts';

export interface GradientRequest {
    /** Sides of the graph's inputs; they become fixed. */
    readonly inputs: Readonly<Record<Value, Dims>>;
    /** Where gradients enter: results of the graph, each with the value that holds its gradient. */
    readonly seeds: ReadonlyMap<Value, Value>;
    /** The values whose gradients are wanted: inputs of the graph, or any other. */
    readonly of: readonly Value[];
    /** Default `all`. */
    readonly memory?: MemoryPolicy;
}

/**
 * Adds the backward pass to a graph and returns the gradients by the value that they belong to. Call `graph.prune()`
 * once the outputs are named: onnxruntime runs nodes that nothing reads.
 */
export function addGradient(graph: Graph, request: GradientRequest): ReadonlyMap<Value, Value> {
    const { inputs, seeds, of, memory = 'all' } = request;
    const { dims, ints } = inferShapes(graph, inputs);
    graph.inputs.splice(
        0,
        graph.inputs.length,
        ...graph.inputs.map((port) => ({ ...port, dims: dims.get(port.name)! })),
    );
    const forward = [...graph.nodes];
    const affected = dependents(forward, of);
    const memories = recaller(graph, memory);

    const flows = new Map<Value, Value>(seeds);
    for (const node of forward.reverse()) {
        const own = node.outputs.map((value) => flows.get(value));
        const first = own.find((flow) => flow !== undefined);
        if (first === undefined || !node.inputs.some((value) => affected.has(value))) continue;
        const rule = RULES[node.operator];
        if (!rule) throw new Error(`${node.operator} has no rule for its gradient (${node.name}).`);
        const module = moduleOf(node);
        memories.arrive(module, first);
        const site: GradientSite = {
            graph,
            node,
            flows: own,
            wants: (index) => affected.has(node.inputs[index] ?? ''),
            dims: (value) => dims.get(value)!,
            ints: (value) => ints.get(value)!,
            recall: memories.recall,
            sparing: memory !== 'all',
        };
        graph.within(`${module || 'top'} back`, () => {
            for (const [index, flow] of rule(site, own[0] ?? '', ...node.inputs).entries()) {
                const value = node.inputs[index]!;
                if (!flow || !affected.has(value)) continue;
                const others = flows.get(value);
                flows.set(value, others ? graph.op('Add', [others, flow]) : flow);
            }
        });
    }
    return new Map(of.map((value) => [value, flows.get(value) ?? unreached(value)]));
}

function unreached(value: Value): never {
    throw new Error(`No gradient flows back to ${value}.`);
}
