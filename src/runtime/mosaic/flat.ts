/** The mosaic as one flat picture. */
import { flatTile, type MosaicPlan } from '../../plan/mosaic/mosaic.ts';
import type { Rgb } from '../pictures/picture.ts';
import { draw } from '../pictures/picture.ts';
import { resize } from '../pictures/resize.ts';
import type { Levels } from './levels.ts';

/** Lays the first level out. `visit` sees each placed tile at its full size, in reading order. */
export async function flatPicture(
    mosaic: MosaicPlan,
    levels: Levels,
    visit: (tile: Rgb, column: number, row: number) => Promise<void>,
): Promise<Rgb> {
    const { grid } = mosaic;
    const { width, height } = flatTile(mosaic);
    const flat = blank(width * grid.columns, height * grid.rows);
    for (let row = 0; row < grid.rows; row++) {
        for (let column = 0; column < grid.columns; column++) {
            const tile = await levels.placed(1, { column, row });
            await visit(tile, column, row);
            draw(flat, width === tile.width ? tile : resize(tile, width, height), column * width, row * height);
        }
    }
    return flat;
}

export function blank(width: number, height: number): Rgb {
    return { width, height, data: new Uint8Array(width * height * 3) };
}
