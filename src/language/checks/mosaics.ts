/** Mosaics: the clauses that they need, grids and tiles that fit, and settings of the tiles' generate that are not used. */
import { LONGEST_LEVEL, type MosaicGrid, wholeLevels } from '../../plan/mosaic/mosaic.ts';
import type { Size } from '../../plan/plan.ts';
import { stepsRun } from '../../plan/steps.ts';
import * as ast from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import { NO_CHANGES } from '../lower/changes.ts';
import { valuesVia } from '../meaning/bindings.ts';
import { DEFAULTS, strengthOfTiles } from '../meaning/defaults.ts';
import { type Effective, effective, settingOf } from '../meaning/inherit.ts';
import { sizeOfSource } from '../meaning/picture-size.ts';
import { MAX_TILES, measuresText, numberOfQuantity, SMALLEST_PLACED } from '../meaning/quantities.ts';
import { sizeInForce } from '../meaning/size.ts';
import { quantityOf, sizeOf } from '../meaning/values.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';
import { known } from './numbers.ts';

const NEEDED = {
    Mosaic: [
        { is: ast.isOfClause, word: 'of', example: 'of picture' },
        { is: ast.isGridClause, word: 'grid', example: 'grid 16x16' },
        { is: ast.isTilesClause, word: 'tiles', example: 'tiles via picture strength 0.9' },
    ],
    Print: [
        { is: ast.isOfClause, word: 'of', example: 'of picture' },
        { is: ast.isPaperClause, word: 'paper', example: 'paper 30x40cm at 240dpi' },
    ],
} as const;

/** Pixels below which no model of three or four levels can paint. */
const SMALLEST_PAINTED = 64;
/** How far the shape of a cell may be from that of a tile. */
const TOLERANCE = 0.02;

export const mosaicChecks: Checks = {
    Mosaic: (mosaic, report) => {
        reportMissing(mosaic, report);
        const grid = gridOf(mosaic);
        if (grid) reportGrid(mosaic, grid, report);
        const tiles = tilesOf(mosaic);
        if (tiles?.via?.ref) reportTiles(tiles, tiles.via.ref, report);
    },
    Print: (print, report) => reportMissing(print, report),
};

function reportMissing(runnable: ast.Mosaic | ast.Print, report: Report): void {
    for (const { is, word, example } of NEEDED[runnable.$type]) {
        if (runnable.settings.some((setting) => is(setting))) continue;
        const message = `\`${runnable.name}\` needs a clause \`${word}\`, as in \`${example}\`.`;
        report('clause/missing', 'error', message, runnable, { property: 'name' });
    }
}

interface Grid {
    readonly clause: ast.GridClause;
    readonly columns: number;
    readonly rows: number;
}

/** Undefined where it is missing, or no grid. */
function gridOf({ settings }: ast.Mosaic): Grid | undefined {
    const clause = settings.filter(ast.isGridClause).at(-1);
    if (!clause) return undefined;
    const { width: columns, height: rows, unit } = sizeOf(measuresText(clause));
    const isGrid = unit === '' && [columns, rows].every((count) => Number.isInteger(count) && count > 0);
    return isGrid ? { clause, columns, rows } : undefined;
}

function tilesOf({ settings }: ast.Mosaic): ast.TilesClause | undefined {
    return settings.filter(ast.isTilesClause).at(-1);
}

