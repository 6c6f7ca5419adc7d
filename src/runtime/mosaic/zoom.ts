/** An endless zoom: into a tile that becomes the picture, level by level, until the tile is the first picture again. */
import type { MosaicPlan, MosaicZoom, TilePlace } from '../../plan/mosaic/mosaic.ts';
import type { Rgb } from '../pictures/picture.ts';
import { resize } from '../pictures/resize.ts';
import { blank } from './flat.ts';
import { groundCell, groundOf } from './ground.ts';
import { wantedFor } from './levels.ts';
import { inColoursOf } from './placing.ts';
import type { TileStarts } from './starts.ts';
import { addSample, type Texture, textureOf } from './texture.ts';
import type { TileStore } from './tile-store.ts';

/** One level of the zoom: a picture, laid out of tiles, one of which is the picture of the next level. */
export interface ZoomLevel {
    /** The picture as it fills the frame. */
    readonly picture: Texture;
    /** The tiles in the colours of their cells, row by row. */
    readonly tiles: readonly Texture[];
    /** The tile that is entered, with the colours of its cell by `amount` 0…1. */
    entered(amount: number): Texture;
}

/** Until this share of a level the picture dissolves into its tiles. */
const DISSOLVED = 0.3;
/** From here on, until its end, the tile that is entered takes its own colours. */
const OWN_COLOURS = { from: 0.5, to: 0.9 };

/** Pixels of the frames; both sides are even, as video needs them. */
export function frameSize(
    { tiles: { via } }: MosaicPlan,
    zoom: MosaicZoom,
): { readonly width: number; readonly height: number } {
    const even = (pixels: number) => Math.max(2, 2 * Math.round(pixels / 2));
    return { width: even(zoom.width), height: even((zoom.width * via.size.height) / via.size.width) };
}

/** The levels of the zoom in their order. Makes the tiles that they show; `first` is the mosaic's own picture. */
export async function* zoomLevels(
    mosaic: MosaicPlan,
    zoom: MosaicZoom,
    first: Rgb,
    starts: TileStarts,
    store: TileStore,
): AsyncGenerator<ZoomLevel, void> {
    const { width, height } = frameSize(mosaic, zoom);
    const { grid, tiles, depth } = mosaic;
    let picture = first;
    for (let level = 1; level <= depth; level++) {
        const ground = groundOf(picture, mosaic);
        const own: Texture[] = [];
        let next = first;
        for (let row = 0; row < grid.rows; row++) {
            for (let column = 0; column < grid.columns; column++) {
                const cell = groundCell(ground, { column, row });
                const painted = await store.tile(wantedFor(starts, level, { column, row }, cell));
                own.push(textureOf(inColoursOf(painted, cell, tiles.colour)));
                if (level < depth && isAt(zoom.into, column, row)) next = painted;
            }
        }
        const entered = groundCell(ground, zoom.into);
        const small = resize(next, tiles.via.size.width, tiles.via.size.height);
        const large = textureOf(resize(next, width, height));
        yield {
            picture: textureOf(resize(picture, width, height)),
            tiles: own,
            entered(amount) {
                if (amount === 0) return large;
                return textureOf(resize(inColoursOf(small, entered, amount * tiles.colour), width, height));
            },
        };
        picture = next;
    }
}

/** The frame at a share 0…1 of a level: at 0 its picture alone, at 1 the entered tile alone. */
export function frameAt(mosaic: MosaicPlan, zoom: MosaicZoom, level: ZoomLevel, share: number): Rgb {
    const { width, height } = frameSize(mosaic, zoom);
    const { columns, rows } = mosaic.grid;
    const frame = blank(width, height);
    // The part of the picture in sight shrinks by the same factor per frame, around the point that stays in place.
    const size = columns ** -share;
    const left = (zoom.into.column / columns) * ((1 - size) / (1 - 1 / columns));
    const top = (zoom.into.row / rows) * ((1 - size) / (1 - 1 / rows));
    const mixed = smooth(share / DISSOLVED);
    const entered = level.entered(1 - smooth((share - OWN_COLOURS.from) / (OWN_COLOURS.to - OWN_COLOURS.from)));
    const shown = width / (size * columns);
    const sum = new Float64Array(3);
    for (let y = 0; y < height; y++) {
        const v = top + (size * (y + 0.5)) / height;
        const row = Math.min(Math.floor(v * rows + 1e-9), rows - 1);
        for (let x = 0; x < width; x++) {
            const u = left + (size * (x + 0.5)) / width;
            const column = Math.min(Math.floor(u * columns + 1e-9), columns - 1);
            sum.fill(0);
            if (mixed < 1) addSample(level.picture, u, v, width / size, 1 - mixed, sum);
            if (mixed > 0) {
                const tile = isAt(zoom.into, column, row) ? entered : level.tiles[row * columns + column]!;
                addSample(tile, u * columns - column, v * rows - row, shown, mixed, sum);
            }
            const at = (y * width + x) * 3;
            frame.data[at] = Math.round(sum[0]!);
            frame.data[at + 1] = Math.round(sum[1]!);
            frame.data[at + 2] = Math.round(sum[2]!);
        }
    }
    return frame;
}

/** Mean difference of two frames in levels of 255. */
export function seamBetween(a: Rgb, b: Rgb): number {
    let sum = 0;
    for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
    return sum / a.data.length;
}

function isAt(place: TilePlace, column: number, row: number): boolean {
    return place.column === column && place.row === row;
}

/** 0 below 0, 1 above 1, and without a corner between. */
function smooth(x: number): number {
    const t = Math.min(Math.max(x, 0), 1);
    return t * t * (3 - 2 * t);
}
