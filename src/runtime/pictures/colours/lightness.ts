/** Lightness of a picture's parts: a picture that takes it from another, and keeps its own hues and details. */

import type { Rgb } from '../picture.ts';
import { type Means, meansOf } from './low-frequencies.ts';
import { interpolated, type SmoothField, smoothField } from './smooth-field.ts';

/** Rounds of correction where values are clipped at black or white: the pixels around them make up for it. */
const ROUNDS = 4;

/** Luma of Rec. 601, as `lumaOf` weighs it. */
const RED = 0.299;
const GREEN = 0.587;
const BLUE = 0.114;

/**
 * The picture with `amount` (0…1) of the way to the luma of another's parts. What is smooth in its luma, as fine as the
 * parts, is exchanged, by adding the same to red, green and blue. Hues and details that are finer than a part stay: from
 * afar an eye reads lightness where it no longer reads hues (Mullen 1985), so that the parts can have hues of their own.
 */
export function withLightness(picture: Rgb, target: Means, amount: number): Rgb {
    if (amount === 0) return picture;
    const { width, height } = picture;
    const smooth = smoothField(width, height, target.columns, target.rows);
    const values = new Float32Array(picture.data);
    const own = smooth.fitted(lumasOf(picture.data));
    const wanted = smooth.withMeans(lumasOf(target.data));
    const goal = own.map((luma, i) => luma + amount * (wanted[i]! - luma));
    const colour = meansOf(picture, 1, 1).data;
    let now = own;
    let shift: readonly number[] = [0, 0, 0];
    let result = picture;
    for (let round = 0; round < ROUNDS; round++) {
        const missing = goal.map((luma, i) => luma - now[i]!);
        const clipped = add(values, width, missing, smooth, shift);
        result = { width, height, data: new Uint8Array(new Uint8ClampedArray(values).buffer) };
        if (!clipped) return result;
        now = smooth.fitted(lumasOf(result.data));
        shift = hueShift(colour, meansOf(result, 1, 1).data);
    }
    return result;
}

function lumasOf(data: ArrayLike<number>): Float32Array {
    const lumas = new Float32Array(data.length / 3);
    for (let i = 0, p = 0; i < lumas.length; i++, p += 3) {
        lumas[i] = RED * data[p]! + GREEN * data[p + 1]! + BLUE * data[p + 2]!;
    }
    return lumas;
}

/** Luma of the colour whose red, green and blue begin at a place. */
export function luma(data: ArrayLike<number>, at: number): number {
    return RED * data[at]! + GREEN * data[at + 1]! + BLUE * data[at + 2]!;
}

/** What takes the mean colour back to a hue, at equal luma. */
function hueShift(colour: ArrayLike<number>, now: ArrayLike<number>): readonly number[] {
    const lighter = luma(colour, 0) - luma(now, 0);
    return [0, 1, 2].map((k) => colour[k]! - now[k]! - lighter);
}

/** Adds a field to all three channels, and `shift` to each; in place. Returns whether a value is beyond 0…255. */
function add(
    values: Float32Array,
    width: number,
    nodes: Float64Array,
    smooth: SmoothField,
    shift: readonly number[],
): boolean {
    const [red, green, blue] = shift as [number, number, number];
    let clipped = false;
    for (let y = 0, p = 0; p < values.length; y++) {
        const line = interpolated(smooth, nodes, y);
        for (let x = 0; x < width; x++, p += 3) {
            const r = values[p]! + line[x]! + red;
            const g = values[p + 1]! + line[x]! + green;
            const b = values[p + 2]! + line[x]! + blue;
            values[p] = r;
            values[p + 1] = g;
            values[p + 2] = b;
            if (r < 0 || r > 255 || g < 0 || g > 255 || b < 0 || b > 255) clipped = true;
        }
    }
    return clipped;
}