function reportGrid(mosaic: ast.Mosaic, { clause, columns, rows }: Grid, report: Report): void {
    const part = { property: 'value' };
    if (columns * rows > MAX_TILES) {
        const message = `This grid has ${columns * rows} tiles; there are at most ${MAX_TILES}: write a coarser grid, or a \`depth\` of 2.`;
        report('mosaic/many', 'error', message, clause, part);
    }
    const depth = mosaic.settings.filter(ast.isDepthClause).at(-1);
    if (!depth) return;
    if (columns !== rows && ((known(depth.value) ?? 1) > 1 || depth.zoom)) {
        const message =
            'Tiles that are mosaics themselves have the shape of the picture, which needs as many columns as rows.';
        report('mosaic/square', 'error', `${message} Write \`${columns}x${columns}\`.`, clause, {
            ...part,
            fix: replace(`Change to ${columns}x${columns}`, clause, `${columns}x${columns}`, part),
        });
    }
    reportZoom(depth, { clause, columns, rows }, report);
    const via = tilesOf(mosaic)?.via?.ref;
    const size = via && placedSize(tilesOf(mosaic)!, via);
    if (size && !depth.zoom) reportUnseen(depth, { columns, rows }, size, report);
}

function reportZoom(depth: ast.DepthClause, { columns, rows }: Grid, report: Report): void {
    if (!depth.cell) return;
    const { width: column, height: row, unit } = sizeOf(depth.cell);
    const isTile = [column, row].every((one) => Number.isInteger(one) && one > 0) && unit === '';
    if (isTile && column <= columns && row <= rows) return;
    const message = `There is no such tile: write column by row, from \`1x1\` to \`${columns}x${rows}\`.`;
    report('mosaic/zoom', 'error', message, depth, { property: 'cell' });
}

/** Levels that are too wide to be laid out as a whole are seen in the zoom alone. */
function reportUnseen(depth: ast.DepthClause, grid: MosaicGrid, size: Size, report: Report): void {
    const value = known(depth.value) ?? 1;
    if (!Number.isInteger(value) || value < 2) return;
    const seen = wholeLevels({ grid, tiles: { size }, depth: value });
    if (seen === value) return;
    const message = `Level ${seen + 1} would be wider than ${LONGEST_LEVEL} pixels and is only seen in the endless zoom: write \`depth ${value} zoom\`, or \`depth ${seen}\`.`;
    report('mosaic/unseen', 'warning', message, depth, { property: 'value' });
}

function reportTiles(clause: ast.TilesClause, via: ast.Generate, report: Report): void {
    const settings = effective(via);
    const part = { property: 'via' };
    const size = sizeInForce(settings, { changes: NO_CHANGES }, valuesVia(clause, via));
    if (Math.min(size.width, size.height) < SMALLEST_PAINTED) {
        const message = `\`${via.name}\` paints ${size.width}x${size.height} pixels, which is less than a model can: write a size of at least ${SMALLEST_PAINTED}x${SMALLEST_PAINTED}, and \`tile ${size.width}px\` to place tiles smaller.`;
        report('mosaic/tile', 'error', message, clause, part);
    }
    const placed = clause.tile?.text ? quantityOf(clause.tile.text) : undefined;
    if (placed?.unit === 'px' && placed.value < SMALLEST_PLACED) {
        const message = `A tile of ${placed.value} pixels shows nothing: write at least ${SMALLEST_PLACED}px.`;
        report('mosaic/tile', 'error', message, clause, { property: 'tile' });
    }
    for (const is of [ast.isMaskClause, ast.isOutpaintClause]) {
        const found = settingOf<ast.Setting>(settings, is);
        if (!found) continue;
        const word = found.$type === 'MaskClause' ? 'mask' : 'outpaint';
        const message = `Tiles are painted as a whole, but \`${via.name}\` has \`${word}\`: take a generate without it.`;
        report('mosaic/via', 'error', message, clause, part);
    }
    reportUnused(clause, via, settings, report);
    reportNoSteps(clause, settings, report);
}

