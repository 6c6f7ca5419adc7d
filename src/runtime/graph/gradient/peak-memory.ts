/** How much memory a run of a graph takes: onnxruntime's order of nodes is followed, and what is alive is added up. */
import { elementCount } from '../../tensor.ts';
import type { Graph, Node, Value } from '../graph.ts';
import { type Dims, inferShapes } from '../shapes/infer-shapes.ts';
import { dependents } from './memory.ts';

export interface MemoryNeed {
    /** Weights, and what is computed from them once, at load. */
    readonly constantBytes: number;
    /** The most that intermediate results take together. */
    readonly peakBytes: number;
}

/** Results that share the memory of their first input. */
const VIEWS = new Set(['Reshape', 'Unsqueeze', 'Identity']);
/** Operators that may write over their input. */
const IN_PLACE = new Set(['Add', 'Sub', 'Mul', 'Neg', 'Sigmoid', 'Erf', 'Exp', 'Softmax', 'Reciprocal', 'Sqrt', 'Div']);

/** Estimates the memory of a pruned graph whose inputs have fixed sides. Four bytes a value, eight for whole numbers. */
export function memoryNeed(graph: Graph): MemoryNeed {
    const inputs = Object.fromEntries(graph.inputs.map(({ name, dims }) => [name, dims as Dims]));
    const { dims } = inferShapes(graph, inputs);
    const bytes = (value: Value) => 4 * elementCount(dims.get(value) ?? []);
    const varying = dependents(
        graph.nodes.filter(({ operator }) => operator !== 'Shape'),
        Object.keys(inputs),
    );
    const live = graph.nodes.filter(({ outputs }) => outputs.some((value) => varying.has(value)));

    const constants = new Set(
        live.flatMap((node) => node.inputs.filter((value) => value !== '' && !varying.has(value))),
    );
    let constantBytes = 0;
    for (const value of constants) constantBytes += bytes(value);

    const order = runOrder(
        live,
        graph.outputs.map(({ name }) => name),
    );
    const owner = new Map<Value, Value>();
    const ownerOf = (value: Value): Value => owner.get(value) ?? value;
    for (const {
        operator,
        inputs: [first],
        outputs,
    } of order) {
        if (VIEWS.has(operator) && varying.has(first!)) owner.set(outputs[0]!, ownerOf(first!));
    }
    const readers = new Map<Value, number>();
    const count = (value: Value, by: number) => {
        readers.set(ownerOf(value), (readers.get(ownerOf(value)) ?? 0) + by);
        return readers.get(ownerOf(value))!;
    };
    for (const node of order) for (const value of new Set(node.inputs)) if (varying.has(value)) count(value, 1);
    for (const { name } of graph.outputs) count(name, 1);

    let alive = Object.keys(inputs).reduce((sum, name) => sum + bytes(name), 0);
    let peakBytes = alive;
    for (const { operator, inputs: sources, outputs } of order) {
        const made = outputs.filter((value) => ownerOf(value) === value && (readers.get(value) ?? 0) > 0);
        const size = made.reduce((sum, value) => sum + bytes(value), 0);
        let freed = 0;
        for (const value of new Set(sources)) {
            if (varying.has(value) && count(value, -1) === 0) freed += bytes(ownerOf(value));
        }
        const reused = IN_PLACE.has(operator) ? Math.min(size, freed) : 0;
        alive += size;
        peakBytes = Math.max(peakBytes, alive - reused);
        alive -= freed;
    }
    return { constantBytes, peakBytes };
}

/**
 * onnxruntime's default order: depth first from the outputs towards the inputs, of several sources the one that was added
 * last comes first (`Graph::ReverseDFSFrom` with `NodeCompare`).
 */
function runOrder(nodes: readonly Node[], outputs: readonly Value[]): readonly Node[] {
    const index = new Map(nodes.map((node, at) => [node, at] as const));
    const producer = new Map(nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
    const order: Node[] = [];
    const visited = new Set<Node>();
    const leaves = outputs.flatMap((value) => producer.get(value) ?? []);
    const stack: { readonly node: Node; readonly leave: boolean }[] = leaves.map((node) => ({ node, leave: false }));
    while (stack.length > 0) {
        const { node, leave } = stack.pop()!;
        if (leave) {
            order.push(node);
            continue;
        }
        if (visited.has(node)) continue;
        visited.add(node);
        stack.push({ node, leave: true });
        const sources = [...new Set(node.inputs.flatMap((value) => producer.get(value) ?? []))];
        sources.sort((a, b) => index.get(a)! - index.get(b)!);
        for (const source of sources) if (!visited.has(source)) stack.push({ node: source, leave: false });
    }
    return order;
}
