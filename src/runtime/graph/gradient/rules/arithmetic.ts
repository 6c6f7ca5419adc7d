/** Rules of arithmetic: sums, products, sums over axes, and choices between two values. */
import { elementCount } from '../../../tensor.ts';
import type { Value } from '../../graph.ts';
import { ELEMENT } from '../../onnx.ts';
import { type GradientSite, type Rule, summed, times } from '../rule.ts';

export const ARITHMETIC: Readonly<Record<string, Rule>> = {
    Identity: (_, g) => [g],
    Cast: ({ graph }, g) => [graph.op('Cast', [g], { to: ELEMENT.float32 })],
    Add: (site, g) => [summed(site, g, 0), summed(site, g, 1)],
    Sub: (site, g) => [summed(site, g, 0), site.wants(1) ? summed(site, site.graph.op('Neg', [g]), 1) : undefined],
    Mul: (site, g, a, b) =>
        [b!, a!].map((other, index) =>
            site.wants(index) ? summed(site, site.graph.op('Mul', [g, site.recall(other)]), index) : undefined,
        ),
    Where: (site, g, condition) => {
        const { graph, wants } = site;
        const chosen = graph.op('Cast', [site.recall(condition!)], { to: ELEMENT.float32 });
        const first = () => summed(site, graph.op('Mul', [g, chosen]), 1);
        const second = () => summed(site, graph.op('Mul', [g, graph.op('Sub', [graph.scalar(1), chosen])]), 2);
        return [undefined, wants(1) ? first() : undefined, wants(2) ? second() : undefined];
    },
    ReduceSum: (site, g) => [spread(site, g)],
    ReduceMean: (site, g, x) => {
        const count = elementCount(site.dims(x!)) / elementCount(site.dims(site.node.outputs[0]!));
        return [times(site.graph, spread(site, g), 1 / count)];
    },
};

/** The gradient of what was summed over axes: the same for each summand. */
function spread({ graph, node, dims, ints }: GradientSite, g: Value): Value {
    const sides = dims(node.inputs[0]!);
    const axes = ints(node.inputs[1]!);
    const thin = sides.map((side, axis) => (axes.includes(axis) || axes.includes(axis - sides.length) ? 1 : side));
    return graph.op('Expand', [graph.op('Reshape', [g, graph.ints(thin)]), graph.ints(sides)]);
}
