/** The levels of a mosaic: which tile is at each place, in the colours of the place. */
import {
    type MosaicPlan,
    paletteColour,
    sharedSeed,
    type TilePlace,
    tileSeed,
    variantOf,
} from '../../plan/mosaic/mosaic.ts';
import { withLightness } from '../pictures/colours/lightness.ts';
import { meansOf, withMean } from '../pictures/colours/low-frequencies.ts';
import type { Rgb } from '../pictures/picture.ts';
import { plain } from '../pictures/picture.ts';
import { resize } from '../pictures/resize.ts';
import { cellMeans, type Ground, groundCell, groundOf } from './ground.ts';
import type { TileStore } from './tile-store.ts';

/** Tiles by level, 1 being that of the mosaic itself; columns and rows are counted over the whole level. */
export interface Levels {
    /** The tile as it was painted. */
    painted(level: number, place: TilePlace): Promise<Rgb>;
    /** The tile in the colours of its cell, with the size of placed tiles. */
    placed(level: number, place: TilePlace): Promise<Rgb>;
    /** The cells of a level's tile, for the level below it. */
    ground(level: number, place: TilePlace): Promise<Ground>;
}

/** Placed tiles of each level that are remembered; neighbours in the level below share them. */
const KEPT_PLACES = 64;

export function levelsOf(mosaic: MosaicPlan, first: Ground, store: TileStore): Levels {
    const { grid, tiles } = mosaic;
    const grounds = recent<Ground>();

    /** The cell that a tile stands for. */
    async function cell(level: number, { column, row }: TilePlace): Promise<Rgb> {
        if (level === 1) return groundCell(first, { column, row });
        const above = { column: Math.floor(column / grid.columns), row: Math.floor(row / grid.rows) };
        const ground = await levels.ground(level - 1, above);
        return groundCell(ground, { column: column % grid.columns, row: row % grid.rows });
    }

    const levels: Levels = {
        async painted(level, place) {
            return paintedFor(mosaic, store, level, place, await cell(level, place));
        },
        async placed(level, place) {
            const own = await cell(level, place);
            const painted = await paintedFor(mosaic, store, level, place, own);
            const placed = inColoursOf(painted, own, tiles.colour);
            return resize(placed, tiles.size.width, tiles.size.height);
        },
        ground(level, place) {
            return grounds(`${level} ${place.column} ${place.row}`, async () =>
                groundOf(await levels.placed(level, place), mosaic),
            );
        },
    };
    return levels;
}

/**
 * The tile for a cell. Those of the first level start from the cell itself; deeper ones from the nearest colour of a
 * palette, which many places share.
 */
export function paintedFor(
    mosaic: MosaicPlan,
    store: TileStore,
    level: number,
    place: TilePlace,
    cell: Rgb,
): Promise<Rgb> {
    const { width, height } = mosaic.tiles.via.size;
    if (level === 1) return store.tile(resize(cell, width, height), tileSeed(mosaic, place));
    const { start, seed } = sharedTile(mosaic, place, cell);
    return store.tile(start, seed);
}

/** What a tile of a deeper level starts from, and its seed. */
export function sharedTile(
    mosaic: MosaicPlan,
    place: TilePlace,
    cell: Rgb,
): { readonly start: Rgb; readonly seed: number } {
    const { width, height } = mosaic.tiles.via.size;
    const [r = 0, g = 0, b = 0] = meansOf(cell, 1, 1).data;
    const { index, levels } = paletteColour([r, g, b]);
    return { start: plain(width, height, levels), seed: sharedSeed(mosaic, index, variantOf(mosaic, place)) };
}

/**
 * A tile in the colours of a cell: its mean colour twice as closely as the dial says, the lightness of its 8x8 parts as
 * closely as it says. Its parts keep hues of their own, which show its subject from near and are not seen from afar.
 */
export function inColoursOf(tile: Rgb, cell: Rgb, colour: number): Rgb {
    const whole = withMean(tile, meansOf(cell, 1, 1).data, Math.min(1, 2 * colour));
    return withLightness(whole, cellMeans(cell), colour);
}

/** Remembers what was asked for last. */
function recent<Value>(): (key: string, make: () => Promise<Value>) => Promise<Value> {
    const kept = new Map<string, Promise<Value>>();
    return (key, make) => {
        const value = kept.get(key) ?? make();
        kept.delete(key);
        kept.set(key, value);
        if (kept.size > KEPT_PLACES) kept.delete(kept.keys().next().value!);
        return value;
    };
}
