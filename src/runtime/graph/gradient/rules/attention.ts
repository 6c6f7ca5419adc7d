/** The rule of attention: softmax and its products a second time, in pieces whose scores fit into memory. */
import type { Graph, Value } from '../../graph.ts';
import { after, type GradientSite, type Rule, slice } from '../rule.ts';
import { softmaxGradient } from './activations.ts';
import { matmul } from './products.ts';

export const ATTENTION: Readonly<Record<string, Rule>> = { MultiHeadAttention: attention };

/** Scores that one piece may hold, in values: 64 MB. */
const PIECE = 2 ** 24;

/**
 * o = p·v with p = softmax(q·kᵀ/√d + mask), for each head. With s the softmax's gradient of (g·vᵀ):
 * dq = s·k/√d, dk = sᵀ·q/√d, dv = pᵀ·g. onnxruntime's operator does not return p, so it is computed again, for some of
 * the queries at a time: the scores of all of them at once would not fit.
 */
function attention(
    { graph, node, dims, recall }: GradientSite,
    g: Value,
    ...inputs: readonly Value[]
): readonly Value[] {
    const [q, k, v, , , mask] = inputs as [Value, Value, Value, Value?, Value?, Value?];
    const heads = node.attributes.num_heads as number;
    const [rows, count, width] = dims(q) as [number, number, number];
    const split = (x: Value) =>
        swapHeads(graph, graph.op('Reshape', [x, graph.ints([0, -1, heads, dims(q)[2]! / heads])]));
    const [queries, keys, values, flow] = [recall(q), recall(k), recall(v), g].map(split) as [
        Value,
        Value,
        Value,
        Value,
    ];
    const scale = { alpha: { float: Math.sqrt(heads / width) } };
    const size = Math.max(1, Math.min(count, Math.floor(PIECE / (rows * heads * dims(k)[1]!))));
    const ofQueries: Value[] = [];
    let ofKeys: Value | undefined;
    let ofValues: Value | undefined;
    for (let from = 0; from < count; from += size) {
        const piece = (x: Value) => (size === count ? x : slice(graph, x, 2, from, Math.min(count, from + size)));
        // One piece after the other, or the scores of all would be in memory together.
        const earlier = ofKeys && ofValues ? [ofKeys, ofValues, ofQueries.at(-1)!] : [];
        const query = earlier.length > 0 ? after(graph, piece(queries), earlier) : piece(queries);
        const scores = matmul(graph, query, keys, { transB: 1, ...scale });
        const p = graph.op('Softmax', [mask ? graph.op('Add', [scores, piece(mask)]) : scores], { axis: -1 });
        const s = softmaxGradient(graph, p, matmul(graph, piece(flow), values, { transB: 1 }));
        ofQueries.push(matmul(graph, s, keys, scale));
        ofKeys = sum(graph, ofKeys, matmul(graph, s, query, { transA: 1, ...scale }));
        ofValues = sum(graph, ofValues, matmul(graph, p, piece(flow), { transA: 1 }));
    }
    const all = ofQueries.length === 1 ? ofQueries[0]! : graph.op('Concat', ofQueries, { axis: 2 });
    return [all, ofKeys!, ofValues!].map((x) => graph.op('Reshape', [swapHeads(graph, x), graph.ints([0, -1, width])]));
}

/** `[R, n, heads, d]` to `[R, heads, n, d]` and back. */
function swapHeads(graph: Graph, x: Value): Value {
    return graph.op('Transpose', [x], { perm: [0, 2, 1, 3] });
}

function sum(graph: Graph, total: Value | undefined, x: Value): Value {
    return total ? graph.op('Add', [total, x]) : x;
}
