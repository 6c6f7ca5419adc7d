/** Mosaics and prints: pictures made of a picture. */
import type { MosaicPlan, PrintPlan, Refinement } from '../../plan/plan.ts';
import * as ast from '../generated/ast.ts';
import { TILE_STRENGTH } from '../meaning/defaults.ts';
import { paperOf, quantityOf, sizeOf } from '../meaning/values.ts';
import { amountOf, type Lowering } from './context.ts';
import { fileRef } from './files.ts';
import { picturePlan } from './picture.ts';
import { pictureOf } from './sources.ts';

type Pieces = ast.OfClause | ast.GridClause | ast.TilesClause | ast.DepthClause | ast.UpscaleClause | ast.PaperClause;

export function mosaicPlan(mosaic: ast.Mosaic, context: Lowering): MosaicPlan | undefined {
    const of = subjectOf(mosaic, context);
    const grid = part(mosaic, ast.isGridClause, 'grid', '`grid 16x16`', context);
    const tiles = part(mosaic, ast.isTilesClause, 'tiles', '`tiles via picture strength 0.4`', context);
    const refinement = tiles && refinementOf(tiles, context);
    if (!of || !grid || !refinement) return undefined;
    const { width, height } = sizeOf(grid.value);
    return {
        kind: 'mosaic',
        of,
        grid: { columns: width, rows: height },
        tiles: refinement,
        depth: mosaic.settings.filter(ast.isDepthClause).at(-1)?.value ?? 1,
    };
}

export function printPlan(print: ast.Print, context: Lowering): PrintPlan | undefined {
    const of = subjectOf(print, context);
    const upscale = part(print, ast.isUpscaleClause, 'upscale', '`upscale esrgan`', context);
    const paper = part(print, ast.isPaperClause, 'paper', '`paper 30x40cm at 240dpi`', context);
    if (!of || !upscale || !paper) return undefined;
    const refinement = upscale.via && refinementOf(upscale, context);
    const network = upscale.upscaler?.ref;
    const size = paperOf(paper.value);
    if (!size || (!refinement && !network)) return undefined;
    return {
        kind: 'print',
        of,
        upscale: refinement ? { kind: 'via', ...refinement } : { kind: 'upscaler', ...fileRef(network!, context) },
        paper: size,
        dpi: quantityOf(paper.density).value,
    };
}

function subjectOf(runnable: ast.Mosaic | ast.Print, context: Lowering) {
    const clause = part(runnable, ast.isOfClause, 'of', '`of picture`', context);
    return clause && pictureOf(clause.picture.ref, clause, context);
}

/** The clause of a kind; a problem where it is missing. */
function part<P extends Pieces>(
    runnable: ast.Mosaic | ast.Print,
    is: (node: unknown) => node is P,
    word: string,
    example: string,
    context: Lowering,
): P | undefined {
    const found = (runnable.settings as readonly unknown[]).filter(is).at(-1);
    if (!found) {
        const message = `\`${runnable.name}\` needs a clause \`${word}\`, as in ${example}.`;
        context.report('clause/missing', 'error', message, runnable, { property: 'name' });
    }
    return found;
}

function refinementOf(clause: ast.TilesClause | ast.UpscaleClause, context: Lowering): Refinement | undefined {
    const via = clause.via?.ref;
    if (!via) return undefined;
    return {
        via: picturePlan(via, context),
        strength: clause.strength ? amountOf(clause.strength, context, 'strength') : TILE_STRENGTH,
        ...(clause.tile ? { tile: quantityOf(clause.tile).value } : {}),
        ...(clause.overlap ? { overlap: quantityOf(clause.overlap).value } : {}),
    };
}
