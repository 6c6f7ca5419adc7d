/** How a tile is placed: in the colours of its cell. */
import { deltaE2000, labOf } from '../pictures/colours/delta-e.ts';
import { luma, withLightness } from '../pictures/colours/lightness.ts';
import { meansOf, withMean } from '../pictures/colours/low-frequencies.ts';
import type { Rgb } from '../pictures/picture.ts';
import { cellMeans } from './ground.ts';

type Colour = readonly number[];

/** CIEDE2000 that is left between the mean colours of a tile and its cell, by how far the dial is below 1. */
const LEFT = 36;

/** Halvings of the way between two colours. */
const HALVINGS = 12;

/**
 * A tile in the colours of a cell. The lightness of its 8x8 parts becomes the cell's as closely as the dial says, and its
 * mean hue comes near the cell's: with the default, to where an eye begins to see a difference. Its parts keep hues of
 * their own, which show its subject from near and are not seen from afar.
 */
export function inColoursOf(tile: Rgb, cell: Rgb, colour: number): Rgb {
    const own = [...meansOf(tile, 1, 1).data];
    const whole = withMean(tile, meanOf(own, [...meansOf(cell, 1, 1).data], colour), 1);
    return withLightness(whole, cellMeans(cell), colour);
}

/** The mean colour that a tile takes: of the cell's lightness, and as near to its hue as the dial asks for. */
function meanOf(own: Colour, cell: Colour, colour: number): Colour {
    const moved = Math.min(1, 2 * colour);
    const lighter = luma(cell, 0) - luma(own, 0);
    const lit = own.map((level) => Math.min(255, Math.max(0, level + moved * lighter)));
    const matched = own.map((level, k) => level + moved * (cell[k]! - level));
    const between = (share: number) => lit.map((level, k) => level + share * (matched[k]! - level));
    const limit = LEFT * (1 - colour);
    if (difference(lit, matched) <= limit) return lit;
    let [far, near] = [0, 1];
    for (let k = 0; k < HALVINGS; k++) {
        const middle = (far + near) / 2;
        if (difference(between(middle), matched) > limit) far = middle;
        else near = middle;
    }
    return between(near);
}

function difference(a: Colour, b: Colour): number {
    return deltaE2000(labOf(a[0]!, a[1]!, a[2]!), labOf(b[0]!, b[1]!, b[2]!));
}