/** What the generate of the tiles says and a mosaic does not use. */
function reportUnused(
    clause: ast.TilesClause,
    via: ast.Generate,
    settings: readonly Effective[],
    report: Report,
): void {
    const unused = (what: string) => {
        report('mosaic/unused', 'warning', `${what} Take a generate without it for tiles.`, clause, {
            property: 'via',
        });
    };
    if (settingOf(settings, ast.isStartClause)) {
        unused(`Tiles begin from their cells: the \`start\` of \`${via.name}\` is not used.`);
    }
    if (settingOf(settings, ast.isTraceClause)) {
        unused(`The \`trace\` of \`${via.name}\` is not kept for tiles.`);
    }
    const seeds = settingOf(settings, ast.isSeedClause)?.items ?? [];
    if (seeds.length > 1 || seeds[0]?.to) {
        unused(
            `Each tile has a seed of its own, counted from the first of \`${via.name}\`: its other seeds are not used.`,
        );
    }
}

function reportNoSteps(clause: ast.TilesClause, settings: readonly Effective[], report: Report): void {
    const stepsClause = settingOf(settings, ast.isStepsClause);
    const steps = stepsClause ? known(stepsClause.value) : DEFAULTS.steps;
    if (steps === undefined) return;
    const strength = clause.strength ? known(clause.strength) : strengthOfTiles(known(clause.pool) ?? 1, steps);
    if (strength === undefined || strength > 1 || strength < 0) return;
    // The pictures of the pool are placed as they are.
    if (strength === 0 && known(clause.pool) !== 0) return;
    if (stepsRun(steps, strength) >= 1) return;
    const enough = Math.ceil((1 / steps) * 100) / 100;
    const message = `A strength of ${strength} leaves none of the ${steps} steps: with ${steps} steps write at least ${enough}.`;
    report('start/no-steps', 'error', message, clause, { property: 'strength' });
}

function placedSize(clause: ast.TilesClause, via: ast.Generate): Size {
    const size = sizeInForce(effective(via), { changes: NO_CHANGES }, valuesVia(clause, via));
    const width = clause.tile ? numberOfQuantity(clause.tile) : size.width;
    return { width, height: (width * size.height) / size.width };
}

/** Whether cells of the picture have the shape of the tiles. Pictures that the spec makes need no files for it. */
export function checkMosaicShape(mosaic: ast.Mosaic, files: FileAccess, report: Report): void {
    const grid = gridOf(mosaic);
    const tiles = tilesOf(mosaic);
    const via = tiles?.via?.ref;
    const source = mosaic.settings.filter(ast.isOfClause).at(-1)?.picture?.ref;
    const picture = source && sizeOfSource(source, files);
    if (!grid || !via || !picture) return;
    const { clause, columns, rows } = grid;
    const tile = sizeInForce(effective(via), { changes: NO_CHANGES, files }, valuesVia(tiles, via));
    const [wide, high] = [picture.width / columns, picture.height / rows];
    const part = { property: 'value' };
    const whole = `${picture.width}x${picture.height}`;
    if (wide < 1 || high < 1) {
        const message = `The picture has ${whole} pixels: cells of this grid are smaller than a pixel. Write a coarser grid.`;
        report('mosaic/shape', 'error', message, clause, part);
        return;
    }
    if (Math.abs((wide / high) * (tile.height / tile.width) - 1) <= TOLERANCE) return;
    const fitting = Math.max(1, Math.round((columns * picture.height * tile.width) / (picture.width * tile.height)));
    const near = `${columns}x${fitting}`;
    const cells = `${figure(wide)}x${figure(high)}`;
    const fits = Math.abs(((wide * fitting) / picture.height) * (tile.height / tile.width) - 1) <= TOLERANCE;
    const advice = fits ? `Write \`grid ${near}\`, or another` : 'Write another grid, or another';
    const message = `The picture has ${whole} pixels, so that cells are ${cells}, but tiles are ${tile.width}x${tile.height}. ${advice} size in \`${via.name}\`.`;
    report('mosaic/shape', 'error', message, clause, {
        ...part,
        ...(fits ? { fix: replace(`Change to ${near}`, clause, near, part) } : {}),
    });
}

function figure(value: number): string {
    return String(Math.round(value * 10) / 10);
}
