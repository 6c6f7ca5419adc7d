/** Tiles: how a large area is divided into pieces that overlap, and which windows a large picture is predicted in. */
import type { PicturePlan, Size, Windows } from '../plan.ts';
import { canvasSize } from './batches.ts';

/** Sides of tiles, and how far neighbours overlap: less than a side. */
export interface TileLayout {
    readonly side: number;
    readonly overlap: number;
}

/** A rectangle of a divided area. */
export interface LatentTile {
    readonly top: number;
    readonly left: number;
    readonly rows: number;
    readonly columns: number;
}

/** Pixels per latent pixel that windows are counted with: that of all Stable Diffusion models. */
const PIXELS_PER_LATENT = 8;

/** Windows in latent pixels; undefined where one window is enough for the whole picture. */
export function latentWindows(
    windows: Windows | undefined,
    { width, height }: Size,
    pixelsPerLatent: number,
): TileLayout | undefined {
    if (!windows) return undefined;
    const side = Math.round(windows.side / pixelsPerLatent);
    const overlap = Math.round(windows.overlap / pixelsPerLatent);
    return Math.max(width, height) > side ? { side, overlap } : undefined;
}

/** How many windows a plan's pictures are predicted in; undefined where each is predicted as a whole. */
export function windowCount(plan: PicturePlan): number | undefined {
    const canvas = canvasSize(plan);
    const [width, height] = [canvas.width / PIXELS_PER_LATENT, canvas.height / PIXELS_PER_LATENT];
    const windows = latentWindows(plan.windows, { width, height }, PIXELS_PER_LATENT);
    return windows && countAlong(height, windows) * countAlong(width, windows);
}

/** The tiles of an area, row by row. */
export function tilesOf(height: number, width: number, layout: TileLayout): readonly LatentTile[] {
    const lefts = starts(width, layout);
    return starts(height, layout).flatMap((top) =>
        lefts.map((left) => ({
            top,
            left,
            rows: Math.min(layout.side, height - top),
            columns: Math.min(layout.side, width - left),
        })),
    );
}

/** Where tiles begin along a side: evenly apart, the last one flush with the end. */
export function starts(length: number, layout: TileLayout): readonly number[] {
    const count = countAlong(length, layout);
    if (count === 1) return [0];
    return Array.from({ length: count }, (_, index) => Math.round((index * (length - layout.side)) / (count - 1)));
}

function countAlong(length: number, { side, overlap }: TileLayout): number {
    if (length <= side) return 1;
    // Specs with errors are counted too: tiles that overlap by a whole side would never reach the end.
    const step = Math.max(1, side - overlap);
    return 1 + Math.ceil((length - side) / step);
}
