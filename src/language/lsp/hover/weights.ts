/** The weight of a layer in the runnables of a spec: for its hover. */

import { isConstant, valueAt } from '../../../plan/curve.ts';
import type { PicturePlan } from '../../../plan/plan.ts';
import type { SiteWeight } from '../../../plan/sites.ts';
import { siteOf } from '../../../plan/sites.ts';
import * as ast from '../../generated/ast.ts';
import { curveWords, figure } from '../../write/curve-text.ts';
import { actingText, layerWeightsOf } from '../../write/layer-weights.ts';
import type { Plans } from '../runnables/plans.ts';

/** More runnables than this would hide the facts above them. */
const MAX_LINES = 6;

/** One line for each picture of the spec that gives the layer a weight. */
export function weightLines(name: string, spec: ast.Spec, plans: Plans): readonly string[] {
    const site = siteOf(name);
    const generates = spec.declarations.filter(ast.isGenerate);
    return generates
        .flatMap((generate) => {
            const plan = plans.pictureOf(generate);
            if (!plan) return [];
            return [...infusionLines(generate, plan, site), ...scaleLines(generate, plan, site)];
        })
        .slice(0, MAX_LINES);
}

function infusionLines({ name }: ast.Generate, plan: PicturePlan, site: string | undefined): readonly string[] {
    return plan.infusions.flatMap((infusion) => {
        const entry = infusion.sites.find((one) => one.site === site);
        if (!entry) return [];
        const product =
            isConstant(infusion.weight) && isConstant(entry.weight)
                ? figure(valueAt(entry.weight, 0) * valueAt(infusion.weight, 0))
                : `${curveWords(entry.weight)} × ${curveWords(infusion.weight)}`;
        const { weights, drawn } = layerWeightsOf(infusion, plan).sites.find((one) => one.site === site)!;
        const changes = weights.some((weight) => weight !== weights[0]);
        const when = actingText(infusion, plan);
        return [`\`${name}\` infuses it with ${product}${when}${changes ? ` \`${drawn}\`` : ''}`];
    });
}

function scaleLines({ name }: ast.Generate, plan: PicturePlan, site: string | undefined): readonly string[] {
    const entry: SiteWeight | undefined = plan.scales.find((one) => one.site === site);
    return entry ? [`\`${name}\` scales it by ${curveWords(entry.weight)}`] : [];
}
