/** Prints: a picture, what enlarges it, and the paper. */
import type { PicturePlan } from '../../plan/plan.ts';
import type { Paper, PrintPlan, PrintStep } from '../../plan/prints/print.ts';
import * as ast from '../generated/ast.ts';
import { REFINED_BY, TILE_STRENGTH } from '../meaning/defaults.ts';
import { centimetresOf, paperOf, quantityOf } from '../meaning/values.ts';
import { amountOf, type Lowering } from './context.ts';
import { fileRef, pathFrom, pinned } from './files.ts';
import { requiredClause, subjectOf } from './mosaic.ts';
import { overlapOf, picturePlan } from './picture.ts';

export function printPlan(print: ast.Print, context: Lowering): PrintPlan | undefined {
    const of = subjectOf(print, context);
    const paper = requiredClause(print, ast.isPaperClause, 'paper', '`paper 30x40cm at 240dpi`', context);
    const sheet = paper && paperOfClause(paper, context);
    if (!of || !sheet) return undefined;
    const steps = print.settings.filter(ast.isUpscaleClause).flatMap((clause) => stepOf(clause, context));
    return { kind: 'print', of, steps, paper: sheet };
}

function paperOfClause(clause: ast.PaperClause, context: Lowering): Paper | undefined {
    const size = paperOf(clause.value);
    if (!size) return undefined;
    const cmyk = clause.profile && { path: pathFrom(clause, clause.profile, context), ...pinned(clause.digest) };
    return {
        ...size,
        dpi: quantityOf(clause.density).value,
        bleed: (clause.bleed && centimetresOf(clause.bleed)) || 0,
        fit: clause.fit ?? 'cover',
        marks: clause.marks,
        ...(cmyk ? { cmyk } : {}),
    };
}

function stepOf(clause: ast.UpscaleClause, context: Lowering): readonly PrintStep[] {
    const tiles = {
        ...(clause.tile ? { tile: quantityOf(clause.tile).value } : {}),
        ...(clause.overlap ? { overlap: quantityOf(clause.overlap).value } : {}),
    };
    const network = clause.upscaler?.ref;
    if (network) return [{ kind: 'upscaler', file: fileRef(network, context), ...tiles }];
    const generate = clause.via?.ref;
    if (!generate) return [];
    const via = picturePlan(generate, context);
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
