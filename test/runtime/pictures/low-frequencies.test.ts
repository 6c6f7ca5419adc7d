import { expect, it } from 'vitest';
import { meansOf, withMeans } from '../../../src/runtime/pictures/low-frequencies.ts';

const picture = {
    width: 32,
    height: 32,
    data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => 100 + ((i * 7919) % 60)),
};
const target = { columns: 4, rows: 4, data: Float32Array.from({ length: 48 }, (_, i) => 90 + 2 * i) };

it('takes the means of another, as far as the amount says', () => {
    const all = meansOf(withMeans(picture, target, 1), 4, 4).data;
    for (const [i, mean] of all.entries()) expect(Math.abs(mean - target.data[i]!)).toBeLessThan(1.5);
    const own = meansOf(picture, 4, 4).data;
    const half = meansOf(withMeans(picture, target, 0.5), 4, 4).data;
    for (const [i, mean] of half.entries()) expect(Math.abs(mean - (own[i]! + target.data[i]!) / 2)).toBeLessThan(1.5);
});

it('leaves the picture alone with an amount of 0', () => {
    expect(withMeans(picture, target, 0)).toBe(picture);
});
