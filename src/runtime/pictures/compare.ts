/** Comparing pictures: exactly by digest, and perceptually by hash, SSIM and PSNR. */
import { createHash } from 'node:crypto';
import { gaussian } from './blur.ts';
import { lumaOf, PictureError, type Plane, type Rgb } from './picture.ts';
import { resize } from './resize.ts';

/** sha256 in hex over the RGB bytes: equal for equal pictures in any kind of file. */
export function pixelsSha256({ data }: Rgb): string {
    return createHash('sha256').update(data).digest('hex');
}

const HASH_SIDE = 8;
const DCT_SIDE = 32;

/**
 * A perceptual hash of 64 bits as 16 hex digits: the signs of the lowest 8x8 cosine coefficients of the picture at 32x32,
 * against their median (Zauner 2010), bit for bit that of Python's `imagehash.phash`.
 */
export function perceptualHash(picture: Rgb): string {
    const luma = lumaOf(picture);
    const grey = { ...luma, data: Uint8Array.from(luma.data) };
    const small = resize(spread(grey), DCT_SIDE, DCT_SIDE).data.filter((_, i) => i % 3 === 0);
    const low: number[] = [];
    for (let v = 0; v < HASH_SIDE; v++) {
        for (let u = 0; u < HASH_SIDE; u++) low.push(coefficient(small, u, v));
    }
    const sorted = [...low].sort((a, b) => a - b);
    const median = (sorted[31]! + sorted[32]!) / 2;
    const bits = low.map((value) => (value > median ? '1' : '0')).join('');
    return BigInt(`0b${bits}`).toString(16).padStart(16, '0');
}

function spread({ width, height, data }: { width: number; height: number; data: Uint8Array }): Rgb {
    const out = new Uint8Array(data.length * 3);
    for (let i = 0; i < data.length; i++) out.fill(data[i]!, 3 * i, 3 * i + 3);
    return { width, height, data: out };
}

function coefficient(pixels: Uint8Array, u: number, v: number): number {
    let sum = 0;
    for (let y = 0; y < DCT_SIDE; y++) {
        let row = 0;
        for (let x = 0; x < DCT_SIDE; x++) row += pixels[y * DCT_SIDE + x]! * COSINES[u * DCT_SIDE + x]!;
        sum += row * COSINES[v * DCT_SIDE + y]!;
    }
    return sum;
}

/** cos(π u (2 x + 1) / 64) by frequency and position. */
const COSINES = Float64Array.from({ length: HASH_SIDE * DCT_SIDE }, (_, i) => {
    const [frequency, position] = [Math.floor(i / DCT_SIDE), i % DCT_SIDE];
    return Math.cos((Math.PI * frequency * (2 * position + 1)) / (2 * DCT_SIDE));
});

/** How many of the 64 bits of two perceptual hashes differ: up to about 10 for the same motif. */
export function hashDistance(a: string, b: string): number {
    let bits = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
    let distance = 0;
    for (; bits > 0n; bits &= bits - 1n) distance++;
    return distance;
}

/** Peak signal-to-noise ratio in dB over all channels; infinite for equal pictures. */
export function psnr(a: Rgb, b: Rgb): number {
    checkSizes(a, b);
    let squares = 0;
    for (let i = 0; i < a.data.length; i++) squares += (a.data[i]! - b.data[i]!) ** 2;
    return 10 * Math.log10(255 ** 2 / (squares / a.data.length));
}

/**
 * Structural similarity of luma (Wang et al. 2004): Gaussian window of 11x11 with deviation 1.5, averaged over the pixels
 * whose window is inside. 1 for equal pictures. Both sides need 11 pixels.
 */
export function ssim(a: Rgb, b: Rgb): number {
    checkSizes(a, b);
    if (a.width < WINDOW || a.height < WINDOW) {
        throw new PictureError(
            'picture/size',
            `SSIM needs pictures of ${WINDOW}x${WINDOW} and more, not ${a.width}x${a.height}.`,
        );
    }
    const [x, y] = [lumaOf(a), lumaOf(b)];
    const [meanX, meanY] = [windowed(x), windowed(y)];
    const [xx, yy, xy] = [windowed(times(x, x)), windowed(times(y, y)), windowed(times(x, y))];
    let sum = 0;
    for (let i = 0; i < meanX.length; i++) {
        const [mx, my] = [meanX[i]!, meanY[i]!];
        const covariance = xy[i]! - mx * my;
        const variances = xx[i]! - mx * mx + (yy[i]! - my * my);
        sum += ((2 * mx * my + C1) * (2 * covariance + C2)) / ((mx * mx + my * my + C1) * (variances + C2));
    }
    return sum / meanX.length;
}

const WINDOW = 11;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;
const KERNEL = gaussian(1.5, (WINDOW - 1) / 2);

function times(a: Plane, b: Plane): { width: number; height: number; data: Float64Array } {
    return { ...a, data: Float64Array.from(a.data, (value, i) => value * b.data[i]!) };
}

/** Weighted means over all windows inside. */
function windowed({ width, height, data }: { width: number; height: number; data: ArrayLike<number> }): Float64Array {
    const [wide, high] = [width - WINDOW + 1, height - WINDOW + 1];
    const rows = new Float64Array(wide * height);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < wide; x++) {
            let sum = 0;
            for (let k = 0; k < WINDOW; k++) sum += KERNEL[k]! * data[y * width + x + k]!;
            rows[y * wide + x] = sum;
        }
    }
    const means = new Float64Array(wide * high);
    for (let y = 0; y < high; y++) {
        for (let x = 0; x < wide; x++) {
            let sum = 0;
            for (let k = 0; k < WINDOW; k++) sum += KERNEL[k]! * rows[(y + k) * wide + x]!;
            means[y * wide + x] = sum;
        }
    }
    return means;
}

function checkSizes(a: Rgb, b: Rgb): void {
    if (a.width === b.width && a.height === b.height) return;
    const sizes = `${a.width}x${a.height} and ${b.width}x${b.height}`;
    throw new PictureError('picture/size', `Only pictures of one size can be compared pixel by pixel, not ${sizes}.`);
}
