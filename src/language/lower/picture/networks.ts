/** Networks beside the model: ControlNets that steer it, LoRAs that change it. */
import { constant, isZero } from '../../../plan/curve.ts';
import type { Adapter, Control } from '../../../plan/plan.ts';
import type * as ast from '../../generated/ast.ts';
import { amountOf, type Lowering } from '../context.ts';
import { curveOf, windowIn } from '../curve.ts';
import { fileOrResult } from '../learn.ts';
import { onePicture } from '../sources.ts';
import { blockWeights, curvesOf, siteWeights } from '../weights.ts';

export function controlIn(clause: ast.ControlClause, context: Lowering): readonly Control[] {
    const net = clause.net.ref;
    const picture = onePicture(clause, clause, context);
    const file = net && fileOrResult(net, context);
    if (!file || !picture) return [];
    const swept = context.changes.weights.get(clause) ?? context.changes.weights.get(net);
    const weight = clause.weight ? curveOf(clause.weight, context) : constant(1);
    return [
        {
            net: file,
            picture,
            weight: swept === undefined ? weight : constant(swept),
            window: windowIn(clause.window, context),
            ...(clause.layers.length > 0 ? { sites: siteWeights(curvesOf(clause.layers, context), isZero) } : {}),
        },
    ];
}

export function adapterIn(clause: ast.ApplyClause, context: Lowering): readonly Adapter[] {
    const lora = clause.lora.ref;
    if (!lora) return [];
    const weight =
        context.changes.weights.get(lora) ?? (clause.weight ? amountOf(clause.weight, context, 'adapter') : 1);
    const file = fileOrResult(lora, context);
    if (!file) return [];
    const { layers } = clause;
    return [{ file, weight, ...(layers.length > 0 ? { blocks: blockWeights(layers, context) } : {}) }];
}
