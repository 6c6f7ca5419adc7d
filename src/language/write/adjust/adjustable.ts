/** What can be adjusted in a generate: its infusions, layer by layer, and its numbers; and the edits of one adjustment. */

import { AstUtils } from 'langium';
import type { PicturePlan } from '../../../plan/plan.ts';
import { momentsOf } from '../../../plan/steps.ts';
import * as ast from '../../generated/ast.ts';
import { effective } from '../../meaning/inherit.ts';
import { infusedText } from '../layer-weights.ts';
import type { SeedEdit } from '../pin-seed.ts';
import type { Adjustable, AdjustableInfusion, Adjustment } from './adjustment.ts';
import { layerEdits } from './layer-edits.ts';
import { adjustableNumbers } from './numbers.ts';

/** Everything that the text of a generate lets be adjusted; `plan` is what it means now. */
export function adjustableOf(generate: ast.Generate, plan: PicturePlan): Adjustable {
    const clauses = infusionsOf(generate);
    const moments = momentsOf(plan.sampler.name, plan.steps, plan.start?.strength);
    return {
        name: generate.name,
        infusions: plan.infusions.map((infusion, k): AdjustableInfusion => {
            const { sites, weight, decay, window } = infusion;
            const clause = clauses[k];
            const from = clause && clause.$container !== generate ? ownerOf(clause) : undefined;
            const isHere = clause && AstUtils.getDocument(clause) === AstUtils.getDocument(generate);
            return {
                title: `infuse ${infusedText(infusion)}`,
                sites,
                weight,
                decay,
                window,
                moments,
                ...(from && { from }),
                ...(isHere ? {} : { fixed: `It is written in another file, with \`${from ?? 'its base'}\`.` }),
            };
        }),
        numbers: adjustableNumbers(generate, plan).map(({ edits: _, ...number }) => number),
        pictures: picturesIn(generate),
    };
}

/** The edits of the document that an adjustment means; none where the text has changed so that it no longer applies. */
export function adjustmentEdits(
    generate: ast.Generate,
    plan: PicturePlan,
    adjustment: Adjustment,
): readonly SeedEdit[] {
    if (adjustment.kind === 'number') {
        const number = adjustableNumbers(generate, plan).find(({ id }) => id === adjustment.id);
        if (!number) return [];
        return number.edits(Math.min(number.most, Math.max(number.least, adjustment.value)));
    }
    const clause = infusionsOf(generate)[adjustment.infusion];
    return (clause && layerEdits(generate, clause, adjustment.site, adjustment.weight)) ?? [];
}

/** In the order of the plan's. */
function infusionsOf(generate: ast.Generate): readonly ast.InfuseClause[] {
    return effective(generate).flatMap(({ setting }) => (ast.isInfuseClause(setting) ? [setting] : []));
}

function ownerOf({ $container }: ast.InfuseClause): string {
    return 'name' in $container && typeof $container.name === 'string' ? $container.name : 'its base';
}

/** Pictures of the file that can be infused, declared or imported. */
function picturesIn(generate: ast.Generate): readonly string[] {
    const spec = AstUtils.getContainerOfType(generate, ast.isSpec);
    const declared = spec?.declarations.flatMap((one) => (ast.isImage(one) ? [one.name] : [])) ?? [];
    const imported = spec?.imports.flatMap(({ names }) =>
        names.flatMap(({ target, alias }) =>
            target?.ref && ast.isImage(target.ref) ? [alias ?? target.ref.name] : [],
        ),
    );
    return [...declared, ...(imported ?? [])];
}
