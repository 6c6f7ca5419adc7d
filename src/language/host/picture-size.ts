/** The size of a picture as it is shown, upright, from the head of its file: PNG, JPEG, WebP, GIF, AVIF, and TIFF by its directory. */
import type { Size } from '../../plan/plan.ts';

/** Undefined for what is none of these, or is cut off before its size. */
export function pictureSize(bytes: Uint8Array): Size | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    try {
        const size = png(view) ?? jpeg(view) ?? webp(view) ?? gif(view) ?? avif(view);
        return size && size.width > 0 && size.height > 0 ? size : undefined;
    } catch (error) {
        if (error instanceof RangeError) return undefined; // The file is shorter than its head says.
        throw error;
    }
}

function begins(view: DataView, signature: string, at = 0): boolean {
    if (view.byteLength < at + signature.length) return false;
    return [...signature].every((character, i) => view.getUint8(at + i) === character.charCodeAt(0));
}

function png(view: DataView): Size | undefined {
    if (!begins(view, '\x89PNG\r\n\x1a\n') || !begins(view, 'IHDR', 12)) return undefined;
    return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** The frame header: SOF0 to SOF15 but DHT, JPG and DAC. */
function jpeg(view: DataView): Size | undefined {
    if (!begins(view, '\xff\xd8')) return undefined;
    let turned = false;
    for (let at = 2; at + 9 < view.byteLength; ) {
        if (view.getUint8(at) !== 0xff) return undefined;
        const marker = view.getUint8(at + 1);
        if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
            return upright({ width: view.getUint16(at + 7), height: view.getUint16(at + 5) }, turned);
        }
        if (marker === 0xe1 && begins(view, 'Exif\0\0', at + 4)) turned ||= isTurned(view, at + 10);
        const bare = marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
        at += marker === 0xff ? 1 : bare ? 2 : 2 + view.getUint16(at + 2);
    }
    return undefined;
}

/** A camera that is held upright writes its picture lying, and how it is turned (EXIF 2.32, tag 274). */
function isTurned(view: DataView, start: number): boolean {
    const little = begins(view, 'II', start);
    const directory = start + view.getUint32(start + 4, little);
    if (directory + 2 > view.byteLength) return false;
    return (directoryValue(view, directory, little, 274) ?? 1) >= 5;
}

function upright({ width, height }: Size, turned: boolean): Size {
    return turned ? { width: height, height: width } : { width, height };
}

/** A short or long value of a TIFF directory (TIFF 6.0). */
function directoryValue(view: DataView, start: number, little: boolean, tag: number): number | undefined {
    const count = view.getUint16(start, little);
    for (let i = 0, at = start + 2; i < count; i++, at += 12) {
        if (view.getUint16(at, little) !== tag) continue;
        return view.getUint16(at + 2, little) === 3 ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little);
    }
    return undefined;
}

function webp(view: DataView): Size | undefined {
    if (!begins(view, 'RIFF') || !begins(view, 'WEBP', 8)) return undefined;
    const three = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    if (begins(view, 'VP8X', 12)) return { width: three(24) + 1, height: three(27) + 1 };
    if (begins(view, 'VP8L', 12)) {
        const bits = view.getUint32(21, true);
        return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    if (begins(view, 'VP8 ', 12)) {
        return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    }
    return undefined;
}

function gif(view: DataView): Size | undefined {
    if (!begins(view, 'GIF8')) return undefined;
    return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/** The largest of the spaces that the file names: small ones are thumbnails and tiles (ISO 23008-12, `ispe`). */
function avif(view: DataView): Size | undefined {
    if (!begins(view, 'ftyp', 4) || !(begins(view, 'avif', 8) || begins(view, 'avis', 8) || begins(view, 'mif1', 8))) {
        return undefined;
    }
    let largest: Size | undefined;
    for (let at = 12; at + 16 <= Math.min(view.byteLength, 64 * 1024); at++) {
        if (!begins(view, 'ispe', at)) continue;
        const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
        if (width * height > (largest ? largest.width * largest.height : 0)) largest = { width, height };
    }
    return largest;
}

/** Where the first directory of a TIFF file is; undefined for other files. */
export function tiffDirectory(bytes: Uint8Array): number | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (begins(view, 'II*\0')) return view.getUint32(4, true);
    return begins(view, 'MM\0*') ? view.getUint32(4) : undefined;
}

/** The size in a TIFF file's directory, given its bytes from there on (TIFF 6.0, tags 256, 257 and 274). */
export function tiffSize(directory: Uint8Array, little: boolean): Size | undefined {
    const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
    const value = (tag: number) => directoryValue(view, 0, little, tag);
    try {
        const [width, height] = [value(256), value(257)];
        return width && height ? upright({ width, height }, (value(274) ?? 1) >= 5) : undefined;
    } catch (error) {
        if (error instanceof RangeError) return undefined;
        throw error;
    }
}
