/** Masks: where a picture is repainted (1) and where it is kept (0), one value a pixel. */
import type { Size } from '../../plan/plan.ts';
import { blur } from './blur.ts';
import { lumaOf, type Rgb } from './picture.ts';
import { resize } from './resize.ts';

export interface MaskOptions {
    /** Repaint where the picture is black instead of white. */
    readonly outside?: boolean;
}

/** 0 and 1 a pixel, [height, width]: the picture resized, then 1 from luma 0.5 on, as diffusers makes masks. */
export function maskOf(picture: Rgb, { width, height }: Size, { outside = false }: MaskOptions = {}): Float32Array {
    const { data } = lumaOf(resize(picture, width, height));
    const [white, black] = outside ? [0, 1] : [1, 0];
    return data.map((luma) => (luma >= 128 ? white : black));
}

/** A mask with its border softened over about `pixels` to each side: a Gaussian whose deviation is half of that. */
export function feathered(mask: Float32Array, { width, height }: Size, pixels: number): Float32Array {
    return blur({ width, height, data: mask }, pixels / 2).data;
}
