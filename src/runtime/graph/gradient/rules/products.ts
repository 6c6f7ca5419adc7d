/** Rules of matrix products. */
import type { Attribute, Graph, Value } from '../../graph.ts';
import { type GradientSite, type Rule, summed } from '../rule.ts';

export const PRODUCTS: Readonly<Record<string, Rule>> = {
    MatMul: product,
    FusedMatMul: product,
    Gemm: (site, g, ...inputs) => [...product(site, g, ...inputs), summed(site, g, 2)],
};

/**
 * y = α·a·b, or α·a·bᵀ: da = α·g·bᵀ (α·g·b), db = α·aᵀ·g (α·gᵀ·a). Where a stack of matrices a meets one matrix b,
 * the stack counts as one tall matrix.
 */
function product(site: GradientSite, g: Value, ...[a, b]: readonly Value[]): readonly (Value | undefined)[] {
    const { graph, node, dims, recall } = site;
    const alpha = node.attributes.alpha ? { alpha: node.attributes.alpha } : {};
    const transB = node.attributes.transB === 1;
    const left = () => matmul(graph, g, recall(b!), transB ? alpha : { transB: 1, ...alpha });
    const right = () => {
        const flat = (x: Value, width: number) =>
            dims(b!).length > 2 ? x : graph.op('Reshape', [x, graph.ints([-1, width])]);
        const x = flat(recall(a!), dims(a!).at(-1)!);
        const flow = flat(g, dims(node.outputs[0]!).at(-1)!);
        return matmul(graph, transB ? flow : x, transB ? x : flow, { transA: 1, ...alpha });
    };
    return [site.wants(0) ? left() : undefined, site.wants(1) ? right() : undefined];
}

/** A product with factors turned or scaled as the attributes of onnxruntime's FusedMatMul say. */
export function matmul(graph: Graph, a: Value, b: Value, attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return Object.keys(attributes).length > 0
        ? graph.microsoft('FusedMatMul', [a, b], attributes)
        : graph.op('MatMul', [a, b]);
}
