/** Pictures made by whole-number formulas, so that other tools can make the same ones for comparison. */
import type { Rgb } from '../../../src/runtime/pictures/picture.ts';

function picture(width: number, height: number, rgb: (x: number, y: number) => readonly number[]): Rgb {
    const data = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(rgb(x, y), (y * width + x) * 3);
    return { width, height, data };
}

/** Much detail everywhere. */
export function busy(width: number, height: number): Rgb {
    return picture(width, height, (x, y) => [
        (7 * x + 13 * y) % 256,
        (x * x + 5 * y) % 256,
        (Math.floor((x * y) / 3) + 40) % 256,
    ]);
}

/** Slow waves. */
export function smooth(width: number, height: number, k = 1): Rgb {
    const wave = (v: number, period: number) =>
        Math.floor((Math.abs((((v % (2 * period)) + 2 * period) % (2 * period)) - period) * 255) / period);
    return picture(width, height, (x, y) => [
        wave(3 * k * x + y, 90),
        wave(x + 4 * y, 70 * k),
        wave(2 * x + 200 - y, 110),
    ]);
}

/** Black with a white rectangle. */
export function box(width: number, height: number, [x0, y0, x1, y1]: readonly [number, number, number, number]): Rgb {
    return picture(width, height, (x, y) => (x >= x0 && x < x1 && y >= y0 && y < y1 ? [255, 255, 255] : [0, 0, 0]));
}
