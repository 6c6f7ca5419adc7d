/** Tiles in the colours of their cells: exact with a colour of 1, unchanged with 0, and between as the dial says. */
import { expect, it } from 'vitest';
import { inColoursOf } from '../../../src/runtime/mosaic/placing.ts';
import { deltaE2000, labOf } from '../../../src/runtime/pictures/colours/delta-e.ts';
import { luma } from '../../../src/runtime/pictures/colours/lightness.ts';
import { meansOf } from '../../../src/runtime/pictures/colours/low-frequencies.ts';
import { plain, type Rgb } from '../../../src/runtime/pictures/picture.ts';

/** A green square on red ground. */
function tile(): Rgb {
    const { data, ...size } = plain(64, 64, [170, 90, 80]);
    for (let y = 16; y < 48; y++) for (let x = 16; x < 48; x++) data.set([70, 150, 90], 3 * (64 * y + x));
    return { ...size, data };
}

const CELL = plain(8, 8, [90, 130, 180]);

function mean(picture: Rgb): readonly number[] {
    return [...meansOf(picture, 1, 1).data];
}

function differenceAt(colour: number): number {
    const [a, b] = [mean(inColoursOf(tile(), CELL, colour)), mean(CELL)];
    return deltaE2000(labOf(a[0]!, a[1]!, a[2]!), labOf(b[0]!, b[1]!, b[2]!));
}

it('is the tile itself with a colour of 0', () => {
    expect(inColoursOf(tile(), CELL, 0)).toEqual(tile());
});

it.each([
    [1, 0],
    [0.92, 2.88],
    [0.9, 3.6],
])('with a colour of %f, a CIEDE2000 of %f is left between the mean colours', (colour, left) => {
    expect(differenceAt(colour)).toBeGreaterThan(left - 0.5);
    expect(differenceAt(colour)).toBeLessThan(left + 0.5);
});

it('has the mean lightness of its cell all the same', () => {
    for (const colour of [0.5, 0.8, 0.92, 1]) {
        expect(Math.abs(luma(mean(inColoursOf(tile(), CELL, colour)), 0) - luma(mean(CELL), 0))).toBeLessThan(1);
    }
});

it('does not change a hue that is near enough', () => {
    const near = plain(16, 16, [92, 130, 176]);
    expect(inColoursOf(near, plain(8, 8, [91, 130, 178]), 0.9).data[0]).toBeGreaterThan(90);
    expect(differenceAt(0.5)).toBeGreaterThan(10);
});

it('shapes in hue are kept where shapes in lightness are not', () => {
    const placed = inColoursOf(tile(), CELL, 1);
    const at = (x: number, y: number) => [...placed.data.subarray(3 * (64 * y + x), 3 * (64 * y + x) + 3)];
    const [inside, outside] = [at(32, 32), at(4, 4)];
    expect(Math.abs(luma(inside, 0) - luma(outside, 0))).toBeLessThan(8);
    expect(inside[0]! - inside[1]!).toBeLessThan(outside[0]! - outside[1]! - 60);
});
