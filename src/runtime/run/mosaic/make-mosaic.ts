/** Makes a mosaic: its tiles one by one, the flat picture, the deep zoom and the endless zoom. */
import { join } from 'node:path';
import { modelName } from '../../../plan/model-names.ts';
import {
    type MosaicPlan,
    mostTiles,
    poolSeed,
    TILES_TOGETHER,
    tilePlan,
    tilesPlaced,
    wholeLevels,
} from '../../../plan/mosaic/mosaic.ts';
import { withSeeds } from '../../../plan/sources.ts';
import type { RunEvent } from '../../events.ts';
import type { GenerateContext } from '../../generate.ts';
import { writeDeepZoom } from '../../mosaic/deep-zoom.ts';
import { flatPicture } from '../../mosaic/flat.ts';
import { groundCell, groundOf } from '../../mosaic/ground.ts';
import { type Levels, levelsOf } from '../../mosaic/levels.ts';
import { measuring } from '../../mosaic/measures.ts';
import { type Pool, poolOf } from '../../mosaic/pool.ts';
import { type TileStarts, tileStarts } from '../../mosaic/starts.ts';
import { type TileMaker, type TileStore, tileStore, type WantedTile } from '../../mosaic/tile-store.ts';
import { writeZoom } from '../../mosaic/zoom-files.ts';
import { pixelsSha256 } from '../../pictures/compare.ts';
import type { Rgb } from '../../pictures/picture.ts';
import { encodePng } from '../../pictures/save.ts';
import { runMemory } from '../../recipe/run-memory.ts';
import { RunError } from '../../run-error.ts';
import { writeWhole } from '../../write-whole.ts';
import { versions } from '../machine.ts';
import { makeFirst } from '../make-first.ts';
import { contextOf, type RunContext, recordModels } from '../make-pictures.ts';
import { type MadeFiles, readSource } from '../read-source.ts';
import type { RecordedMosaic, RunRecord } from '../record.ts';
import { viewerFiles } from '../shipped.ts';

/** The folder of a run that holds its tiles. */
export const TILES = 'tiles';

/**
 * Makes what is missing and returns what the record says about the whole. Every finished tile is on disk before the next
 * is begun; what is laid out of them is written whole, at the end.
 * @throws RunError `mosaic/shape` before any tile is made, where cells and tiles do not fit.
 */
export async function makeMosaic(
    mosaic: MosaicPlan,
    making: RunContext,
): Promise<Pick<RunRecord, 'mosaic' | 'animation'>> {
    const { folder, request, workshop, record, signal } = making;
    if (making.sink) {
        throw new RunError('run/unsupported', 'Tensors are written of single pictures: run the generate of the tiles.');
    }
    const started = performance.now();
    const made = await makeFirst(tilePlan(mosaic, 0), making);
    const first = await readSource(mosaic.of, request.base, made, workshop);
    const ground = groundOf(first, mosaic);
    const store = tileStore(join(folder, TILES), tileMaker(mosaic, made, making));
    const starts = tileStarts(mosaic, ground, await makePool(mosaic, store, making));
    const levels = levelsOf(mosaic, ground, starts, store);
    await makeTiles(mosaic, levels, starts, store, making);

    making.emit({ kind: 'stage', stage: 'lay-out' });
    const measures = measuring(mosaic.grid, ground);
    const flat = await flatPicture(mosaic, levels, async (tile, column, row) => {
        signal.throwIfAborted();
        measures.add(tile, column, row);
    });
    const measured = measures.result(flat);
    await saveFlat(mosaic, flat, (performance.now() - started) / 1000, making);

    const share = (stage: 'pyramid' | 'zoom') => (done: number) =>
        making.emit({ kind: 'stage', stage, detail: `${Math.round(100 * done)} %` });
    const title = request.run.name;
    const deepZoom = await writeDeepZoom({ folder, title }, mosaic, levels, viewerFiles(), share('pyramid'), signal);
    const zoom = mosaic.zoom
        ? await writeZoom(folder, mosaic, mosaic.zoom, first, starts, store, share('zoom'), signal)
        : undefined;
    if (zoom && !zoom.video) {
        making.emit({ kind: 'notice', text: 'No MP4 of the zoom: ffmpeg is not installed. Its frames are in zoom/.' });
    }
    if (wholeLevels(mosaic) < mosaic.depth) {
        const text = `The deep zoom shows ${wholeLevels(mosaic)} of ${mosaic.depth} levels, as more would be wider than 40,960 pixels; the endless zoom shows all.`;
        making.emit({ kind: 'notice', text });
    }
    await recordModels(making);
    return {
        mosaic: recorded(),
        ...(zoom?.animation ? { animation: zoom.animation } : {}),
    };

    function recorded(): RecordedMosaic {
        const { count, seconds } = store.made;
        const earlier = record.now.mosaic;
        const perTile = count > 0 ? seconds / count : earlier?.secondsPerTile;
        return {
            tilesPlaced: tilesPlaced(mosaic),
            tilesMade: store.made.different,
            ...(perTile === undefined ? {} : { secondsPerTile: round(perTile) }),
            ...(measured.farSsim === undefined ? {} : { farSsim: round(measured.farSsim) }),
            deltaE: round(measured.deltaE),
            neighbours: measured.neighbours,
            deepZoom,
            ...(zoom ? { zoom: { ...zoom, seam: round(zoom.seam) } } : {}),
        };
    }
}

