/** How pictures beside and below each other share their room. */
import type { Room } from '../use-room.ts';

/** Pixels of a caption's line, and between two pictures. */
export const CAPTION_LINE = 24;
const GAP = 4;

/**
 * As many columns as make pictures of this shape largest in the room; of several numbers that do, the one that leaves the fewest
 * places empty, then the largest.
 */
export function columnsFor(
    count: number,
    { width, height }: Room,
    { aspect, below }: { readonly aspect: number; readonly below: number },
): number {
    const sideWith = (columns: number) => {
        const rows = Math.ceil(count / columns);
        const wide = (width - GAP * (columns - 1)) / columns;
        const high = (height - GAP * (rows - 1)) / rows - below;
        return Math.min(wide, high * aspect);
    };
    const emptyWith = (columns: number) => Math.ceil(count / columns) * columns - count;
    let best = Math.max(1, count);
    for (let columns = best - 1; columns >= 1; columns--) {
        const gain = sideWith(columns) - sideWith(best);
        if (gain > 1 || (gain > -1 && emptyWith(columns) < emptyWith(best))) best = columns;
    }
    return best;
}
