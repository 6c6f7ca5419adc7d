/** The tiles of a mosaic on disk: each is made once, by what it starts from and its seed, and written whole. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rgb } from '../pictures/picture.ts';
import { writeError, writeWhole } from '../write-whole.ts';

export interface TileStore {
    /** A tile: from memory, from disk, or made now. */
    tile(wanted: WantedTile): Promise<Rgb>;
    /**
     * Makes those of several tiles that are missing, together. `ready` is called for each that is on disk: first for those that
     * were there.
     */
    makeAll(wanted: readonly WantedTile[], ready?: () => void): Promise<void>;
    /** Whether a tile is made, by this process or another. */
    has(wanted: WantedTile): boolean;
    readonly made: TilesMade;
}

/** What a tile is made from. Within a mosaic each seed has one start. */
export interface WantedTile {
    readonly seed: number;
    /** Absent: from noise. */
    readonly start?: () => Rgb;
}

export interface TilesMade {
    /** Different tiles that were asked for, whenever they were made. */
    readonly different: number;
    /** Tiles that were made by this process, and the seconds that it took. */
    readonly count: number;
    readonly seconds: number;
}

export interface TileMaker {
    /** The tiles in their order, each as soon as it is finished. All have a start, or none. */
    make(wanted: readonly WantedTile[]): AsyncIterable<Rgb>;
    read(file: string): Promise<Rgb>;
    png(tile: Rgb, wanted: WantedTile): Promise<Uint8Array>;
}

/** Decoded tiles kept in memory, in bytes. */
const KEPT_BYTES = 96 * 2 ** 20;

export function tileStore(folder: string, { make, read, png }: TileMaker): TileStore {
    const kept = new Map<string, Rgb>();
    const keys = new Map<number, string>();
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

    function keyOf({ seed, start }: WantedTile): string {
        const key = keys.get(seed) ?? tileKey(start?.(), seed);
        keys.set(seed, key);
        return key;
    }

    const fileOf = (key: string) => join(folder, `${key}.png`);
    const isThere = (key: string) => kept.has(key) || existsSync(fileOf(key));

    async function makeAll(wanted: readonly WantedTile[], ready = () => {}): Promise<void> {
        const missing = new Map<string, WantedTile>();
        for (const tile of wanted) {
            const key = keyOf(tile);
            if (isThere(key)) ready();
            else missing.set(key, tile);
        }
        if (missing.size === 0) return;
        const left = [...missing.keys()];
        let begun = performance.now();
        for await (const tile of make([...missing.values()])) {
            const key = left.shift()!;
            seconds += (performance.now() - begun) / 1000;
            count++;
            await writeWhole(fileOf(key), await png(tile, missing.get(key)!));
            keep(key, tile);
            ready();
            begun = performance.now();
        }
    }

    return {
        makeAll,
        has: (wanted) => isThere(keyOf(wanted)),
        async tile(wanted) {
            const key = keyOf(wanted);
            const known = kept.get(key);
            if (known) return known;
            if (!existsSync(fileOf(key))) {
                await makeAll([wanted]);
                return kept.get(key)!;
            }
            return keep(key, await read(fileOf(key)));
        },
        get made() {
            return { different: keys.size, count, seconds };
        },
    };
}

/** Names a tile by content and seed: the same tile is never made twice. */
function tileKey(start: Rgb | undefined, seed: number): string {
    const hash = createHash('sha256');
    if (start) hash.update(`${start.width}x${start.height} ${seed}\n`).update(start.data);
    else hash.update(`noise ${seed}\n`);
    return hash.digest('hex').slice(0, 24);
}

/** Deletes tiles that other inputs, weights or versions made. */
export async function forgetTiles(folder: string): Promise<void> {
    try {
        await rm(folder, { recursive: true, force: true });
    } catch (error) {
        throw writeError(error, folder);
    }
}
