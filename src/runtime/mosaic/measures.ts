/** How well a mosaic is read from afar, and how much its neighbours differ. */
import type { MosaicGrid } from '../../plan/mosaic/mosaic.ts';
import { deltaE2000, labOf } from '../pictures/colours/delta-e.ts';
import { meansOf } from '../pictures/colours/low-frequencies.ts';
import { hashDistance, perceptualHash, ssim } from '../pictures/compare.ts';
import type { Rgb } from '../pictures/picture.ts';
import { resize } from '../pictures/resize.ts';
import { type Ground, groundCell } from './ground.ts';

export interface MosaicMeasures {
    /** Structural similarity of the mosaic, reduced to the size of its picture, to the picture; absent below 11 pixels. */
    readonly farSsim?: number;
    /** Mean over the tiles of CIEDE2000 between a tile's mean colour and its cell's. */
    readonly deltaE: number;
    readonly neighbours: NeighbourMeasures;
}

/** Perceptual hashes of tiles that touch, corners included. */
export interface NeighbourMeasures {
    readonly pairs: number;
    /** Bits of 64 in which the two that are most alike differ. */
    readonly least: number;
    /** Pairs that differ in 6 bits or fewer. */
    readonly twins: number;
}

/** At most this many bits: twins. */
const TWIN_BITS = 6;

/** Collects what the measures need, tile by tile in reading order; memory holds a hash per tile. */
export function measuring(grid: MosaicGrid, ground: Ground) {
    const hashes: string[] = [];
    let sum = 0;
    return {
        add(tile: Rgb, column: number, row: number): void {
            hashes.push(perceptualHash(tile));
            sum += deltaE2000(meanLab(tile), meanLab(groundCell(ground, { column, row })));
        },
        result(flat: Rgb): MosaicMeasures {
            const far = farSsim(flat, ground.picture);
            return {
                ...(far === undefined ? {} : { farSsim: far }),
                deltaE: sum / Math.max(1, hashes.length),
                neighbours: compareNeighbours(hashes, grid),
            };
        },
    };
}

function meanLab(picture: Rgb) {
    const [r = 0, g = 0, b = 0] = meansOf(picture, 1, 1).data;
    return labOf(r, g, b);
}

function farSsim(flat: Rgb, picture: Rgb): number | undefined {
    const width = Math.min(flat.width, picture.width);
    const height = Math.min(flat.height, picture.height);
    if (Math.min(width, height) < 11) return undefined;
    return ssim(resize(flat, width, height), resize(picture, width, height));
}

function compareNeighbours(hashes: readonly string[], { columns, rows }: MosaicGrid): NeighbourMeasures {
    let [pairs, least, twins] = [0, 64, 0];
    for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
            for (const [right, down] of [
                [1, 0],
                [-1, 1],
                [0, 1],
                [1, 1],
            ] as const) {
                const [x, y] = [column + right, row + down];
                if (x < 0 || x >= columns || y >= rows) continue;
                const distance = hashDistance(hashes[row * columns + column]!, hashes[y * columns + x]!);
                pairs++;
                least = Math.min(least, distance);
                if (distance <= TWIN_BITS) twins++;
            }
        }
    }
    return { pairs, least, twins };
}
