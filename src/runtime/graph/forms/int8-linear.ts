/**
 * Linear layers in 8 bits: weights are stored with a scale for each output channel, values are rounded at run time with a scale for each
 * token. Sums of the products are whole numbers, so they are the same on every processor and in every batch.
 */
import type { TensorLocation } from '../../weights/safetensors.ts';
import type { Graph, Value } from '../graph.ts';

/** Where a layer's quantised weights come from. */
export type QuantisedLinear =
    | {
          readonly kind: 'prepared';
          /** uint8 `[from, to]`: 128 is zero. */
          readonly weights: TensorLocation;
          /** float32 `[to]`. */
          readonly scales: TensorLocation;
      }
    /** Computed when a session is made, from weights that an adapter changes. */
    | { readonly kind: 'computed' };

/** Layers by the name of their module. */
export type QuantisedLinears = ReadonlyMap<string, QuantisedLinear>;

/** The byte of 0: signed bytes saturate on processors without VNNI, where two products are added up in 16 bits. */
const ZERO = 128;
const MOST = 127;
/** Keeps tokens of zeros apart from a division by zero. */
const LEAST_SCALE = 1e-20;

/** Greatest magnitude of each output channel over 127: `[to, from]` → `[to]`. */
export function channelScales(weights: Float32Array, to: number, from: number): Float32Array {
    const scales = new Float32Array(to);
    for (let channel = 0; channel < to; channel++) {
        let most = 0;
        for (let at = channel * from; at < (channel + 1) * from; at++) most = Math.max(most, Math.abs(weights[at]!));
        scales[channel] = most > 0 ? most / MOST : 1;
    }
    return scales;
}

/** Weights over the scale of their channel, rounded, transposed as the product reads them: `[to, from]` → `[from, to]`. */
export function quantiseWeights(weights: Float32Array, to: number, from: number): Uint8Array {
    const scales = channelScales(weights, to, from);
    const quantised = new Uint8Array(to * from);
    for (let channel = 0; channel < to; channel++) {
        const scale = scales[channel]!;
        for (let input = 0; input < from; input++)
            quantised[input * to + channel] = Math.round(weights[channel * from + input]! / scale) + ZERO;
    }
    return quantised;
}

/** x·Wᵀ, `[R, n, from]` → `[R, n, to]`; `weight` gives W `[to, from]` in 32 bits. */
export function int8Product(
    graph: Graph,
    x: Value,
    name: string,
    [from, to]: readonly [from: number, to: number],
    layer: QuantisedLinear,
    weight: () => Value,
): Value {
    const { bytes, scale } = quantised(graph, x);
    const { weights, scales } =
        layer.kind === 'computed'
            ? computedWeights(graph, weight(), to)
            : {
                  weights: graph.weight(`${name}.int8`, layer.weights, [from, to]),
                  scales: graph.weight(`${name}.scales`, layer.scales, [to]),
              };
    const zero = graph.byte(ZERO);
    const product = graph.microsoft('MatMulIntegerToFloat', [bytes, weights, graph.scalar(1), scales, zero, zero]);
    return graph.op('Mul', [product, scale]);
}

/** Operators on constants, which onnxruntime computes once. */
function computedWeights(graph: Graph, weight: Value, to: number): { readonly weights: Value; readonly scales: Value } {
    const { bytes, scale } = quantised(graph, weight);
    return {
        weights: graph.op('Transpose', [bytes], { perm: [1, 0] }),
        scales: graph.op('Reshape', [scale, graph.ints([to])]),
    };
}

interface QuantisedValue {
    /** uint8, of the same shape. */
    readonly bytes: Value;
    /** One for each row of the last axis, which is 1. */
    readonly scale: Value;
}

const known = new WeakMap<Graph, Map<Value, QuantisedValue>>();

/** A value in 8 bits, by the greatest magnitude of each token, or of each channel of a weight; made once for all layers that read it. */
function quantised(graph: Graph, x: Value): QuantisedValue {
    const ofGraph = known.get(graph) ?? new Map<Value, QuantisedValue>();
    known.set(graph, ofGraph);
    const found = ofGraph.get(x);
    if (found) return found;
    const most = graph.op('ReduceMax', [graph.op('Abs', [x]), graph.ints([-1])], { keepdims: 1 });
    const scale = graph.op('Max', [graph.op('Mul', [most, graph.scalar(1 / MOST)]), graph.scalar(LEAST_SCALE)]);
    const bytes = graph.op('QuantizeLinear', [graph.op('Div', [x, scale]), graph.scalar(1), graph.byte(ZERO)]);
    ofGraph.set(x, { bytes, scale });
    return { bytes, scale };
}
