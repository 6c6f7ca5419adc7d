/** Paints the tiles of a mosaic: the pool, the first level, and what deeper levels share. */
import { join } from 'node:path';
import { modelName } from '../../../plan/model-names.ts';
import {
    type MosaicPlan,
    mostTiles,
    poolSeed,
    TILES_TOGETHER,
    tilePlan,
    wholeLevels,
} from '../../../plan/mosaic/mosaic.ts';
import { withSeeds } from '../../../plan/sources.ts';
import type { RunEvent } from '../../events.ts';
import type { GenerateContext } from '../../generate.ts';
import { type Ground, groundCell, groundOf } from '../../mosaic/ground.ts';
import { type Levels, levelsOf } from '../../mosaic/levels.ts';
import { type Pool, poolOf } from '../../mosaic/pool.ts';
import { type TileStarts, tileStarts } from '../../mosaic/starts.ts';
import { type TileMaker, type TileStore, tileStore, type WantedTile } from '../../mosaic/tile-store.ts';
import type { Rgb } from '../../pictures/picture.ts';
import { runMemory } from '../../recipe/run-memory.ts';
import { type MadeFiles, readSource } from '../inputs/read-source.ts';
import { versions } from '../machine.ts';
import { makeFirst } from '../make-first.ts';
import { contextOf } from '../make-pictures.ts';
import type { RunContext } from '../run-context.ts';
import { TILES } from '../runs.ts';

/** Tiles that are made together. */
export interface TileGroup {
    /** Unique within the mosaic: letters and digits. */
    readonly id: string;
    readonly tiles: number;
    /** Whether all of them are on disk, by this worker or another. */
    isMade(): boolean;
    make(): Promise<void>;
}

/** Returns when all groups of a stage are made: what comes next is made of them. */
export type ShareGroups = (groups: readonly TileGroup[]) => Promise<void>;

/** One process makes them all, in their order. */
const makeAll: ShareGroups = async (groups) => {
    for (const group of groups) await group.make();
};

export interface PaintedMosaic {
    /** The picture that the mosaic is made of. */
    readonly first: Rgb;
    readonly ground: Ground;
    readonly store: TileStore;
    readonly starts: TileStarts;
    readonly levels: Levels;
}

/**
 * Makes the tiles that are missing. Every finished tile is on disk before the next is begun.
 * @throws RunError `mosaic/shape` before any tile is made, where cells and tiles do not fit.
 */
export async function paintTiles(
    mosaic: MosaicPlan,
    making: RunContext,
    share: ShareGroups = makeAll,
): Promise<PaintedMosaic> {
    const { folder, request, workshop } = making;
    const made = await makeFirst(tilePlan(mosaic, 0), making);
    const first = await readSource(mosaic.of, request.base, made, workshop);
    const ground = groundOf(first, mosaic);
    const store = tileStore(join(folder, TILES), tileMaker(mosaic, made, making));
    const starts = tileStarts(mosaic, ground, await makePool(mosaic, store, making, share));
    const levels = levelsOf(mosaic, ground, starts, store);
    await makeTiles(mosaic, levels, starts, store, making, share);
    return { first, ground, store, starts, levels };
}

/** Makes the tiles of the first level, and those that a second level shares, in an order that does not change. */
async function makeTiles(
    mosaic: MosaicPlan,
    levels: Levels,
    starts: TileStarts,
    store: TileStore,
    making: RunContext,
    share: ShareGroups,
): Promise<void> {
    const { columns, rows } = mosaic.grid;
    const places = Array.from({ length: columns * rows }, (_, i) => ({
        column: i % columns,
        row: Math.floor(i / columns),
    }));
    const { pool } = mosaic.tiles;
    await makeGroups('first', places.map(starts.first), pool, mostTiles(mosaic), store, making, share);
    if (wholeLevels(mosaic) < 2) return;
    const shared = new Map<number, WantedTile>();
    for (const above of places) {
        making.signal.throwIfAborted();
        const own = await levels.ground(1, above);
        for (const within of places) {
            const place = { column: above.column * columns + within.column, row: above.row * rows + within.row };
            const wanted = starts.shared(place, groundCell(own, within));
            shared.set(wanted.seed, wanted);
        }
    }
    const inOrder = [...shared.values()].sort((a, b) => a.seed - b.seed);
    const before = pool + places.length;
    await makeGroups('deeper', inOrder, before, before + shared.size, store, making, share);
}

