/** The canvas: pictures of another shape are fitted as the spec says. */
import { expect, test } from 'vitest';
import { type Canvas, fitted, placed } from '../../../src/runtime/recipe/canvas.ts';

const SIZE = { width: 128, height: 128 };

/** A black ball of radius 40 in the middle of a white picture, twice as wide as high. */
function ball() {
    const [width, height] = [256, 128];
    const data = new Uint8Array(width * height * 3).fill(255);
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
            if (Math.hypot(x + 0.5 - 128, y + 0.5 - 64) < 40)
                data.fill(0, (y * width + x) * 3, (y * width + x) * 3 + 3);
    return { width, height, data };
}

/** Width and height of what is dark. */
function extent({ width, data }: { width: number; data: Uint8Array }): readonly [number, number] {
    const dark = [...data.keys()].filter((i) => i % 3 === 0 && data[i]! < 128).map((i) => i / 3);
    const [xs, ys] = [dark.map((i) => i % width), dark.map((i) => Math.floor(i / width))];
    return [Math.max(...xs) - Math.min(...xs) + 1, Math.max(...ys) - Math.min(...ys) + 1];
}

test('a ball stays round where it covers or is contained, and is an ellipse where it is stretched', () => {
    expect(extent(fitted(ball(), SIZE, 'cover'))).toEqual([80, 80]);
    expect(extent(fitted(ball(), SIZE, 'contain'))).toEqual([40, 40]);
    expect(extent(fitted(ball(), SIZE, 'stretch'))).toEqual([40, 80]);
});

test('what is contained repeats its border, and the sides of the canvas too', () => {
    const red = { width: 64, height: 32, data: new Uint8Array(64 * 32 * 3).map((_, i) => (i % 3 === 0 ? 200 : 10)) };
    const inside = fitted(red, { width: 64, height: 64 }, 'contain');
    expect([...inside.data.subarray(0, 3)]).toEqual([200, 10, 10]);
    const inner = { width: 64, height: 64 };
    const canvas: Canvas = { width: 96, height: 64, left: 32, top: 0, inner, latent: { width: 12, height: 8 } };
    const wide = placed(red, canvas, 'cover');
    expect([wide.width, wide.height, ...wide.data.subarray(0, 3)]).toEqual([96, 64, 200, 10, 10]);
});

test('a picture of the same shape is the same in each way', () => {
    const square = { width: 4, height: 4, data: new Uint8Array(48).map((_, i) => i * 5) };
    const all = (['cover', 'contain', 'stretch'] as const).map((fit) => fitted(square, { width: 8, height: 8 }, fit));
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).toEqual(all[0]);
});
