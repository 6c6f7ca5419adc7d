/** Taps: the places in the U-Net where features can be read, or mixed over the rows. */
import type { EditPoint } from '../../plan/sites.ts';
import type { Graph, Value } from './graph.ts';
import type { Feature, Layers } from './layers.ts';

/**
 * h' = M·[h; F] over the rows: the R rows of this pass and, with `remembered`, N more rows F of features that an
 * earlier pass handed out. M is [R, R + N], its diagonal included. Because remembered rows come after the pass's own
 * rows in the sum, just as bias rows do within one pass, both ways give bitwise the same numbers.
 *
 * `normalise: 'match-std'` rescales what is added to the deviation of the receiving row:
 * h' = diag(M)·h + std(h)·(offdiag(M)·([h; F] / std([h; F]))); std per row over channels and pixels.
 */
export interface Tap {
    readonly point: EditPoint;
    readonly remembered?: boolean;
    readonly normalise?: 'none' | 'match-std';
}

/** Names of the graph's inputs and outputs that belong to taps. */
export const TAP_PORTS = {
    mix: 'mix',
    remembered: (index: number) => `remembered:${index}`,
    feature: (point: EditPoint) => `feature:${point}`,
} as const;

/**
 * Edits features at their points: `edit(point, h)` applies every tap there, in the order they were given. Always in float32:
 * factors keep their digits, squares don't overflow, and features that were handed out are mixed as they are.
 */
export function tapper(layers: Layers, taps: readonly Tap[]): (point: EditPoint, x: Feature) => Feature {
    const { graph } = layers;
    if (taps.length > 0) graph.input(TAP_PORTS.mix, [taps.length, 'R', 'R + N']);
    const hasExtra = taps.some((tap) => tap.remembered);
    return (point, x) => {
        const own = [...taps.entries()].filter(([, tap]) => tap.point === point);
        if (own.length === 0) return x;
        const value = layers.inFull(x.value, (_, widened) => {
            let h: Feature = { ...x, value: widened };
            for (const [index, tap] of own)
                h = graph.within(`tap ${point}`, () => mix(graph, h, index, tap, { hasExtra }));
            return h.value;
        });
        return { ...x, value };
    };
}

/** Reshape and MatMul over the row axis: the cheapest form, and exact for the identity. */
function mix(graph: Graph, x: Feature, index: number, tap: Tap, { hasExtra }: { readonly hasExtra: boolean }): Feature {
    const { normalise, remembered } = tap;
    let matrix = graph.op('Gather', [TAP_PORTS.mix, graph.ints(index)], { axis: 0 });
    const flatten = (value: Value) => graph.op('Reshape', [value, graph.ints([0, -1])]);
    const own = flatten(x.value);
    const all = remembered ? graph.op('Concat', [own, flatten(rememberedRows(graph, x, index))], { axis: 0 }) : own;
    if (hasExtra && !remembered) {
        // The columns of other taps' remembered rows are cut off.
        const rowCount = graph.op('Shape', [own], { start: 0, end: 1 });
        matrix = graph.op('Slice', [matrix, graph.ints([0]), rowCount, graph.ints([1])]);
    }
    if (normalise === 'match-std') {
        // Row r receives row c times std(r) / std(c); on the diagonal that is exactly 1.
        const column = deviation(graph, own);
        const row = graph.op('Transpose', [deviation(graph, all)], { perm: [1, 0] });
        matrix = graph.op('Mul', [matrix, graph.op('Div', [column, row])]);
    }
    const mixed = graph.op('MatMul', [matrix, all]);
    return { ...x, value: graph.op('Reshape', [mixed, graph.op('Shape', [x.value])]) };
}

function rememberedRows(graph: Graph, x: Feature, index: number): Value {
    return graph.input(TAP_PORTS.remembered(index), ['N', x.channels, `h ${index}`, `w ${index}`]);
}

/** Standard deviation of each row, `[R, n]` → `[R, 1]`; kept above zero so that constant rows divide cleanly. */
function deviation(graph: Graph, flat: Value): Value {
    const axis = graph.ints([1]);
    const centred = graph.op('Sub', [flat, graph.op('ReduceMean', [flat, axis])]);
    const variance = graph.op('ReduceMean', [graph.op('Mul', [centred, centred]), axis]);
    return graph.op('Max', [graph.op('Sqrt', [variance]), graph.scalar(1e-20)]);
}
