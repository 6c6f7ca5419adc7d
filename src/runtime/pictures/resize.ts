/** Resizing with the Lanczos filter exactly as Pillow does, since diffusers prepares its input pictures with it. */
import { crop, PictureError, type Rgb } from './picture.ts';

/** To exactly this size, whatever the shape: how diffusers prepares the picture of image to image. */
export function resize(picture: Rgb, width: number, height: number): Rgb {
    if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
        throw new PictureError('picture/size', `A picture cannot be ${width}x${height}.`);
    }
    let result = picture;
    if (width !== picture.width) result = horizontally(result, width);
    if (height !== picture.height) result = vertically(result, height);
    return result === picture ? { ...picture, data: picture.data.slice() } : result;
}

/** Scaled so that it covers the size, the rest cut off evenly on both sides: how bias pictures are prepared. */
export function cover(picture: Rgb, width: number, height: number): Rgb {
    const scale = Math.max(width / picture.width, height / picture.height);
    const wide = Math.max(width, Math.round(picture.width * scale));
    const high = Math.max(height, Math.round(picture.height * scale));
    const scaled = resize(picture, wide, high);
    return crop(scaled, Math.floor((wide - width) / 2), Math.floor((high - height) / 2), width, height);
}

/** Scaled so that it fits inside the size, its shape kept. */
export function contain(picture: Rgb, width: number, height: number): Rgb {
    const scale = Math.min(width / picture.width, height / picture.height);
    const wide = Math.max(1, Math.round(picture.width * scale));
    return resize(picture, wide, Math.max(1, Math.round(picture.height * scale)));
}

/** Fixed-point weights of the source pixels of one target pixel. */
interface Taps {
    readonly first: number;
    readonly weights: Int32Array;
}

const LANCZOS = 3;
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

function tapsOf(from: number, to: number): Taps[] {
    const scale = from / to;
    const stretch = Math.max(scale, 1);
    const support = LANCZOS * stretch;
    return Array.from({ length: to }, (_, i) => {
        const center = (i + 0.5) * scale;
        const first = Math.max(Math.trunc(center - support + 0.5), 0);
        const last = Math.min(Math.trunc(center + support + 0.5), from);
        const weights = Array.from({ length: last - first }, (_, x) => lanczos((x + first - center + 0.5) / stretch));
        const sum = weights.reduce((a, b) => a + b, 0);
        return { first, weights: Int32Array.from(weights, (w) => Math.round((w / sum) * (1 << PRECISION))) };
    });
}

function lanczos(x: number): number {
    return Math.abs(x) < LANCZOS ? sinc(x) * sinc(x / LANCZOS) : 0;
}

function sinc(x: number): number {
    return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function horizontally({ width, height, data }: Rgb, to: number): Rgb {
    const out = new Uint8ClampedArray(to * height * 3);
    const taps = tapsOf(width, to);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < to; x++) {
            const { first, weights } = taps[x]!;
            let [r, g, b] = [HALF, HALF, HALF];
            for (let k = 0, p = (y * width + first) * 3; k < weights.length; k++, p += 3) {
                const weight = weights[k]!;
                r += data[p]! * weight;
                g += data[p + 1]! * weight;
                b += data[p + 2]! * weight;
            }
            const p = (y * to + x) * 3;
            out[p] = r >> PRECISION;
            out[p + 1] = g >> PRECISION;
            out[p + 2] = b >> PRECISION;
        }
    }
    return { width: to, height, data: new Uint8Array(out.buffer) };
}

function vertically({ width, height, data }: Rgb, to: number): Rgb {
    const out = new Uint8ClampedArray(width * to * 3);
    const row = width * 3;
    const sums = new Int32Array(row);
    tapsOf(height, to).forEach(({ first, weights }, y) => {
        sums.fill(HALF);
        for (let k = 0; k < weights.length; k++) {
            const weight = weights[k]!;
            for (let x = 0, p = (first + k) * row; x < row; x++, p++) sums[x]! += data[p]! * weight;
        }
        for (let x = 0; x < row; x++) out[y * row + x] = sums[x]! >> PRECISION;
    });
    return { width, height: to, data: new Uint8Array(out.buffer) };
}
