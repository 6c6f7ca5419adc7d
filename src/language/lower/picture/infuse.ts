/** `infuse` and `scale`: features of bias pictures, and factors on the net's own. */
import { ALL_STEPS, type Curve, constant, isConstant, isZero } from '../../../plan/curve.ts';
import type { Infusion, InfusionText } from '../../../plan/plan.ts';
import type { SiteWeight } from '../../../plan/sites.ts';
import type * as ast from '../../generated/ast.ts';
import { INFUSED_LAYERS, INFUSED_WEIGHT, INFUSION } from '../../meaning/defaults.ts';
import { layerWeights } from '../../meaning/layers.ts';
import { weightSetOf, wrongWeights } from '../../meaning/param-values.ts';
import { slotOf } from '../../meaning/slots.ts';
import type { InfusionChange, SiteCurves } from '../changes.ts';
import { amountOf, type Lowering, reportWrong, valuesIn } from '../context.ts';
import { curveOf, windowIn } from '../curve.ts';
import { weighted } from '../sources.ts';
import { curvesOf, equally, siteWeights } from '../weights.ts';
import { textPhrase } from '../words.ts';

export function infusionOf(clause: ast.InfuseClause, context: Lowering): Infusion {
    const change = context.changes.infusions.get(slotOf(clause)) ?? {};
    const { picture } = change;
    return {
        pictures: picture
            ? weighted(picture, 1, clause, context)
            : clause.pictures.flatMap((p) =>
                  weighted(p, p.share ? amountOf(p.share, context, 'share') : 1, p, context),
              ),
        sites: siteWeights(changed(layersOf(clause, change, context), change), isZero),
        weight: weightOf(clause, change, context),
        decay: change.decay ?? (clause.decay ? amountOf(clause.decay, context, 'decay') : INFUSION.decay),
        window: windowIn(clause.window, context),
        latent: clause.latent === 'none' ? 'clean' : (clause.latent ?? INFUSION.latent),
        text: textOf(clause, context),
        rows: clause.rows === 'prompt' ? 'cond' : (clause.rows ?? INFUSION.rows),
        normalise: clause.normalised ? (clause.normalise ?? 'match-std') : INFUSION.normalise,
    };
}

/** An infusion that only a sweep asks for. */
export function newInfusion(axis: ast.InfuseAxis | ast.ScanAxis, change: InfusionChange, context: Lowering): Infusion {
    return {
        ...INFUSION,
        pictures: weighted(change.picture ?? axis, 1, axis, context),
        sites: siteWeights(changed(equally(INFUSED_LAYERS, INFUSED_WEIGHT), change), isZero),
        weight: constant(change.weight ?? 1),
        decay: change.decay ?? INFUSION.decay,
        window: ALL_STEPS,
    };
}

function weightOf(clause: ast.InfuseClause, change: InfusionChange, context: Lowering): Curve {
    if (change.weight !== undefined) return constant(change.weight);
    return clause.weight ? curveOf(clause.weight, context) : constant(1);
}

/** `with` first, then the clause's own lines; the nine stages of the trunk where neither is given. */
function layersOf(clause: ast.InfuseClause, change: InfusionChange, context: Lowering): SiteCurves {
    const valueIn = valuesIn(context);
    if (!change.weights) reportWrong(wrongWeights(clause, valueIn), clause, context);
    const set = change.weights ?? weightSetOf(clause, valueIn);
    if (!set && clause.layers.length === 0) return equally(INFUSED_LAYERS, INFUSED_WEIGHT);
    return curvesOf([...(set?.entries ?? []), ...clause.layers], context);
}

function changed(curves: SiteCurves, { layers, only }: InfusionChange): SiteCurves {
    return only ?? (layers ? new Map([...curves, ...layers]) : curves);
}

function textOf(clause: ast.InfuseClause, context: Lowering): InfusionText {
    switch (clause.text) {
        case undefined:
            return INFUSION.text;
        case 'painted':
            return { kind: 'rows' };
        case 'caption':
            return {
                kind: 'caption',
                caption: { phrases: clause.caption ? [textPhrase(clause.caption, context)] : [] },
            };
        default:
            return { kind: clause.text };
    }
}

export function siteScales(clause: ast.ScaleClause | undefined, context: Lowering): readonly SiteWeight[] {
    const valueIn = valuesIn(context);
    if (clause) reportWrong(wrongWeights(clause, valueIn), clause, context);
    const own = clause ? curvesOf(layerWeights(clause, valueIn), context) : [];
    const curves = new Map([...own, ...(context.changes.scales ?? [])]);
    return siteWeights(curves, (curve) => isConstant(curve) && curve.keys[0]?.value === 1);
}