/** Makes the tiles of the first level, and those that a second level shares, in an order that does not change. */
async function makeTiles(
    mosaic: MosaicPlan,
    levels: Levels,
    starts: TileStarts,
    store: TileStore,
    making: RunContext,
): Promise<void> {
    const { columns, rows } = mosaic.grid;
    const places = Array.from({ length: columns * rows }, (_, i) => ({
        column: i % columns,
        row: Math.floor(i / columns),
    }));
    const { pool } = mosaic.tiles;
    await makeGroups(places.map(starts.first), pool, mostTiles(mosaic), store, making);
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
    await makeGroups(inOrder, before, before + shared.size, store, making);
}

/** Makes tiles a few at a time; `before` of `of` are made already. */
async function makeGroups(
    wanted: readonly WantedTile[],
    before: number,
    of: number,
    store: TileStore,
    { emit, signal }: RunContext,
): Promise<void> {
    let done = before;
    for (let first = 0; first < wanted.length; first += TILES_TOGETHER) {
        signal.throwIfAborted();
        const group = wanted.slice(first, first + TILES_TOGETHER);
        await store.makeAll(group, () => emit({ kind: 'tile', done: ++done, of }));
    }
}

/** The free pictures that tiles choose from. */
async function makePool(mosaic: MosaicPlan, store: TileStore, making: RunContext): Promise<Pool> {
    const wanted = Array.from({ length: mosaic.tiles.pool }, (_, k) => ({ seed: poolSeed(mosaic, k) }));
    await makeGroups(wanted, 0, mostTiles(mosaic), store, making);
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
            for await (const { picture } of workshop.generate(plan, context)) yield picture;
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

async function saveFlat(mosaic: MosaicPlan, flat: Rgb, seconds: number, making: RunContext): Promise<void> {
    const { folder, workshop, record, emit } = making;
    const file = 'mosaic.png';
    const text = JSON.stringify({
        format: 1,
        version: origin(mosaic).sdspec,
        model: origin(mosaic).model,
        plan: mosaic,
    });
    await writeWhole(join(folder, file), await encodePng(flat, { sdspec: text }));
    const seed = mosaic.tiles.via.seeds[0] ?? 0;
    const { width, height } = flat;
    const [sha256, phash] = [pixelsSha256(flat), await workshop.phash(flat)];
    await record.add({ cell: 0, seed, file, width, height, sha256, phash, seconds: round(seconds) });
    emit({ kind: 'picture', cell: 0, file: join(folder, file), seed });
}

function origin({ tiles: { via } }: MosaicPlan) {
    return { model: modelName(via.model), sdspec: versions()['sdspec'] ?? '' };
}

function round(value: number): number {
    return Math.round(value * 10_000) / 10_000;
}
