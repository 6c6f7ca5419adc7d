/** Pictures: 8-bit sRGB pixels in memory, and the error of everything that cannot be one. */

import { readable } from '../../plan/problem.ts';

/** An 8-bit sRGB picture: pixels row by row, red green blue interleaved; `data.length` is width · height · 3. */
export interface Rgb {
    readonly width: number;
    readonly height: number;
    readonly data: Uint8Array;
    /** How the file was read, where another way of reading it is possible. */
    readonly note?: string;
}

/** One value a pixel, row by row: luma, a mask, an alpha channel. */
export interface Plane {
    readonly width: number;
    readonly height: number;
    readonly data: Float32Array;
}

export type PictureErrorCode =
    | 'picture/missing'
    | 'picture/unreadable'
    | 'picture/huge'
    | 'picture/shape'
    | 'picture/size'
    | 'picture/not-finite';

export class PictureError extends Error {
    readonly code: PictureErrorCode;

    constructor(code: PictureErrorCode, message: string, options?: ErrorOptions) {
        super(readable(message), options);
        this.code = code;
        this.name = 'PictureError';
    }
}

/** One colour all over. */
export function plain(width: number, height: number, [r, g, b]: readonly [number, number, number]): Rgb {
    const data = new Uint8Array(width * height * 3);
    for (let i = 0; i < data.length; i += 3) data.set([r, g, b], i);
    return { width, height, data };
}

/** A part of a picture; the rectangle is inside it. */
export function crop(picture: Rgb, left: number, top: number, width: number, height: number): Rgb {
    const data = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
        const from = ((top + y) * picture.width + left) * 3;
        data.set(picture.data.subarray(from, from + width * 3), y * width * 3);
    }
    return { width, height, data };
}

/** The picture with left and right exchanged. */
export function mirrored({ width, height, data }: Rgb): Rgb {
    const turned = new Uint8Array(data.length);
    for (let at = 0; at < data.length; at += 3) {
        const [x, y] = [(at / 3) % width, Math.floor(at / 3 / width)];
        turned.set(data.subarray(at, at + 3), 3 * (y * width + width - 1 - x));
    }
    return { width, height, data: turned };
}

/** Copies `picture` into `onto`, in place; what is outside is cut off. */
export function draw(onto: Rgb, picture: Rgb, left: number, top: number): void {
    const width = Math.min(picture.width, onto.width - left);
    const height = Math.min(picture.height, onto.height - top);
    for (let y = 0; y < height; y++) {
        const row = picture.data.subarray(y * picture.width * 3, (y * picture.width + width) * 3);
        onto.data.set(row, ((top + y) * onto.width + left) * 3);
    }
}

/** Luma 0 … 255 by ITU-R 601-2 in the fixed point of Pillow's `convert('L')`, whole numbers. */
export function lumaOf({ width, height, data }: Rgb): Plane {
    const luma = new Float32Array(width * height);
    for (let i = 0, p = 0; i < luma.length; i++, p += 3) {
        luma[i] = (data[p]! * 19595 + data[p + 1]! * 38470 + data[p + 2]! * 7471 + 0x8000) >> 16;
    }
    return { width, height, data: luma };
}
