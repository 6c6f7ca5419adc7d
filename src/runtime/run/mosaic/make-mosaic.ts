/** Makes a mosaic: its tiles one by one, the flat picture, the deep zoom and the endless zoom. */
import { join } from 'node:path';
import { type MosaicPlan, tilesPlaced, wholeLevels } from '../../../plan/mosaic/mosaic.ts';
import { writeDeepZoom } from '../../mosaic/deep-zoom.ts';
import { flatPicture } from '../../mosaic/flat.ts';
import { measuring } from '../../mosaic/measures.ts';
import { writeZoom } from '../../mosaic/zoom-files.ts';
import { pixelsSha256 } from '../../pictures/compare.ts';
import type { Rgb } from '../../pictures/picture.ts';
import { encodePng } from '../../pictures/save.ts';
import { RunError } from '../../run-error.ts';
import { writeWhole } from '../../write-whole.ts';
import { viewerFiles } from '../inputs/shipped.ts';
import type { RecordedMosaic, RunRecord } from '../record.ts';
import type { RunContext } from '../run-context.ts';
import { recordModels } from '../run-models.ts';
import { origin, paintTiles } from './paint-tiles.ts';

/**
 * Makes what is missing and returns what the record says about the whole. Every finished tile is on disk before the next
 * is begun; what is laid out of them is written whole, at the end.
 * @throws RunError `mosaic/shape` before any tile is made, where cells and tiles do not fit.
 */
export async function makeMosaic(
    mosaic: MosaicPlan,
    making: RunContext,
): Promise<Pick<RunRecord, 'mosaic' | 'animation'>> {
    const { folder, request, record, signal } = making;
    if (making.sink) {
        throw new RunError('run/unsupported', 'Tensors are written of single pictures: run the generate of the tiles.');
    }
    const started = performance.now();
    const { first, ground, store, starts, levels } = await paintTiles(mosaic, making);

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

function round(value: number): number {
    return Math.round(value * 10_000) / 10_000;
}
