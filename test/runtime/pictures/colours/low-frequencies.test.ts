import { describe, expect, it } from 'vitest';
import { withLightness } from '../../../../src/runtime/pictures/colours/lightness.ts';
import { meansOf, withMean } from '../../../../src/runtime/pictures/colours/low-frequencies.ts';
import { interpolated, type SmoothField, smoothField } from '../../../../src/runtime/pictures/colours/smooth-field.ts';
import type { Rgb } from '../../../../src/runtime/pictures/picture.ts';

const picture = {
    width: 32,
    height: 32,
    data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => 100 + ((i * 7919) % 60)),
};
const target = { columns: 4, rows: 4, data: Float32Array.from({ length: 48 }, (_, i) => 90 + 2 * i) };

const lumas = (data: ArrayLike<number>) =>
    Array.from({ length: data.length / 3 }, (_, i) => {
        const [r, g, b] = [data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!];
        return 0.299 * r + 0.587 * g + 0.114 * b;
    });
/** Red and blue against luma: what lightness leaves alone. */
const hues = (data: ArrayLike<number>) =>
    lumas(data).flatMap((luma, i) => [data[3 * i]! - luma, data[3 * i + 2]! - luma]);

function expectNear(found: ArrayLike<number>, wanted: ArrayLike<number>, within: number): void {
    for (const [i, value] of Array.from(found).entries()) expect(Math.abs(value - wanted[i]!)).toBeLessThan(within);
}

describe('the mean colour', () => {
    it('is taken as far as the amount says, and nothing else changes', () => {
        const goal = [150, 90, 120];
        const all = withMean(picture, goal, 1);
        expectNear(meansOf(all, 1, 1).data, goal, 1);
        expectNear(
            meansOf(withMean(picture, goal, 0.5), 1, 1).data,
            meansOf(picture, 1, 1).data.map((mean, i) => (mean + goal[i]!) / 2),
            1,
        );
        const shift = all.data[0]! - picture.data[0]!;
        for (let p = 0; p < all.data.length; p += 3) expect(all.data[p]! - picture.data[p]!).toBe(shift);
        expect(withMean(picture, goal, 0)).toBe(picture);
    });

    it('is reached where values are cut off at white', () => {
        expectNear(meansOf(withMean(picture, [235, 235, 235], 1), 1, 1).data, [235, 235, 235], 1);
    });
});

describe('a smooth field', () => {
    it.each([
        [32, 32, 8, 8],
        [33, 20, 4, 5],
        [7, 5, 4, 5],
        [16, 16, 1, 1],
    ])('of %sx%s pixels with %sx%s nodes is found by its fit, and has the means that it is asked for', (...size) => {
        const [width, height, columns, rows] = size;
        const smooth = smoothField(width, height, columns, rows);
        const nodes = Float64Array.from({ length: columns * rows }, (_, i) => (i * 37) % 100);
        const pixels = drawn(smooth, nodes, height);
        expectNear(smooth.fitted(pixels), nodes, 1e-3);
        const means = Float32Array.from(nodes);
        const found = drawn(smooth, smooth.withMeans(means), height);
        const grey = {
            width,
            height,
            data: Float32Array.from({ length: 3 * found.length }, (_, i) => found[Math.floor(i / 3)]!),
        };
        const reached = meansOf(grey as unknown as Rgb, columns, rows).data.filter((_, i) => i % 3 === 0);
        expectNear(reached, means, 1e-2);
    });
});

function drawn(smooth: SmoothField, nodes: Float64Array, height: number): Float32Array {
    const lines = Array.from({ length: height }, (_, y) => [...interpolated(smooth, nodes, y)]);
    return Float32Array.from(lines.flat());
}

describe('the lightness of parts', () => {
    it('is taken as far as the amount says; each pixel keeps its hue', () => {
        const all = withLightness(picture, target, 1);
        expectNear(lumas(meansOf(all, 4, 4).data), lumas(target.data), 2.5);
        expectNear(hues(all.data), hues(picture.data), 1);
        const half = withLightness(picture, target, 0.5);
        expectNear(
            lumas(half.data),
            lumas(all.data).map((luma, i) => (luma + lumas(picture.data)[i]!) / 2),
            1.1,
        );
        expect(withLightness(picture, target, 0)).toBe(picture);
    });

    it('is that of a smooth picture exactly', () => {
        const plain = { ...picture, data: picture.data.map(() => 120) };
        expectNear(lumas(meansOf(withLightness(plain, target, 1), 4, 4).data), lumas(target.data), 0.6);
    });

    it('is reached where values are cut off, and the mean hue is kept', () => {
        const bright = { ...target, data: target.data.map((_, i) => (i % 9 < 3 ? 225 : 120)) };
        const result = withLightness(picture, bright, 1);
        expect(result.data.includes(255)).toBe(true);
        expectNear(lumas(meansOf(result, 4, 4).data), lumas(bright.data), 4);
        expectNear(hues(meansOf(result, 1, 1).data), hues(meansOf(picture, 1, 1).data), 2);
    });
});
