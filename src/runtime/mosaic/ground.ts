/** The ground of a mosaic: the picture that it is made of, cut into cells. */
import type { MosaicPlan, TilePlace } from '../../plan/mosaic/mosaic.ts';
import { type Means, meansOf } from '../pictures/colours/low-frequencies.ts';
import type { Rgb } from '../pictures/picture.ts';
import { crop } from '../pictures/picture.ts';
import { resize } from '../pictures/resize.ts';
import { RunError } from '../run-error.ts';

/** A picture scaled so that each cell of the grid has the same whole number of pixels. */
export interface Ground {
    readonly picture: Rgb;
    /** Pixels of a cell. */
    readonly width: number;
    readonly height: number;
}

/** A tile takes the lightness of this many parts per side from its cell, or of single pixels of a coarser picture. */
const MEANS_PER_SIDE = 8;

/** How far the shape of a cell may be from that of a tile. */
const TOLERANCE = 0.02;

/** @throws RunError `mosaic/shape` where cells and tiles differ in shape, or cells are smaller than a pixel. */
export function groundOf(picture: Rgb, { grid, tiles }: MosaicPlan): Ground {
    const { columns, rows } = grid;
    const { size } = tiles.via;
    const [wide, high] = [picture.width / columns, picture.height / rows];
    if (wide < 1 || high < 1) {
        const message = `The picture has ${picture.width}x${picture.height} pixels: a grid of ${columns}x${rows} has cells smaller than a pixel. Write a coarser grid, or take a larger picture.`;
        throw new RunError('mosaic/shape', message);
    }
    if (Math.abs((wide / high) * (size.height / size.width) - 1) > TOLERANCE) {
        const fitting = Math.max(
            1,
            Math.round((columns * picture.height * size.width) / (picture.width * size.height)),
        );
        const message = `Cells of the picture are ${figure(wide)}x${figure(high)} pixels, but tiles are ${size.width}x${size.height}: write \`grid ${columns}x${fitting}\`, or give the generate of the tiles another size.`;
        throw new RunError('mosaic/shape', message);
    }
    // No finer than the tiles themselves.
    const width = Math.max(1, Math.min(Math.round(wide), size.width));
    const height = Math.max(1, Math.min(Math.round(high), size.height));
    return { picture: resize(picture, columns * width, rows * height), width, height };
}

export function groundCell({ picture, width, height }: Ground, { column, row }: TilePlace): Rgb {
    return crop(picture, column * width, row * height, width, height);
}

/** The parts of a cell whose lightness its tile takes. */
export function cellMeans(cell: Rgb): Means {
    return meansOf(cell, Math.min(MEANS_PER_SIDE, cell.width), Math.min(MEANS_PER_SIDE, cell.height));
}

function figure(value: number): string {
    return String(Math.round(value * 10) / 10);
}
