/** How well a picture follows edges that a ControlNet was to make it follow. */
import { edges } from '../src/runtime/pictures/edges.ts';
import type { Rgb } from '../src/runtime/pictures/picture.ts';

/**
 * The share of the wanted edges that the picture has, give or take a pixel, and the share of its edges that were wanted: their
 * harmonic mean, from 0 to 1. `wanted` has white edges on black; the picture's own are Canny's, low 60 and high 120.
 */
export function agreement(picture: Rgb, wanted: Rgb): number {
    const [has, wants] = [marksOf(edges(picture, 60, 120)), marksOf(wanted)];
    const [recall, precision] = [shareNear(wants, has, wanted.width), shareNear(has, wants, wanted.width)];
    return (2 * recall * precision) / Math.max(1e-9, recall + precision);
}

/** The share of marks that have one of the others at most a pixel away. */
function shareNear(marks: Uint8Array, others: Uint8Array, width: number): number {
    const near = grown(others, width);
    let [hits, all] = [0, 0];
    for (const [i, mark] of marks.entries()) {
        all += mark;
        hits += mark & near[i]!;
    }
    return hits / Math.max(1, all);
}

function marksOf({ data }: Rgb): Uint8Array {
    return Uint8Array.from({ length: data.length / 3 }, (_, i) => (data[3 * i]! > 0 ? 1 : 0));
}

function grown(marks: Uint8Array, width: number): Uint8Array {
    return marks.map((_, i) => {
        const x = i % width;
        for (const dy of [-width, 0, width]) {
            for (const dx of [-1, 0, 1]) {
                if (x + dx >= 0 && x + dx < width && marks[i + dy + dx]) return 1;
            }
        }
        return 0;
    });
}
