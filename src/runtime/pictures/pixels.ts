/** Pixels: 8-bit pictures as the tensors that the VAE reads and writes, and laid onto a canvas. */
import type { Size } from '../../plan/plan.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { PictureError, type Rgb } from './picture.ts';
import { cover } from './resize.ts';

/** `[1, 3, H, W]` with values in [-1, 1], in float32 arithmetic: 2 (v / 255) - 1. */
export function toUnit({ width, height, data }: Rgb): Tensor {
    const plane = width * height;
    const unit = new Float32Array(3 * plane);
    for (let i = 0, p = 0; i < plane; i++, p += 3) {
        unit[i] = LEVELS[data[p]!]!;
        unit[plane + i] = LEVELS[data[p + 1]!]!;
        unit[2 * plane + i] = LEVELS[data[p + 2]!]!;
    }
    return tensor(unit, [1, 3, height, width]);
}

const LEVELS = Float32Array.from({ length: 256 }, (_, v) => 2 * Math.fround(v / 255) - 1);

/**
 * 8-bit pixels of a decoded `[1, 3, H, W]` (or `[3, H, W]`): round(clamp(x / 2 + 0.5, 0, 1) * 255), halves to even.
 * @throws PictureError `picture/size` for another shape, `picture/not-finite` for NaN and infinities.
 */
export function toRgb({ data: values, dims }: Tensor): Rgb {
    const [height = 0, width = 0] = dims.slice(-2);
    const plane = width * height;
    if (values.length !== 3 * plane) {
        throw new PictureError('picture/size', `A picture has the shape [1, 3, H, W], not [${dims.join(', ')}].`);
    }
    const data = new Uint8Array(3 * plane);
    for (let colour = 0; colour < 3; colour++) {
        for (let i = 0; i < plane; i++) {
            const value = values[colour * plane + i]!;
            if (!Number.isFinite(value)) {
                const place = `x ${i % width}, y ${Math.floor(i / width)}`;
                throw new PictureError('picture/not-finite', `The decoded picture holds ${value} at ${place}.`);
            }
            const level = Math.fround(Math.min(Math.max(Math.fround(value * 0.5 + 0.5), 0), 1) * 255);
            const floor = Math.floor(level);
            data[3 * i + colour] = level - floor === 0.5 ? floor + (floor & 1) : Math.round(level);
        }
    }
    return { width, height, data };
}

/** A picture scaled until it covers the size, the middle cut out: how bias pictures are fitted. */
export function covering(picture: Rgb, { width, height }: Size): Rgb {
    return cover(picture, width, height);
}
