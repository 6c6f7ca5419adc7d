/** Loading pictures: any common format to 8-bit sRGB pixels, upright, without transparency. */
import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { type Picture, PictureError } from './picture.ts';

/** Larger pictures are refused before their pixels are read. */
export const MOST_PIXELS = 100_000_000;
const MOST_BYTES = 2 ** 30;
const SHORTEST_SIDE = 8;
const LONGEST_RATIO = 32;

export interface LoadOptions {
    /** What shows through transparent pixels: white for pictures, black (kept) for masks. */
    readonly behind?: 'white' | 'black';
}

/**
 * Turns the picture upright by its EXIF orientation and lays it on white. Of animations the first frame is taken.
 * @param source a file, or the bytes of one with a name for messages.
 * @throws PictureError `picture/missing`, `picture/unreadable`, `picture/huge`, `picture/shape`.
 */
export async function loadPicture(
    source: string | { readonly bytes: Uint8Array; readonly name: string },
    { behind = 'white' }: LoadOptions = {},
): Promise<Picture> {
    const name = typeof source === 'string' ? source : source.name;
    const bytes = typeof source === 'string' ? await readBytes(source) : source.bytes;
    try {
        const image = sharp(bytes, { limitInputPixels: false, failOn: 'error', animated: false });
        const { width, height } = await image.metadata();
        checkShape(name, width, height);
        const { data, info } = await image
            .autoOrient()
            .flatten({ background: behind })
            .toColourspace('srgb')
            .removeAlpha()
            .raw({ depth: 'uchar' })
            .toBuffer({ resolveWithObject: true });
        return {
            width: info.width,
            height: info.height,
            data: new Uint8Array(data.buffer, data.byteOffset, data.length),
        };
    } catch (cause) {
        if (cause instanceof PictureError) throw cause;
        throw new PictureError('picture/unreadable', `${name} is no picture that can be read: ${reason(cause)}.`, {
            cause,
        });
    }
}

async function readBytes(path: string): Promise<Uint8Array> {
    try {
        const { size } = await stat(path);
        if (size > MOST_BYTES) {
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
    if (width * height > MOST_PIXELS) {
        const size = `${width}x${height}`;
        throw new PictureError(
            'picture/huge',
            `${name} is ${size}; pictures of up to 100 megapixels are read. Make it smaller.`,
        );
    }
    const [short, long] = [Math.min(width, height), Math.max(width, height)];
    if (short < SHORTEST_SIDE || long > short * LONGEST_RATIO) {
        const limits = `both sides need ${SHORTEST_SIDE} pixels, one at most ${LONGEST_RATIO} times the other`;
        throw new PictureError('picture/shape', `${name} is ${width}x${height}; ${limits}.`);
    }
}

function reason(cause: unknown): string {
    const message = cause instanceof Error ? cause.message : String(cause);
    return message.split('\n')[0]!.replace(/\.$/, '');
}
