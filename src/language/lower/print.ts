/** Prints: a picture, what enlarges it, and the paper. */
import type { PicturePlan } from '../../plan/plan.ts';
import type { Paper, PrintPlan, PrintStep } from '../../plan/prints/print.ts';
import * as ast from '../generated/ast.ts';
import { boundValues } from '../meaning/bindings.ts';
import { REFINED_BY, TILE_STRENGTH } from '../meaning/defaults.ts';
import { measuresText, quantityText, wrongOverlap, wrongPaper, wrongQuantity } from '../meaning/quantities.ts';
import { centimetresOf, paperOf } from '../meaning/values.ts';
import { amountOf, type Lowering, quantityIn, reportWrong, valuesIn } from './context.ts';
import { fileRef, pathFrom, pinned } from './files.ts';
import { requiredClause, subjectOf } from './mosaic.ts';
import { overlapOf } from './picture/canvas.ts';
import { picturePlan } from './picture/picture.ts';

export function printPlan(print: ast.Print, context: Lowering): PrintPlan | undefined {
    const of = subjectOf(print, context);
    const paper = requiredClause(print, ast.isPaperClause, 'paper', '`paper 30x40cm at 240dpi`', context);
    const sheet = paper && paperOfClause(paper, context);
    if (!of || !sheet) return undefined;
    const steps = print.settings.filter(ast.isUpscaleClause).flatMap((clause) => stepOf(clause, context));
    return { kind: 'print', of, steps, paper: sheet };
}

function paperOfClause(clause: ast.PaperClause, context: Lowering): Paper | undefined {
    const valueIn = valuesIn(context);
    reportWrong(wrongPaper(clause, valueIn), clause, context);
    const size = paperOf(measuresText(clause, valueIn));
    if (!size) return undefined;
    const cmyk = clause.profile && { path: pathFrom(clause, clause.profile, context), ...pinned(clause.digest) };
    return {
        ...size,
        dpi: quantityIn(clause.density, context),
        bleed: bleedOf(clause, context),
        fit: clause.fit ?? 'cover',
        marks: clause.marks,
        ...(cmyk ? { cmyk } : {}),
    };
}

function bleedOf({ bleed }: ast.PaperClause, context: Lowering): number {
    const valueIn = valuesIn(context);
    if (bleed) reportWrong(wrongQuantity(bleed, valueIn), bleed, context);
    return centimetresOf(quantityText(bleed, valueIn)) ?? 0;
}

function stepOf(clause: ast.UpscaleClause, context: Lowering): readonly PrintStep[] {
    const tiles = {
        ...(clause.tile ? { tile: quantityIn(clause.tile, context) } : {}),
        ...(clause.overlap ? { overlap: quantityIn(clause.overlap, context) } : {}),
    };
    reportWrong(wrongOverlap({ side: clause.tile, overlap: clause.overlap }, valuesIn(context)), clause, context);
    const network = clause.upscaler?.ref;
    if (network) return [{ kind: 'upscaler', file: fileRef(network, context), ...tiles }];
    const generate = clause.via?.ref;
    if (!generate) return [];
    const via = picturePlan(generate, { ...context, boundHere: boundValues(clause.bindings) });
    const tile = tiles.tile ?? windowOf(via);
    return [
        {
            kind: 'refine',
            via,
            strength: clause.strength ? amountOf(clause.strength, context, 'strength') : TILE_STRENGTH,
            by: clause.by ? amountOf(clause.by, context, 'by') : REFINED_BY,
            tile,
            overlap: tiles.overlap ?? overlapOf(tile),
        },
    ];
}

/** Windows are as large as the pictures of the generate. */
function windowOf({ size, windows }: PicturePlan): number {
    return windows?.side ?? Math.max(size.width, size.height);
}
