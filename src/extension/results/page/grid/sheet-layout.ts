/** How a contact sheet is laid out: which cell is in which row and column, in how many bands, and how large its pictures are. */
import type { Shown } from '../../shown-run.ts';
import type { Room } from '../use-room.ts';

/** A row of the sheet: the values of all axes but that of the columns, and the cells that have them. */
export interface SheetLine {
    readonly labels: readonly (readonly [axis: string, value: string])[];
    /** Cells by column; a column has several when a plan has several seeds. */
    readonly cells: readonly (readonly number[])[];
}

export interface SheetLines {
    /** The axis along the columns. */
    readonly column: Shown['axes'][number] | undefined;
    readonly lines: readonly SheetLine[];
}

/** The size of a picture in pixels, and the columns of each band: those that do not fit beside each other begin again below. */
export interface SheetSize {
    readonly wide: number;
    readonly high: number;
    readonly bands: readonly (readonly number[])[];
    /** Pixels of the whole table from top to bottom, within a few. */
    readonly tall: number;
}

/** Whether the axes make a table; the values of one axis are laid out in as many rows as fit. */
export function isTable({ axes, labels }: Shown): boolean {
    const axesIn = new Set(labels.flatMap((own) => Object.keys(own)));
    return axes.length > 1 || (axes.length === 1 && axesIn.size > 1);
}

export function sheetLines({ axes, labels }: Pick<Shown, 'axes' | 'labels'>, columns: string | undefined): SheetLines {
    const column = axes.find(({ name }) => name === columns) ?? axes.at(-1);
    const others = axes.filter((axis) => axis !== column);
    const lines = new Map<string, { labels: SheetLine['labels']; cells: number[][] }>();
    labels.forEach((all, cell) => {
        const own = others.map(({ name }) => [name, all[name] ?? ''] as const);
        const id = own.map(([, value]) => value).join('\u0000');
        const line = lines.get(id) ?? { labels: own, cells: (column?.values ?? ['']).map(() => []) };
        lines.set(id, line);
        const index = column ? column.values.indexOf(all[column.name] ?? '') : 0;
        line.cells[Math.max(0, index)]?.push(cell);
    });
    return { column, lines: [...lines.values()] };
}

/** Pixels of the sides of a picture in the table. */
const LEAST = 48;
const COMFORTABLE = 108;
const GAP = 6;
const MOST = 360;
/** Of the head of the rows, and of the columns. */
const HEAD = 86;
const HEAD_HIGH = 34;

export function sheetSize({ column, lines }: SheetLines, aspect: number, room: Room): SheetSize {
    const bands = bandsOf(column?.values.length ?? 1, room.width);
    const deepest = (line: SheetLine) => Math.max(1, ...line.cells.map(({ length }) => length));
    const most = Math.max(1, ...lines.map(deepest));
    const wide = tileWidth(room, bands[0]!.length, bands.length * lines.length * most, aspect);
    const high = Math.round(wide / aspect);
    const tall = bands.length * (HEAD_HIGH + lines.reduce((sum, line) => sum + deepest(line) * high + GAP, 0));
    return { wide, high, bands, tall };
}

/** The widest that the pictures can be for all columns, and if it can be all rows, to be in sight at once. */
function tileWidth(room: Room, columns: number, rows: number, aspect: number): number {
    const across = (room.width - HEAD) / columns - GAP;
    const down = ((room.height - HEAD_HIGH) / rows - GAP) * aspect;
    return Math.round(Math.max(LEAST, Math.min(MOST, across, Math.max(down, 140))));
}

/** Columns that fit beside each other at a size that can be looked at; more of them begin again below. */
function bandsOf(columns: number, width: number): readonly (readonly number[])[] {
    if ((width - HEAD) / columns >= LEAST + GAP) return [Array.from({ length: columns }, (_, k) => k)];
    const perBand = Math.max(2, Math.floor((width - HEAD) / (COMFORTABLE + GAP)));
    const bands = Math.ceil(columns / perBand);
    const even = Math.ceil(columns / bands);
    return Array.from({ length: bands }, (_, band) =>
        Array.from({ length: Math.min(even, columns - band * even) }, (__, k) => band * even + k),
    );
}
