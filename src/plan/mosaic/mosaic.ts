/** Mosaics as resolved data: a picture laid out of tiles, the seed of each tile, and how many pictures that takes. */
import type { PicturePlan, PictureSource, Size } from '../plan.ts';

/**
 * A hypermosaic: each cell of the picture is enlarged, redone by image to image, and placed. With a depth of 2 each tile
 * is itself laid out of tiles, and so on.
 */
export interface MosaicPlan {
    readonly kind: 'mosaic';
    readonly of: PictureSource;
    readonly grid: MosaicGrid;
    readonly tiles: MosaicTiles;
    /** Levels of tiles within tiles, 1 or more. */
    readonly depth: number;
    readonly zoom?: MosaicZoom;
}

export interface MosaicGrid {
    readonly columns: number;
    readonly rows: number;
}

export interface MosaicTiles {
    /** Its first seed is where the seeds of the tiles begin. */
    readonly via: PicturePlan;
    readonly strength: number;
    /** 0…1: how closely tiles keep the low frequencies of their cells, while they are painted and when they are placed. */
    readonly colour: number;
    /** How many tiles deeper levels have for one colour. */
    readonly vary: number;
    /** How many free pictures of `via` the tiles choose from what they start from; 0: they start from their cells. */
    readonly pool: number;
    /** Pixels of a placed tile. */
    readonly size: Size;
}

/** An animation that goes into a tile at every level; after the last level the tile is the first picture. */
export interface MosaicZoom {
    /** Counted from 0. */
    readonly into: TilePlace;
    /** Frames per level. */
    readonly frames: number;
    /** Pixels of the frames; the height follows from the tiles' shape. */
    readonly width: number;
}

export interface TilePlace {
    readonly column: number;
    readonly row: number;
}

/** Colours per channel that deeper levels distinguish in what a tile starts from. */
const PALETTE_STEPS = 5;

const PALETTE_COLOURS = PALETTE_STEPS ** 3;
const SEEDS = 2 ** 32;

/**
 * The seed of a tile of the first level: the first seed of `via` plus the tile's number in reading order, modulo 2^32. It
 * depends on nothing else, so that a tile is bitwise the same alone, in any company and on any machine of a shard.
 */
export function tileSeed({ grid, tiles }: MosaicPlan, { column, row }: TilePlace): number {
    return ((tiles.via.seeds[0] ?? 0) + row * grid.columns + column) % SEEDS;
}

/**
 * The seed of a tile of a deeper level, which is shared by all places of its colour (0…124) and variant (0…vary − 1):
 * first seed of `via` + tiles of the first level + colour x vary + variant, modulo 2^32.
 */
export function sharedSeed({ grid, tiles }: MosaicPlan, colour: number, variant: number): number {
    const first = (tiles.via.seeds[0] ?? 0) + grid.columns * grid.rows;
    return (first + colour * tiles.vary + variant) % SEEDS;
}

/** The seed of a picture of the pool, from 0: first seed of `via` + tiles of the first level + 125 x vary + its number. */
export function poolSeed(mosaic: MosaicPlan, number: number): number {
    return (sharedSeed(mosaic, PALETTE_COLOURS, 0) + number) % SEEDS;
}

/** The variant of a place in a deeper level: with four or more, the eight neighbours of a place have other ones. */
export function variantOf({ tiles }: MosaicPlan, { column, row }: TilePlace): number {
    return (column + 2 * row) % tiles.vary;
}

/** The colour of the palette that is nearest to one of 0…255 per channel: its number, and its levels. */
export function paletteColour(rgb: readonly [number, number, number]): PaletteColour {
    const steps = rgb.map((level) => Math.round((level / 255) * (PALETTE_STEPS - 1)));
    const [r = 0, g = 0, b = 0] = steps;
    const level = (step: number) => Math.round((step * 255) / (PALETTE_STEPS - 1));
    return { index: (r * PALETTE_STEPS + g) * PALETTE_STEPS + b, levels: [level(r), level(g), level(b)] };
}

