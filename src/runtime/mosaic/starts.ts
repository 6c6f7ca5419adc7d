/** What the tiles of a mosaic are made from: their cells, or pictures of the pool in the colours of their cells. */
import {
    type MosaicPlan,
    paletteColour,
    poolSeed,
    sharedSeed,
    type TilePlace,
    tileSeed,
    variantOf,
} from '../../plan/mosaic/mosaic.ts';
import { meansOf } from '../pictures/colours/low-frequencies.ts';
import { plain, type Rgb } from '../pictures/picture.ts';
import { resize } from '../pictures/resize.ts';
import { type Ground, groundCell } from './ground.ts';
import { inColoursOf } from './placing.ts';
import type { Pool } from './pool.ts';
import type { WantedTile } from './tile-store.ts';

export interface TileStarts {
    /** The tile of the first level at a place. */
    first(place: TilePlace): WantedTile;
    /** The tile of a deeper level at a place, which it shares with all places of its colour and variant. */
    shared(place: TilePlace, cell: Rgb): WantedTile;
}

/** Pictures of the pool are not used again within so many columns and rows, where there are enough of them. */
const APART = 2;

/**
 * With a pool of no pictures tiles start from their cells, and those of deeper levels from plain colours. With a strength
 * of 0 the pictures of the pool are the tiles.
 */
export function tileStarts(mosaic: MosaicPlan, ground: Ground, pool: Pool): TileStarts {
    const { via, colour, strength } = mosaic.tiles;
    const { width, height } = via.size;
    const chosen = pool.pictures.length > 0 ? choose(mosaic, ground, pool) : undefined;
    const ranks = new Map<number, readonly number[]>();

    /** The tile that starts from a picture of the pool. */
    function from(number: number, cell: Rgb, seed: number): WantedTile {
        if (strength === 0) return { seed: poolSeed(mosaic, number) };
        return { seed, start: () => inColoursOf(pool.pictures[number]!, cell, colour) };
    }

    return {
        first(place) {
            const seed = tileSeed(mosaic, place);
            const cell = groundCell(ground, place);
            const number = chosen?.[place.row * mosaic.grid.columns + place.column];
            return number === undefined ? { seed, start: () => resize(cell, width, height) } : from(number, cell, seed);
        },
        shared(place, cell) {
            const [r = 0, g = 0, b = 0] = meansOf(cell, 1, 1).data;
            const { index, levels } = paletteColour([r, g, b]);
            const variant = variantOf(mosaic, place);
            const seed = sharedSeed(mosaic, index, variant);
            if (!chosen) return { seed, start: () => plain(width, height, levels) };
            const middle = plain(1, 1, levels);
            const ranked = ranks.get(index) ?? pool.ranked(middle);
            ranks.set(index, ranked);
            return from(ranked[variant % ranked.length]!, middle, seed);
        },
    };
}

/** The number of each place's picture, in reading order: the one of the nearest colour that is not used nearby. */
function choose({ grid: { columns, rows } }: MosaicPlan, ground: Ground, pool: Pool): readonly number[] {
    const apart = pool.pictures.length > (2 * APART + 1) ** 2 / 2 ? APART : 1;
    const chosen: number[] = [];
    for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
            const near = new Set<number>();
            for (let y = Math.max(0, row - apart); y <= row; y++) {
                for (let x = Math.max(0, column - apart); x <= Math.min(columns - 1, column + apart); x++) {
                    const number = chosen[y * columns + x];
                    if (number !== undefined) near.add(number);
                }
            }
            const ranked = pool.ranked(groundCell(ground, { column, row }));
            chosen.push(ranked.find((number) => !near.has(number)) ?? ranked[0]!);
        }
    }
    return chosen;
}
