/** Mosaics: pictures made of pictures. */
import type { MosaicGrid, MosaicPlan, MosaicTiles, MosaicZoom } from '../../plan/mosaic/mosaic.ts';
import type { PictureSource } from '../../plan/plan.ts';
import { withSeeds } from '../../plan/sources.ts';
import * as ast from '../generated/ast.ts';
import { boundValues } from '../meaning/bindings.ts';
import { MOSAIC, poolOfMosaic, strengthOfTiles } from '../meaning/defaults.ts';
import { measuresText, wrongGrid } from '../meaning/quantities.ts';
import { sizeOf } from '../meaning/values.ts';
import { amountOf, type Lowering, quantityIn, reportWrong, valuesIn } from './context.ts';
import { picturePlan } from './picture/picture.ts';
import { onePicture } from './sources.ts';

type Pieces = ast.OfClause | ast.GridClause | ast.TilesClause | ast.DepthClause | ast.PaperClause;

export function mosaicPlan(mosaic: ast.Mosaic, context: Lowering): MosaicPlan | undefined {
    const of = subjectOf(mosaic, context);
    const grid = requiredClause(mosaic, ast.isGridClause, 'grid', '`grid 16x16`', context);
    const tiles = requiredClause(mosaic, ast.isTilesClause, 'tiles', '`tiles via picture strength 0.4`', context);
    if (!of || !grid || !tiles) return undefined;
    reportWrong(wrongGrid(grid, valuesIn(context)), grid, context);
    const { width: columns, height: rows } = sizeOf(measuresText(grid, valuesIn(context)));
    const made = tilesOf(tiles, columns * rows, context);
    if (!made) return undefined;
    const depthClause = mosaic.settings.filter(ast.isDepthClause).at(-1);
    const depth = depthClause ? amountOf(depthClause.value, context, 'depth') : 1;
    if (columns !== rows && (depth > 1 || depthClause?.zoom)) {
        const message = `Tiles that are mosaics themselves need as many columns as rows: write \`${columns}x${columns}\`.`;
        context.report('mosaic/square', 'error', message, grid);
    }
    return {
        kind: 'mosaic',
        of,
        grid: { columns, rows },
        tiles: made,
        depth,
        ...(depthClause?.zoom ? { zoom: zoomOf(depthClause, { columns, rows }, context) } : {}),
    };
}

function tilesOf(clause: ast.TilesClause, count: number, context: Lowering): MosaicTiles | undefined {
    const generate = clause.via?.ref;
    if (!generate) return undefined;
    // Each tile begins from its cell with a seed of its own; what checks report as unused is left out.
    const plan = picturePlan(generate, { ...context, boundHere: boundValues(clause.bindings) });
    const { start: _, trace: __, ...via } = withSeeds(plan, plan.seeds.slice(0, 1));
    const width = clause.tile ? quantityIn(clause.tile, context) : via.size.width;
    const pool = poolOfMosaic(clause.pool && amountOf(clause.pool, context, 'pool'), count);
    return {
        via,
        strength: clause.strength ? amountOf(clause.strength, context, 'strength') : strengthOfTiles(pool, via.steps),
        colour: clause.colour ? amountOf(clause.colour, context, 'colour') : MOSAIC.colour,
        vary: clause.vary ? amountOf(clause.vary, context, 'vary') : MOSAIC.vary,
        pool,
        size: { width, height: Math.max(1, Math.round((width * via.size.height) / via.size.width)) },
    };
}

function zoomOf(
    { cell, frames, width }: ast.DepthClause,
    { columns, rows }: MosaicGrid,
    context: Lowering,
): MosaicZoom {
    const into = cell ? sizeOf(cell) : undefined;
    return {
        into: into
            ? { column: into.width - 1, row: into.height - 1 }
            : { column: Math.floor(columns / 2), row: Math.floor(rows / 2) },
        frames: frames ? amountOf(frames, context, 'frames') : MOSAIC.frames,
        width: width ? quantityIn(width, context) : MOSAIC.width,
    };
}

/** The picture that a runnable is made of. */
export function subjectOf(runnable: ast.Mosaic | ast.Print, context: Lowering): PictureSource | undefined {
    const clause = requiredClause(runnable, ast.isOfClause, 'of', '`of picture`', context);
    const picture = clause && onePicture(clause, clause, context);
    return picture && clause.inside ? { kind: 'inside', of: picture } : picture;
}

/** The clause of a kind; a problem where it is missing. */
export function requiredClause<P extends Pieces>(
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
