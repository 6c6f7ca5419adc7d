/** What tiles start from: pictures of the pool, chosen by what their colours keep of them. */
import { expect, it } from 'vitest';
import { type MosaicPlan, poolSeed } from '../../../src/plan/mosaic/mosaic.ts';
import { groundOf } from '../../../src/runtime/mosaic/ground.ts';
import { poolOf } from '../../../src/runtime/mosaic/pool.ts';
import { tileStarts } from '../../../src/runtime/mosaic/starts.ts';
import { meansOf } from '../../../src/runtime/pictures/colours/low-frequencies.ts';
import { plain, type Rgb } from '../../../src/runtime/pictures/picture.ts';
import { DEEP, MOSAIC } from '../run/mosaic/mosaic-parts.ts';

function withPool(mosaic: MosaicPlan, pool: number, strength = 0.5): MosaicPlan {
    return { ...mosaic, tiles: { ...mosaic.tiles, pool, strength } };
}

it('ranks pictures by the distance of their mean colours', () => {
    const pool = poolOf([plain(8, 8, [200, 60, 40]), plain(8, 8, [60, 120, 230]), plain(8, 8, [70, 130, 180])]);
    expect(pool.ranked(plain(4, 4, [60, 120, 220]))).toEqual([1, 2, 0]);
    expect(pool.ranked(plain(4, 4, [190, 70, 40]))[0]).toBe(0);
});

/** Blue pictures with a green bar, which is longer in each. */
function pictures(count: number): readonly Rgb[] {
    return Array.from({ length: count }, (_, k) => {
        const { data, ...size } = plain(32, 32, [70, 130, 230]);
        for (let y = 4; y < 6 + k; y++) for (let x = 4; x < 28; x++) data.set([60, 170, 80], 3 * (32 * y + x));
        return { ...size, data };
    });
}

it.each([
    [8, 1],
    [20, 2],
])('of %i pictures none is used twice within %i places', (count, apart) => {
    const mosaic = withPool(MOSAIC, count);
    const starts = tileStarts(mosaic, groundOf(plain(32, 32, [70, 130, 220]), mosaic), poolOf(pictures(count)));
    const seen = new Map<string, { column: number; row: number }[]>();
    for (let row = 0; row < 4; row++) {
        for (let column = 0; column < 4; column++) {
            const key = Buffer.from(starts.first({ column, row }).start!().data).toString('base64');
            seen.set(key, [...(seen.get(key) ?? []), { column, row }]);
        }
    }
    expect(seen.size).toBeGreaterThan(3);
    for (const places of seen.values()) {
        for (const a of places) {
            for (const b of places) {
                if (a === b) continue;
                expect(Math.max(Math.abs(a.column - b.column), Math.abs(a.row - b.row))).toBeGreaterThan(apart);
            }
        }
    }
});

it('starts have the colour of their cells, and those of deeper levels that of the palette', () => {
    const mosaic = withPool(DEEP, 4);
    const starts = tileStarts(mosaic, groundOf(plain(32, 32, [90, 120, 150]), mosaic), poolOf(pictures(4)));
    const mean = (picture: Rgb) => [...meansOf(picture, 1, 1).data].map(Math.round);
    const own = mean(starts.first({ column: 1, row: 2 }).start!());
    own.forEach((level, k) => {
        expect(Math.abs(level - [90, 120, 150][k]!)).toBeLessThanOrEqual(2);
    });
    const place = { column: 5, row: 6 };
    const shared = starts.shared(place, plain(8, 8, [70, 130, 180]));
    mean(shared.start!()).forEach((level, k) => {
        expect(Math.abs(level - [64, 128, 191][k]!)).toBeLessThanOrEqual(2);
    });
    // Any other cell that is nearest to the same colour of the palette wants the same tile.
    const other = starts.shared({ column: 9, row: 6 }, plain(8, 8, [60, 120, 200]));
    expect(other.seed).toBe(shared.seed);
    expect(other.start!()).toEqual(shared.start!());
});

it('with a strength of 0 the pictures of the pool are the tiles', () => {
    const mosaic = withPool(DEEP, 4, 0);
    const starts = tileStarts(mosaic, groundOf(plain(32, 32, [70, 130, 220]), mosaic), poolOf(pictures(4)));
    const pool = [0, 1, 2, 3].map((number) => poolSeed(mosaic, number));
    for (const wanted of [
        starts.first({ column: 1, row: 2 }),
        starts.shared({ column: 5, row: 6 }, plain(8, 8, [9, 9, 9])),
    ]) {
        expect(wanted.start).toBeUndefined();
        expect(pool).toContain(wanted.seed);
    }
});

it('without a pool, tiles start from their cells', () => {
    const ground = groundOf(plain(32, 32, [90, 120, 150]), MOSAIC);
    const { start, seed } = tileStarts(MOSAIC, ground, poolOf([])).first({ column: 1, row: 2 });
    expect(start!()).toEqual(plain(32, 32, [90, 120, 150]));
    expect(seed).toBe(100 + 9);
});
