/** How many pictures a mosaic makes, and how many places they fill. */
import { expect, it } from 'vitest';
import { type MosaicPlan, mostTiles, tilesPlaced } from '../../../src/plan/mosaic/mosaic.ts';
import { picturesText } from '../../../src/plan/passes/work.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';

function mosaic(side: number, depth: number, vary = 4, pool = 0): MosaicPlan {
    const size = { width: 128, height: 128 };
    const tiles = { via: { size } as PicturePlan, strength: 0.9, colour: 1, vary, pool, size };
    return { kind: 'mosaic', of: { kind: 'file', path: 'a.png' }, grid: { columns: side, rows: side }, tiles, depth };
}

/** With a strength of 0. */
function placedAsTheyAre(plan: MosaicPlan): MosaicPlan {
    return { ...plan, tiles: { ...plan.tiles, strength: 0 } };
}

it.each([
    ['one level: exact', mosaic(16, 1), 256, 256],
    ['two levels: 125 colours, 4 variants each', mosaic(16, 2), 256 + 500, 256 + 65_536],
    ['fewer variants', mosaic(16, 2, 1), 256 + 125, 256 + 65_536],
    ['never more than places', mosaic(2, 2), 4 + 16, 4 + 16],
    ['the pool counts', mosaic(16, 1, 4, 64), 256 + 64, 256],
    ['the pool is all', placedAsTheyAre(mosaic(16, 2, 4, 64)), 64, 256 + 65_536],
    ['levels that only the zoom shows', mosaic(64, 2, 1), 4096 + 125, 4096],
])('%s', (_, plan, most, placed) => {
    expect(mostTiles(plan)).toBe(most);
    expect(tilesPlaced(plan)).toBe(placed);
});

it('is called "at most" where levels share pictures', () => {
    expect(picturesText(mosaic(16, 1))).toBe('256 pictures');
    expect(picturesText(mosaic(16, 2))).toBe('at most 756 pictures');
});
