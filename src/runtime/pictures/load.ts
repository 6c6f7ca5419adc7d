/** Loading pictures: any common format to 8-bit sRGB pixels, upright, without transparency. */
import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { PictureError, type Rgb } from './picture.ts';

/** Larger pictures are refused before their pixels are read. */
export const MAX_PIXELS = 100_000_000;
const MAX_BYTES = 2 ** 30;
const SHORTEST_SIDE = 8;
const MAX_RATIO = 32;

export interface LoadOptions {
    /**
     * A mask: what is transparent is not painted, so it shows black (kept). A picture in colours with a transparent part is
     * a picture of which a hole was erased: then the hole is white and all else black.
     */
    readonly as?: 'picture' | 'mask';
}

/**
 * Turns the picture upright by its EXIF orientation and lays it on white. Of animations the first frame is taken.
 * @param source a file, or the bytes of one with a name for messages.
 * @throws PictureError `picture/missing`, `picture/unreadable`, `picture/huge`, `picture/shape`.
 */
export async function loadPicture(
    source: string | { readonly bytes: Uint8Array; readonly name: string },
    { as = 'picture' }: LoadOptions = {},
): Promise<Rgb> {
    const name = typeof source === 'string' ? source : source.name;
    const bytes = typeof source === 'string' ? await readBytes(source) : source.bytes;
    try {
        const image = sharp(bytes, { limitInputPixels: false, failOn: 'error', animated: false });
        const { width, height, format, hasAlpha } = await image.metadata();
        if (!FORMATS.has(format)) throw new Error(`its format is ${format}`);
        checkShape(name, width, height);
        const alpha = as === 'mask' && hasAlpha ? await readAlpha(image.clone()) : undefined;
        if (alpha?.hole) return alpha.hole;
        const { data, info } = await image
            .autoOrient()
            .flatten({ background: as === 'mask' ? 'black' : 'white' })
            .toColourspace('srgb')
            .removeAlpha()
            .raw({ depth: 'uchar' })
            .toBuffer({ resolveWithObject: true });
        return {
            width: info.width,
            height: info.height,
            data: new Uint8Array(data.buffer, data.byteOffset, data.length),
            ...(alpha?.isGrey && { note: `${name} ${GREY}` }),
        };
    } catch (cause) {
        if (cause instanceof PictureError) throw cause;
        throw new PictureError('picture/unreadable', `${name} is no picture that can be read: ${reason(cause)}.`, {
            cause,
        });
    }
}

/** The formats that the checks know, too (`language/host/picture-size.ts`); AVIF is a kind of HEIF. */
const FORMATS: ReadonlySet<string> = new Set(['png', 'jpeg', 'webp', 'tiff', 'gif', 'heif', 'avif']);

const GREY =
    'is grey with transparent parts, and is read as a mask: its light parts are repainted, its dark and transparent ones kept. To repaint a hole that was erased, paint it white, and all else black.';

/**
 * What a transparent part of a mask means. `hole`: of a picture in colours the hole that was erased, white on black.
 * `isGrey`: many shades of grey show, as in a grey photograph, where a painted mask has two.
 */
async function readAlpha(image: ReturnType<typeof sharp>): Promise<{ readonly hole?: Rgb; readonly isGrey: boolean }> {
    const { data, info } = await image
        .autoOrient()
        .toColourspace('srgb')
        .ensureAlpha()
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
    const count = info.width * info.height;
    const mask = new Uint8Array(3 * count);
    let [holes, coloured, shown, middle] = [0, 0, 0, 0];
    const [low, high] = [
        [255, 255, 255],
        [0, 0, 0],
    ];
    for (let i = 0; i < count; i++) {
        const [r, g, b, alpha] = [data[4 * i]!, data[4 * i + 1]!, data[4 * i + 2]!, data[4 * i + 3]!];
        mask.fill(255 - alpha, 3 * i, 3 * i + 3);
        if (alpha < 128) holes++;
        else {
            shown++;
            if (Math.max(r, g, b) - Math.min(r, g, b) > 24) coloured++;
            if (g > 48 && g < 208) middle++;
            for (const [c, value] of [r, g, b].entries()) {
                low[c] = Math.min(low[c]!, value);
                high[c] = Math.max(high[c]!, value);
            }
        }
    }
    // One colour on nothing is paint, no picture with a hole.
    const isPaint = high.every((value, c) => value - low[c]! <= 24);
    const isHole = holes > 0 && coloured > shown / 100 && !isPaint;
    return {
        ...(isHole && { hole: { width: info.width, height: info.height, data: mask } }),
        // The soft border of a painted mask is a small part of it.
        isGrey: holes > 0 && !isPaint && middle > shown / 4,
    };
}

async function readBytes(path: string): Promise<Uint8Array> {
    try {
        const { size } = await stat(path);
        if (size > MAX_BYTES) {
            const large = `${Math.round(size / 2 ** 20)} MB large`;
            throw new PictureError(
                'picture/huge',
                `${path} is ${large}; files of up to 1024 MB are read. Is it a picture?`,
            );
        }
        return await readFile(path);
    } catch (cause) {
        if (cause instanceof PictureError) throw cause;
        const { code } = cause as NodeJS.ErrnoException;
        if (code === 'ENOENT') throw new PictureError('picture/missing', `There is no picture at ${path}.`, { cause });
        if (code === 'EISDIR')
            throw new PictureError('picture/unreadable', `${path} is a folder, not a picture.`, { cause });
        throw new PictureError('picture/unreadable', `${path} could not be read: ${reason(cause)}.`, { cause });
    }
}

function checkShape(name: string, width: number, height: number): void {
    if (!(width > 0 && height > 0)) throw new PictureError('picture/shape', `${name} has no pixels.`);
    if (width * height > MAX_PIXELS) {
        const size = `${width}x${height}`;
        throw new PictureError(
            'picture/huge',
            `${name} is ${size}; pictures of up to 100 megapixels are read. Make it smaller.`,
        );
    }
    const [short, long] = [Math.min(width, height), Math.max(width, height)];
    if (short < SHORTEST_SIDE || long > short * MAX_RATIO) {
        const limits = `both sides need ${SHORTEST_SIDE} pixels, one at most ${MAX_RATIO} times the other`;
        throw new PictureError('picture/shape', `${name} is ${width}x${height}; ${limits}.`);
    }
}

function reason(cause: unknown): string {
    const message = cause instanceof Error ? cause.message : String(cause);
    return message
        .split('\n')[0]!
        .trim()
        .replace(/[.:]+$/, '');
}
