/** The tiles of a mosaic on disk: each is made once, by what it starts from and its seed, and written whole. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rgb } from '../pictures/picture.ts';
import { writeError, writeWhole } from '../write-whole.ts';

export interface TileStore {
    /** The tile that starts from a picture: from memory, from disk, or made now. */
    tile(start: Rgb, seed: number): Promise<Rgb>;
    readonly made: TilesMade;
}

export interface TilesMade {
    /** Different tiles that were asked for, whenever they were made. */
    readonly different: number;
    /** Tiles that were made by this process, and the seconds that it took. */
    readonly count: number;
    readonly seconds: number;
}

export interface TileMaker {
    make(start: Rgb, seed: number): Promise<Rgb>;
    read(file: string): Promise<Rgb>;
    png(tile: Rgb, seed: number): Promise<Uint8Array>;
}

/** Decoded tiles kept in memory, in bytes. */
const KEPT_BYTES = 96 * 2 ** 20;

export function tileStore(folder: string, { make, read, png }: TileMaker): TileStore {
    const kept = new Map<string, Rgb>();
    const asked = new Set<string>();
    let bytes = 0;
    let count = 0;
    let seconds = 0;

    function keep(key: string, tile: Rgb): Rgb {
        kept.set(key, tile);
        bytes += tile.data.length;
        for (const [oldest, { data }] of kept) {
            if (bytes <= KEPT_BYTES || oldest === key) break;
            kept.delete(oldest);
            bytes -= data.length;
        }
        return tile;
    }

    return {
        async tile(start, seed) {
            const key = tileKey(start, seed);
            asked.add(key);
            const known = kept.get(key);
            if (known) return known;
            const file = join(folder, `${key}.png`);
            if (existsSync(file)) return keep(key, await read(file));
            const begun = performance.now();
            const tile = await make(start, seed);
            seconds += (performance.now() - begun) / 1000;
            count++;
            await writeWhole(file, await png(tile, seed));
            return keep(key, tile);
        },
        get made() {
            return { different: asked.size, count, seconds };
        },
    };
}

/** Names a tile by content and seed: the same tile is never made twice. */
function tileKey({ width, height, data }: Rgb, seed: number): string {
    return createHash('sha256').update(`${width}x${height} ${seed}\n`).update(data).digest('hex').slice(0, 24);
}

/** Deletes tiles that other inputs, weights or versions made. */
export async function forgetTiles(folder: string): Promise<void> {
    try {
        await rm(folder, { recursive: true, force: true });
    } catch (error) {
        throw writeError(error, folder);
    }
}
