/** Attention: values mixed by how well keys suit queries, in the form that suits a device. */
import type { Value } from './graph.ts';
import type { Layers } from './layers.ts';

/**
 * softmax(q·kᵀ/√d + mask)·v, with heads of d = width / heads channels; q `[R, n, width]`, k and v `[R, m, width]`.
 * `mask` `[1, 1, n, m]` is added to the scores.
 */
export function attention(
    layers: Layers,
    q: Value,
    k: Value,
    v: Value,
    sizes: { width: number; heads: number },
    mask?: Value,
): Value {
    if (layers.forms.attention === 'naive') return naiveAttention(layers, q, k, v, sizes, mask).result;
    if (layers.isWidened('attention')) {
        const [key, value] = [layers.widen(k), layers.widen(v)];
        return layers.inFull(q, (full, query) => attention(full, query, key, value, sizes, mask));
    }
    const inputs = mask ? [q, k, v, '', '', mask] : [q, k, v];
    return layers.graph.microsoft('MultiHeadAttention', inputs, { num_heads: sizes.heads });
}

/** The same in plain operators, with the probabilities `[R, heads, n, m]` at hand, which are float32 as the mask. */
export function naiveAttention(
    layers: Layers,
    q: Value,
    k: Value,
    v: Value,
    sizes: { width: number; heads: number },
    mask?: Value,
): { result: Value; probabilities: Value } {
    if (layers.forms.half) {
        const [query, key, value] = [q, k, v].map((x) => layers.widen(x)) as [Value, Value, Value];
        const { result, probabilities } = naiveAttention(layers.full, query, key, value, sizes, mask);
        return { result: layers.narrow(result), probabilities };
    }
    const { graph } = layers;
    const { width, heads } = sizes;
    const split = (x: Value, perm: readonly number[]) =>
        graph.op('Transpose', [graph.op('Reshape', [x, graph.ints([0, -1, heads, width / heads])])], { perm });
    const query = graph.op('Mul', [split(q, [0, 2, 1, 3]), graph.scalar(1 / Math.sqrt(width / heads))]);
    const scores = graph.op('MatMul', [query, split(k, [0, 2, 3, 1])]);
    const probabilities = graph.op('Softmax', [mask ? graph.op('Add', [scores, mask]) : scores], { axis: -1 });
    const mixed = graph.op('MatMul', [probabilities, split(v, [0, 2, 1, 3])]);
    const joined = graph.op('Transpose', [mixed], { perm: [0, 2, 1, 3] });
    return { result: graph.op('Reshape', [joined, graph.ints([0, -1, width])]), probabilities };
}
