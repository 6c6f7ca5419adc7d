/** Memory policies: which values of the forward pass are kept for the backward pass, and how others are computed again. */
import type { Graph, Node, Value } from '../graph.ts';
import { after } from './rule.ts';

/**
 * `all`: nothing is computed twice. `costly`: results of convolutions, matrix products and attention are kept, cheap
 * operators run a second time. `modules`: only what passes from one module to the next is kept, and each module runs a
 * second time when the backward pass reaches it (gradient checkpointing, https://arxiv.org/abs/1604.06174).
 */
export type MemoryPolicy = 'all' | 'costly' | 'modules';

const KEEPS: Readonly<Record<MemoryPolicy, (node: Node) => boolean>> = {
    all: () => true,
    costly: (node) => /Conv|MatMul|Attention|Gemm/.test(node.operator),
    modules: () => false,
};

export interface Recall {
    /** Notes the first gradient that reaches a module: nothing of the module is computed again before it. */
    arrive(module: string, gradient: Value): void;
    /** A value of the forward pass, kept or computed again. */
    recall(value: Value): Value;
}

/** Decides for every value of the forward pass. Call before any node of the backward pass is added. */
export function recaller(graph: Graph, policy: MemoryPolicy): Recall {
    const forward = [...graph.nodes];
    const producer = new Map(forward.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
    // Values that depend on no input are constants, which onnxruntime folds; shapes depend on none once they are fixed.
    const varying = dependents(
        forward.filter((node) => node.operator !== 'Shape'),
        graph.inputs.map((port) => port.name),
    );
    const crossing = new Set(
        forward.flatMap((node) => node.inputs.filter((value) => moduleOf(producer.get(value)) !== moduleOf(node))),
    );
    const isKept = (value: Value) => {
        const node = producer.get(value);
        return !node || !varying.has(value) || crossing.has(value) || moduleOf(node) === '' || KEEPS[policy](node);
    };

    const arrivals = new Map<string, Value>();
    const again = new Map<string, Value>();
    function recall(value: Value): Value {
        if (isKept(value)) return value;
        const known = again.get(value);
        if (known) return known;
        const node = producer.get(value)!;
        const sources = node.inputs.map((input) => {
            if (input === '' || !varying.has(input)) return input;
            return isKept(input) ? delayed(input, moduleOf(node)) : recall(input);
        });
        const results = graph.ops(node.operator, sources, node.outputs.length, node.attributes, node.domain);
        for (const [index, result] of results.entries()) again.set(node.outputs[index]!, result);
        return again.get(value)!;
    }
    function delayed(value: Value, module: string): Value {
        const key = `${module} reads ${value}`;
        const known = again.get(key) ?? after(graph, value, [arrivals.get(module)!]);
        again.set(key, known);
        return known;
    }
    return {
        arrive(module, gradient) {
            if (!arrivals.has(module)) arrivals.set(module, gradient);
        },
        recall,
    };
}

/** The module that built a node, such as `down_blocks.0.resnets.1`; empty for nodes between modules. */
export function moduleOf(node: Node | undefined): string {
    return node ? node.name.slice(0, Math.max(0, node.name.indexOf('/'))) : 'outside';
}

/** Everything that depends on the given values, themselves included. */
export function dependents(nodes: readonly Node[], sources: readonly Value[]): ReadonlySet<Value> {
    const reached = new Set(sources);
    for (const node of nodes) {
        if (node.inputs.some((value) => reached.has(value))) for (const value of node.outputs) reached.add(value);
    }
    return reached;
}
