/** The weight of a layer in the runnables of a spec: for its hover. */

import { constant, isConstant } from '../../../plan/curve.ts';
import type { PicturePlan, SiteWeight } from '../../../plan/plan.ts';
import { siteOf } from '../../../plan/sites.ts';
import * as ast from '../../generated/ast.ts';
import { changes, curveWords, drawCurve, figure } from '../../write/curve-text.ts';
import type { Plans } from '../runnables/plans.ts';

/** More runnables than this would hide the facts above them. */
const MOST_LINES = 6;

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
        .slice(0, MOST_LINES);
}

function infusionLines({ name }: ast.Generate, plan: PicturePlan, site: string | undefined): readonly string[] {
    return plan.infusions.flatMap((infusion) => {
        const entry = infusion.sites.find((one) => one.site === site);
        if (!entry) return [];
        const clause = isConstant(infusion.weight) && isConstant(entry.weight);
        const first = entry.weight.keys[0]?.value ?? 0;
        const product = clause
            ? figure(first * (infusion.weight.keys[0]?.value ?? 1))
            : `${curveWords(entry.weight)} × ${curveWords(infusion.weight)}`;
        const drawn = {
            curve: clause ? constant(first) : entry.weight,
            window: infusion.window,
            decay: infusion.decay,
            steps: plan.steps,
        };
        return [`\`${name}\` infuses it with ${product}${changes(drawn) ? ` \`${drawCurve(drawn)}\`` : ''}`];
    });
}

function scaleLines({ name }: ast.Generate, plan: PicturePlan, site: string | undefined): readonly string[] {
    const entry: SiteWeight | undefined = plan.scales.find((one) => one.site === site);
    return entry ? [`\`${name}\` scales it by ${curveWords(entry.weight)}`] : [];
}
