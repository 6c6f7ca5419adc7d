/** The endless zoom as files: its frames, an animated WebP that loops, and an MP4 where ffmpeg is installed. */
import { spawn } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MosaicPlan, MosaicZoom } from '../../plan/mosaic/mosaic.ts';
import { animatedWebp } from '../pictures/animation.ts';
import type { Rgb } from '../pictures/picture.ts';
import { encodePng } from '../pictures/save.ts';
import { writeWhole } from '../write-whole.ts';
import type { TileStarts } from './starts.ts';
import type { TileStore } from './tile-store.ts';
import { frameAt, frameSize, seamBetween, type ZoomLevel, zoomLevels } from './zoom.ts';

export interface ZoomFiles {
    /** Relative to the run's folder. */
    readonly frames: string;
    readonly count: number;
    /** Absent where the frames together are too large for one animated picture. */
    readonly animation?: string;
    readonly video?: string;
    /** The largest mean difference, in levels of 255, at a hand-over from one level to the next, the loop's included. */
    readonly seam: number;
}

/** Frames per second. */
const RATE = 24;
/** All frames of an animated WebP are in memory at once. */
const MOST_ANIMATED = 384 * 2 ** 20;

/** Writes `zoom/0001.png` …, `zoom.webp` and, with ffmpeg, `zoom.mp4`. `done` is called with the share of the frames. */
export async function writeZoom(
    folder: string,
    mosaic: MosaicPlan,
    zoom: MosaicZoom,
    first: Rgb,
    starts: TileStarts,
    store: TileStore,
    done: (share: number) => void,
    signal: AbortSignal,
): Promise<ZoomFiles> {
    const part = join(folder, 'zoom.part');
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { recursive: true });
    const count = zoom.frames * mosaic.depth;
    const size = frameSize(mosaic, zoom);
    const kept: Rgb[] | undefined = count * size.width * size.height * 3 <= MOST_ANIMATED ? [] : undefined;
    let start: Rgb | undefined;
    let end: Rgb | undefined;
    let seam = 0;
    let number = 0;
    for await (const level of zoomLevels(mosaic, zoom, first, starts, store)) {
        for (let k = 0; k < zoom.frames; k++) {
            signal.throwIfAborted();
            const frame = frameAt(mosaic, zoom, level, k / zoom.frames);
            start ??= frame;
            if (k === 0 && end) seam = Math.max(seam, seamBetween(end, frame));
            kept?.push(frame);
            await writeFile(join(part, `${String(++number).padStart(4, '0')}.png`), await encodePng(frame));
            done(number / count);
        }
        end = endOf(mosaic, zoom, level);
    }
    if (start && end) seam = Math.max(seam, seamBetween(end, start));
    await rm(join(folder, 'zoom'), { recursive: true, force: true });
    await rename(part, join(folder, 'zoom'));
    const video = await writeVideo(folder, signal);
    if (kept) await writeWhole(join(folder, 'zoom.webp'), await animatedWebp(kept, { delay: Math.round(1000 / RATE) }));
    return { frames: 'zoom', count, ...(kept ? { animation: 'zoom.webp' } : {}), ...(video ? { video } : {}), seam };
}

/** The frame that would come next, were there no next level. */
function endOf(mosaic: MosaicPlan, zoom: MosaicZoom, level: ZoomLevel): Rgb {
    return frameAt(mosaic, zoom, level, 1);
}

/** The name of the MP4; undefined where there is no ffmpeg, or it can't write one. */
async function writeVideo(folder: string, signal: AbortSignal): Promise<string | undefined> {
    const part = 'zoom.part.mp4';
    const input = ['-y', '-loglevel', 'error', '-framerate', String(RATE), '-i', join('zoom', '%04d.png')];
    const output = ['-c:v', 'libx264', '-crf', '16', '-pix_fmt', 'yuv420p', '-movflags', '+faststart', part];
    const ended = await new Promise<boolean>((resolve) => {
        const child = spawn('ffmpeg', [...input, ...output], { cwd: folder, stdio: 'ignore', signal });
        child.on('error', () => resolve(false));
        child.on('close', (code) => resolve(code === 0));
    });
    signal.throwIfAborted();
    if (ended) await rename(join(folder, part), join(folder, 'zoom.mp4'));
    else await rm(join(folder, part), { force: true });
    return ended ? 'zoom.mp4' : undefined;
}
