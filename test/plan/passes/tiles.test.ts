/** Tiles cover their area, and windows are for pictures that are larger. */
import { expect, test } from 'vitest';
import { latentWindows, starts, tilesOf, windowCount } from '../../../src/plan/passes/tiles.ts';
import { PLAN } from '../../runtime/run/fake-workshop.ts';

test.each([
    [10, [0]],
    [12, [0]],
    [13, [0, 1]],
    [20, [0, 8]],
    [23, [0, 6, 11]],
])('tiles of 12 with an overlap of 4 cover a side of %i', (length, expected) => {
    expect(starts(length, { side: 12, overlap: 4 })).toEqual(expected);
});

test('windows are latents, and only for pictures that are larger', () => {
    expect(latentWindows({ side: 128, overlap: 32 }, { width: 32, height: 16 }, 8)).toEqual({ side: 16, overlap: 4 });
    expect(latentWindows({ side: 128, overlap: 32 }, { width: 16, height: 16 }, 8)).toBeUndefined();
    expect(latentWindows(undefined, { width: 99, height: 99 }, 8)).toBeUndefined();
});

test.each([
    [1024, 512, 512, 128, 3],
    [1000, 1000, 512, 64, 9],
    [64, 72, 72, 16, undefined],
    [520, 512, 512, 256, 2],
] as const)('%ix%i in windows of %i that overlap by %i', (width, height, side, overlap, expected) => {
    expect(windowCount({ ...PLAN, size: { width, height }, windows: { side, overlap } })).toBe(expected);
    if (expected)
        expect(tilesOf(height / 8, width / 8, { side: side / 8, overlap: overlap / 8 })).toHaveLength(expected);
});

test('outpainted sides are in windows too', () => {
    const size = { width: 512, height: 512 };
    expect(
        windowCount({
            ...PLAN,
            size,
            outpaint: { left: 0, right: 64, top: 0, bottom: 0 },
            windows: { side: 512, overlap: 64 },
        }),
    ).toBe(2);
});

test.each([0, 512, 600])('windows of no sense are counted: 512 that overlap by %i, or have no side', (overlap) => {
    const size = { width: 1024, height: 1024 };
    for (const side of [0, 512])
        expect(windowCount({ ...PLAN, size, windows: { side, overlap } })).toBeLessThan(129 ** 2 + 1);
});
