/** What a picture is painted on: its size and windows, the pictures that it starts from, what of them is repainted. */
import type { Mask, Outpaint, Size, Start, Windows } from '../../../plan/plan.ts';
import type { Corners } from '../../../plan/prints/corners.ts';
import { wholeLatents } from '../../../plan/topology.ts';
import * as ast from '../../generated/ast.ts';
import { DEFAULTS } from '../../meaning/defaults.ts';
import { type Effective, extendedBy, settingOf } from '../../meaning/inherit.ts';
import { wrongSize } from '../../meaning/param-values.ts';
import { wrongOverlap } from '../../meaning/quantities.ts';
import { sizeInForce } from '../../meaning/size.ts';
import { amountOf, type Lowering, quantityIn, reportWrong, valuesIn } from '../context.ts';
import { madePictures, onePicture, weighted } from '../sources.ts';
import { numberIn } from './sampling.ts';

export function sizeIn(settings: readonly Effective[], context: Lowering): Size {
    const clause = settingOf(settings, ast.isSizeClause);
    const valueIn = valuesIn(context);
    if (clause) reportWrong(wrongSize(clause, valueIn), clause, context);
    return sizeInForce(settings, context, valueIn);
}

export function startIn(clause: ast.StartClause | undefined, context: Lowering): Start | undefined {
    const swept = context.changes.start;
    if (!clause && !swept) return undefined;
    const pictures = swept
        ? weighted(swept, 1, context.making.at(-1)!, context)
        : (clause?.pictures ?? []).flatMap((p) =>
              weighted(p, p.weight ? amountOf(p.weight, context, 'share') : 1, p, context),
          );
    return {
        pictures,
        mixing: clause?.mixing ?? DEFAULTS.mixing,
        latent: clause?.latent ?? DEFAULTS.startLatent,
        fit: clause?.fit ?? DEFAULTS.startFit,
        strength: numberIn('strength', clause?.strength, DEFAULTS.strength, context),
    };
}

/** `generate wide extends hybrid { outpaint … }` widens the picture of hybrid. */
export function widenedStart(generate: ast.Generate, context: Lowering): Start | undefined {
    const base = extendedBy(generate);
    if (!base) return undefined;
    // Several pictures are widened seed by seed.
    const [made] = madePictures(base, 'each', generate, context);
    if (!made) return undefined;
    const { each: _, ...single } = made;
    const picture = made.plan.seeds.length > 1 ? made : single;
    const pictures = [{ picture, weight: 1 }];
    const strength = numberIn('strength', undefined, DEFAULTS.widening, context);
    return { pictures, mixing: DEFAULTS.mixing, latent: DEFAULTS.startLatent, fit: DEFAULTS.startFit, strength };
}

export function maskIn(clause: ast.MaskClause | undefined, context: Lowering): Mask | undefined {
    if (!clause) return undefined;
    const feather = clause.feather ? quantityIn(clause.feather, context) : 0;
    const margin = clause.margin ? { margin: quantityIn(clause.margin, context) } : {};
    const corners = cornersOf(clause);
    if (corners) return { kind: 'corners', corners, ...margin, feather };
    const picture = onePicture(clause, clause, context);
    if (!picture) return undefined;
    return { picture, outside: clause.outside, feather, ...(clause.only ? { only: margin } : {}) };
}

/** The corners of a frame that a mask names; undefined for a mask by picture. */
export function cornersOf({ corners }: ast.MaskClause): Corners | undefined {
    const [a, b, c, d] = corners.map(({ x, y }) => ({ x, y }));
    return a && b && c && d && [a, b, c, d];
}

export function windowsIn(clause: ast.SizeClause | undefined, context: Lowering): Windows | undefined {
    if (!clause?.windows) return undefined;
    const side = quantityIn(clause.windows, context);
    reportWrong(wrongOverlap({ side: clause.windows, overlap: clause.overlap }, valuesIn(context)), clause, context);
    return { side, overlap: clause.overlap ? quantityIn(clause.overlap, context) : overlapOf(side) };
}

/** A quarter of a window's side, in whole latent pixels. */
export function overlapOf(side: number): number {
    return wholeLatents(side / 4);
}

export function outpaintIn(clause: ast.OutpaintClause | undefined, context: Lowering): Outpaint | undefined {
    if (!clause) return undefined;
    const by = (side: ast.OutpaintEdge['side']) =>
        clause.edges.filter((edge) => edge.side === side).reduce((sum, edge) => sum + quantityIn(edge.by, context), 0);
    return { left: by('left'), right: by('right'), top: by('top'), bottom: by('bottom') };
}
