/** How large the tiles of a run are, and which rows of them are in sight. */
import type { Shown } from '../../shown-run.ts';
import type { Room } from '../use-room.ts';

/** The tiles in pixels: as many columns as fit, rows of one pitch from top to bottom. */
export interface GridSize {
    readonly columns: number;
    readonly rows: number;
    /** A tile's width, and its height with the caption. */
    readonly side: number;
    readonly high: number;
    /** From the top of one row to that of the next. */
    readonly pitch: number;
}

export const GAP = 8;
const CAPTION = 24;
/** Rows that are drawn above and below those in sight. */
const OVERSCAN = 2;
/** Narrower pictures look alike: then the grid scrolls instead. */
const LEAST = 132;
const MOST = 512;

export function gridSize(room: Room, shown: Pick<Shown, 'cells' | 'size'>): GridSize {
    const side = tileSide(room, shown);
    const columns = Math.max(1, Math.floor((room.width + GAP) / (side + GAP)));
    const high = Math.round((side * shown.size.height) / shown.size.width) + CAPTION;
    return { columns, rows: Math.ceil(shown.cells / columns), side, high, pitch: high + GAP };
}

/** The rows to draw where `height` pixels are in sight from `top` on: from the first to before the end. */
export function rowsInSight({ rows, pitch }: GridSize, top: number, height: number): readonly [number, number] {
    const first = Math.max(0, Math.floor(top / pitch) - OVERSCAN);
    return [first, Math.min(rows, Math.ceil((top + height) / pitch) + OVERSCAN)];
}

/** One picture is in sight as a whole; many share the area, as large as all of them can be in sight at once. */
function tileSide({ width, height }: Room, { cells, size }: Pick<Shown, 'cells' | 'size'>): number {
    if (cells === 1) {
        const fitting = Math.floor(((height - CAPTION) * size.width) / size.height);
        return Math.min(width, MOST, Math.max(LEAST, fitting));
    }
    const sideOf = (columns: number) => Math.floor((width - GAP * (columns - 1)) / columns);
    const fits = (columns: number) => {
        const high = (sideOf(columns) * size.height) / size.width + CAPTION + GAP;
        return Math.ceil(cells / columns) * high - GAP <= height;
    };
    const most = Math.max(Math.min(cells, 2), Math.round(width / (LEAST + GAP)));
    for (let columns = Math.min(cells, 2); columns <= most; columns++) {
        if (fits(columns) || columns === most) return Math.min(sideOf(columns), MOST);
    }
    return sideOf(most);
}
