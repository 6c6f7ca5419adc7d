/** The levels of a mosaic: which tile is at each place, in the colours of the place. */
import type { MosaicPlan, TilePlace } from '../../plan/mosaic/mosaic.ts';
import type { Rgb } from '../pictures/picture.ts';
import { resize } from '../pictures/resize.ts';
import { type Ground, groundCell, groundOf } from './ground.ts';
import { inColoursOf } from './placing.ts';
import type { TileStarts } from './starts.ts';
import type { TileStore, WantedTile } from './tile-store.ts';

/** Tiles by level, 1 being that of the mosaic itself; columns and rows are counted over the whole level. */
export interface Levels {
    /** The tile in the colours of its cell, with the size of placed tiles. */
    placed(level: number, place: TilePlace): Promise<Rgb>;
    /** The cells of a level's tile, for the level below it. */
    ground(level: number, place: TilePlace): Promise<Ground>;
}

/** Placed tiles of each level that are remembered; neighbours in the level below share them. */
const KEPT_PLACES = 64;

export function levelsOf(mosaic: MosaicPlan, first: Ground, starts: TileStarts, store: TileStore): Levels {
    const { grid, tiles } = mosaic;
    const grounds = recent<Ground>();

    /** The cell that a tile is placed in. */
    async function cell(level: number, { column, row }: TilePlace): Promise<Rgb> {
        if (level === 1) return groundCell(first, { column, row });
        const above = { column: Math.floor(column / grid.columns), row: Math.floor(row / grid.rows) };
        const ground = await levels.ground(level - 1, above);
        return groundCell(ground, { column: column % grid.columns, row: row % grid.rows });
    }

    const levels: Levels = {
        async placed(level, place) {
            const own = await cell(level, place);
            const painted = await store.tile(wantedFor(starts, level, place, own));
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

/** The tile that is wanted for a cell of a level. */
export function wantedFor(starts: TileStarts, level: number, place: TilePlace, cell: Rgb): WantedTile {
    return level === 1 ? starts.first(place) : starts.shared(place, cell);
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
