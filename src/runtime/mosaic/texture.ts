/** A picture that can be sampled at any scale: trilinear filtering of its mip levels (Williams 1983). */
import type { Rgb } from '../pictures/picture.ts';

export interface Texture {
    readonly width: number;
    /** Each half as large as the one before. */
    readonly mips: readonly Rgb[];
}

export function textureOf(picture: Rgb): Texture {
    const mips = [picture];
    for (let last = picture; Math.min(last.width, last.height) > 1; ) {
        last = half(last);
        mips.push(last);
    }
    return { width: picture.width, mips };
}

/** Adds `share` of the texture at (u, v), 0…1 each, to `sum`; `shown` is its width on the screen in pixels. */
export function addSample(
    { width, mips }: Texture,
    u: number,
    v: number,
    shown: number,
    share: number,
    sum: Float64Array,
) {
    const level = Math.min(Math.max(Math.log2(width / shown), 0), mips.length - 1);
    const fine = Math.floor(level);
    const coarse = level - fine;
    addBilinear(mips[fine]!, u, v, share * (1 - coarse), sum);
    if (coarse > 0) addBilinear(mips[fine + 1]!, u, v, share * coarse, sum);
}

function addBilinear({ width, height, data }: Rgb, u: number, v: number, share: number, sum: Float64Array): void {
    const x = Math.min(Math.max(u * width - 0.5, 0), width - 1);
    const y = Math.min(Math.max(v * height - 0.5, 0), height - 1);
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
    const [a, b] = [x - left, y - top];
    const at = [
        (top * width + left) * 3,
        (top * width + right) * 3,
        (bottom * width + left) * 3,
        (bottom * width + right) * 3,
    ];
    const weights = [(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b];
    for (let corner = 0; corner < 4; corner++) {
        const weight = share * weights[corner]!;
        const p = at[corner]!;
        sum[0]! += weight * data[p]!;
        sum[1]! += weight * data[p + 1]!;
        sum[2]! += weight * data[p + 2]!;
    }
}

function half({ width, height, data }: Rgb): Rgb {
    const [w, h] = [Math.max(1, width >> 1), Math.max(1, height >> 1)];
    const out = new Uint8Array(w * h * 3);
    for (let y = 0; y < h; y++) {
        const [top, bottom] = [2 * y * width, Math.min(2 * y + 1, height - 1) * width];
        for (let x = 0; x < w; x++) {
            const [left, right] = [2 * x, Math.min(2 * x + 1, width - 1)];
            for (let k = 0; k < 3; k++) {
                const four =
                    data[(top + left) * 3 + k]! +
                    data[(top + right) * 3 + k]! +
                    data[(bottom + left) * 3 + k]! +
                    data[(bottom + right) * 3 + k]!;
                out[(y * w + x) * 3 + k] = (four + 2) >> 2;
            }
        }
    }
    return { width: w, height: h, data: out };
}