export interface PaletteColour {
    readonly index: number;
    readonly levels: readonly [number, number, number];
}

/** Tiles that go through the U-Net together, where memory allows: a run that is killed has to make so many again. */
export const TILES_TOGETHER = 4;

/** How many pictures a mosaic makes at most, by what they are for. */
export interface TileCounts {
    readonly pool: number;
    /** Tiles of the first level. */
    readonly first: number;
    /** Tiles that deeper levels share. */
    readonly deeper: number;
}

/**
 * Exact for one level, and where the pictures of the pool are the tiles; deeper levels share theirs, and how many of the
 * palette's colours they ask for is known when the first level is painted.
 */
export function tileCounts(mosaic: MosaicPlan): TileCounts {
    const { pool, strength, vary } = mosaic.tiles;
    if (pool > 0 && strength === 0) return { pool, first: 0, deeper: 0 };
    const first = mosaic.grid.columns * mosaic.grid.rows;
    const places = tilesPlaced(mosaic) - first + (mosaic.depth - wholeLevels(mosaic)) * first;
    return { pool, first, deeper: Math.min(PALETTE_COLOURS * vary, places) };
}

/** The most pictures that a mosaic makes. */
export function mostTiles(mosaic: MosaicPlan): number {
    const { pool, first, deeper } = tileCounts(mosaic);
    return pool + first + deeper;
}

/** The places that the whole levels of a mosaic have: the pictures that it would make without sharing. */
export function tilesPlaced(mosaic: MosaicPlan): number {
    const each = mosaic.grid.columns * mosaic.grid.rows;
    let sum = 0;
    for (let level = 1; level <= wholeLevels(mosaic); level++) sum += each ** level;
    return sum;
}

/** Longest side of a level that is laid out as a whole. */
export const LONGEST_LEVEL = 40_960;

/** What decides how many levels are laid out as a whole. */
export interface WholeLevels {
    readonly grid: MosaicGrid;
    readonly tiles: Pick<MosaicTiles, 'size'>;
    readonly depth: number;
}

/** How many levels are laid out as a whole; the others are seen in the zoom, which follows one tile per level. */
export function wholeLevels({ grid, tiles, depth }: WholeLevels): number {
    const fits = (level: number) => {
        const { width, height } = levelSize(grid, tiles.size, level);
        return Math.max(width, height) <= LONGEST_LEVEL;
    };
    let levels = 1;
    while (levels < depth && fits(levels + 1)) levels++;
    return levels;
}

/** Pixels of a level that is laid out as a whole, the first being 1. */
export function levelSize({ columns, rows }: MosaicGrid, tile: Size, level: number): Size {
    return { width: tile.width * columns ** level, height: tile.height * rows ** level };
}

/** Longest side of the flat picture; tiles of larger mosaics are reduced. The pyramid has all pixels. */
const LONGEST_FLAT = 8192;

/** Pixels of a tile in the flat picture. */
export function flatTile({ grid, tiles }: Pick<MosaicPlan, 'grid' | 'tiles'>): Size {
    const whole = levelSize(grid, tiles.size, 1);
    const shrink = Math.min(1, LONGEST_FLAT / Math.max(whole.width, whole.height));
    const side = (pixels: number) => Math.max(1, Math.floor(pixels * shrink));
    return { width: side(tiles.size.width), height: side(tiles.size.height) };
}

/** The plan of one tile: `via`, begun from the tile's cell, with the tile's seed. */
export function tilePlan({ of, tiles }: MosaicPlan, seed: number): PicturePlan {
    const { via, strength, colour } = tiles;
    const hold = colour > 0 ? { hold: { cells: { width: 1, height: 1 }, amount: colour } } : {};
    return {
        ...via,
        seeds: [seed],
        start: { pictures: [{ picture: of, weight: 1 }], mixing: 'linear', latent: 'mean', strength, ...hold },
    };
}
