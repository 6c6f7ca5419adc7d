/** The pool of a mosaic: free pictures of what its tiles show, of which each cell takes those of the nearest colour. */
import { type Lab, labOf } from '../pictures/colours/delta-e.ts';
import { meansOf } from '../pictures/colours/low-frequencies.ts';
import type { Rgb } from '../pictures/picture.ts';

export interface Pool {
    readonly pictures: readonly Rgb[];
    /** The numbers of all pictures, in the order of the distance of their mean colours to that of a cell. */
    ranked(cell: Rgb): readonly number[];
}

export function poolOf(pictures: readonly Rgb[]): Pool {
    const colours = pictures.map(meanLab);
    return {
        pictures,
        ranked(cell) {
            const wanted = meanLab(cell);
            const distances = colours.map((colour) => Math.hypot(...colour.map((value, k) => value - wanted[k]!)));
            return pictures.map((_, k) => k).sort((a, b) => distances[a]! - distances[b]! || a - b);
        },
    };
}

function meanLab(picture: Rgb): Lab {
    const [r = 0, g = 0, b = 0] = meansOf(picture, 1, 1).data;
    return labOf(r, g, b);
}
