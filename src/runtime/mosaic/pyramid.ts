/** Writes a deep-zoom pyramid (DZI) of a picture that is never in memory as a whole. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Size } from '../../plan/plan.ts';
import { encodeJpeg } from '../pictures/jpeg.ts';
import type { Rgb } from '../pictures/picture.ts';
import { draw } from '../pictures/picture.ts';
import { blank } from './flat.ts';

export interface PyramidSource extends Size {
    /** Pixels of a pyramid's tile; even. */
    readonly tile: number;
    /** The pixels of a part at full size; the part is inside the picture. */
    region(x: number, y: number, width: number, height: number): Promise<Rgb>;
}

/** Files that are encoded and written while the next ones are laid out. */
const PENDING = 6;

/**
 * Writes `<name>.dzi` and `<name>_files/<level>/<column>_<row>.jpg` into a folder: level 0 is one pixel, each level has
 * twice the sides of the one before. Tiles are made depth first, each from the four below it, so that memory holds a
 * few tiles per level however large the picture is. `done` is called with the share that is written.
 */
export async function writePyramid(
    folder: string,
    name: string,
    source: PyramidSource,
    done: (share: number) => void,
    signal: AbortSignal,
): Promise<void> {
    const { width, height, tile } = source;
    const top = topLevel(source);
    const files = join(folder, `${name}_files`);
    for (let level = 0; level <= top; level++) await mkdir(join(files, String(level)), { recursive: true });
    await writeFile(join(folder, `${name}.dzi`), descriptor(source));
    const pending: Promise<void>[] = [];
    const leaves = Math.ceil(width / tile) * Math.ceil(height / tile);
    let laid = 0;

    /** The tile's pixels; it and all tiles under it are written. */
    async function node(level: number, column: number, row: number): Promise<Rgb> {
        signal.throwIfAborted();
        const shrink = 2 ** (top - level);
        const [wide, high] = [Math.ceil(width / shrink), Math.ceil(height / shrink)];
        const [x, y] = [column * tile, row * tile];
        const [w, h] = [Math.min(tile, wide - x), Math.min(tile, high - y)];
        let picture: Rgb;
        if (level === top) {
            picture = await source.region(x, y, w, h);
            done(++laid / leaves);
        } else {
            const [below, under] = [Math.min(2 * w, Math.ceil((2 * width) / shrink) - 2 * x), 2 * h];
            const deep = Math.min(under, Math.ceil((2 * height) / shrink) - 2 * y);
            const four = blank(below, deep);
            for (let down = 0; down * tile < deep; down++) {
                for (let right = 0; right * tile < below; right++) {
                    draw(four, await node(level + 1, 2 * column + right, 2 * row + down), right * tile, down * tile);
                }
            }
            picture = halved(four, w, h);
        }
        pending.push(write(join(files, String(level), `${column}_${row}.jpg`), picture));
        if (pending.length >= PENDING) await pending.shift();
        return picture;
    }

    try {
        await node(0, 0, 0);
    } finally {
        // Nothing is written behind the back of who comes next.
        await Promise.allSettled(pending);
    }
    await Promise.all(pending);
}

/** The level of full size. */
function topLevel({ width, height }: Size): number {
    return Math.ceil(Math.log2(Math.max(width, height)));
}

function descriptor({ width, height, tile }: PyramidSource): string {
    return `<?xml version="1.0" encoding="UTF-8"?>
<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="jpg" Overlap="0" TileSize="${tile}">
    <Size Width="${width}" Height="${height}"/>
</Image>
`;
}

async function write(file: string, picture: Rgb): Promise<void> {
    await writeFile(file, await encodeJpeg(picture));
}

/** Half as large, each pixel the mean of up to four. */
function halved({ width, height, data }: Rgb, w: number, h: number): Rgb {
    const out = new Uint8Array(w * h * 3);
    for (let y = 0; y < h; y++) {
        const first = 2 * y * width;
        const second = Math.min(2 * y + 1, height - 1) * width;
        for (let x = 0; x < w; x++) {
            const [left, right] = [2 * x, Math.min(2 * x + 1, width - 1)];
            const [a, b, c, d] = [(first + left) * 3, (first + right) * 3, (second + left) * 3, (second + right) * 3];
            const at = (y * w + x) * 3;
            for (let k = 0; k < 3; k++) {
                out[at + k] = (data[a + k]! + data[b + k]! + data[c + k]! + data[d + k]! + 2) >> 2;
            }
        }
    }
    return { width: w, height: h, data: out };
}