/** Makes tiles a few at a time; `before` of `of` are made already. `stage` is a letter that names them. */
async function makeGroups(
    stage: string,
    wanted: readonly WantedTile[],
    before: number,
    of: number,
    store: TileStore,
    { emit, signal }: RunContext,
    share: ShareGroups,
): Promise<void> {
    let done = before;
    const count = Math.ceil(wanted.length / TILES_TOGETHER);
    const groups = Array.from({ length: count }, (_, k): TileGroup => {
        const group = wanted.slice(k * TILES_TOGETHER, (k + 1) * TILES_TOGETHER);
        return {
            id: `${stage}${k}`,
            tiles: group.length,
            isMade: () => group.every(store.has),
            make() {
                signal.throwIfAborted();
                return store.makeAll(group, () => emit({ kind: 'tile', done: ++done, of }));
            },
        };
    });
    await share(groups);
}

/** The free pictures that tiles choose from. */
async function makePool(mosaic: MosaicPlan, store: TileStore, making: RunContext, share: ShareGroups): Promise<Pool> {
    const wanted = Array.from({ length: mosaic.tiles.pool }, (_, k) => ({ seed: poolSeed(mosaic, k) }));
    await makeGroups('pool', wanted, 0, mostTiles(mosaic), store, making, share);
    const pictures: Rgb[] = [];
    for (const one of wanted) pictures.push(await store.tile(one));
    return poolOf(pictures);
}

/** Paints tiles with the settings of the mosaic's generate; what is the same for all tiles is prepared once. */
function tileMaker(mosaic: MosaicPlan, made: MadeFiles, making: RunContext): TileMaker {
    const { workshop } = making;
    const quiet = { ...making, emit: withoutRepeats(making.emit) };
    const memory = runMemory([tilePlan(mosaic, 0)]);
    return {
        async *make(wanted) {
            const seeds = wanted.map(({ seed }) => seed);
            const starts = wanted.flatMap(({ start }) => (start ? [start()] : []));
            const plan = withSeeds(starts.length > 0 ? tilePlan(mosaic, 0) : mosaic.tiles.via, seeds);
            const context: GenerateContext = {
                ...contextOf({ plan, cells: [] }, made, quiet, ''),
                previews: false,
                memory,
                ...(starts.length > 0 ? { starts } : {}),
            };
            for await (const { picture } of workshop.generate(plan, context)) {
                // Workers that share a mosaic agree on the kind of device before a tile is kept.
                await making.record.wants(0);
                yield picture;
            }
        },
        read: (file) => workshop.readPicture(file),
        png(tile, { seed, start }) {
            const plan = start ? tilePlan(mosaic, seed) : withSeeds(mosaic.tiles.via, [seed]);
            return workshop.png(tile, { plan, ...origin(mosaic) });
        },
    };
}

/** The events of many tiles as those of one: each stage and each notice once. */
function withoutRepeats(emit: (event: RunEvent) => void): (event: RunEvent) => void {
    const seen = new Set<string>();
    return (event) => {
        if (event.kind === 'stage' || event.kind === 'notice') {
            const key = JSON.stringify(event);
            if (seen.has(key)) return;
            seen.add(key);
        }
        emit(event);
    };
}

/** What pictures of the mosaic say about their making. */
export function origin({ tiles: { via } }: MosaicPlan) {
    return { model: modelName(via.model), sdspec: versions()['sdspec'] ?? '' };
}
