/** How pictures beside and below each other share their room. */
import type { Room } from '../use-room.ts';

/** Pixels of a caption's line, and between two pictures. */
export const CAPTION_LINE = 24;
const GAP = 4;

/** As many columns as make pictures of this shape largest in the room; of two numbers that do, the larger. */
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
    let best = Math.max(1, count);
    for (let columns = best - 1; columns >= 1; columns--) if (sideWith(columns) > sideWith(best) + 1) best = columns;
    return best;
}
