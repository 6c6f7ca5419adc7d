/** Contact sheets: pictures in a labelled grid, and strips of pictures side by side. */

import { type LabelOptions, label, print } from './label.ts';
import { draw, type Plane, plain, type Rgb } from './picture.ts';
import { contain } from './resize.ts';

const PAPER = [255, 255, 255] as const;
const MARGIN = 12;
const GAP = 6;
/** Sheets stay below this; their pictures are made smaller where needed. */
const MAX_SHEET_PIXELS = 60_000_000;
const MAX_SIDE = 16_000;

/** A title above, headings over the columns and beside the rows, captions over the pictures; empty places stay paper. */
export async function contactSheet(
    { title, columns, rows, pictures, captions = [] }: SheetLayout,
    { font = 'system' }: Pick<LabelOptions, 'font'> = {},
): Promise<Rgb> {
    const across = Math.max(columns.length, 1);
    const down = Math.max(rows.length, 1);
    const cells = fitted(pictures, across, down);
    const [wide, high] = cellSize(cells);
    const size = Math.min(Math.max(Math.round(wide / 14), 12), 36);

    const heading = (text: string, width: number) => label(text, { size, width, font });
    const tops = await Promise.all(columns.map((text) => heading(text, Math.max(wide, 60))));
    const sides = await Promise.all(rows.map((text) => heading(text, Math.max(Math.round(wide * 0.6), 90))));
    const above = await Promise.all(captions.map((text) => heading(text, Math.max(wide, 60))));
    const name = await label(title, { size: Math.round(size * 1.4), width: Math.max(across * wide, 200), font });
    const hasTitle = title.trim() !== '';
    const top = MARGIN + (hasTitle ? name.height + MARGIN : 0) + withGap(tallest(tops, columns));
    const left = MARGIN + withGap(widest(sides, rows));

    const caption = withGap(tallest(above, captions));
    const column = Math.max(wide, widest(tops, columns), widest(above, captions));
    const row = Math.max(high + caption, tallest(sides, rows));
    const width = Math.max(left + across * (column + GAP) - GAP, MARGIN + (hasTitle ? name.width : 0)) + MARGIN;
    const sheet = plain(width, top + down * (row + GAP) - GAP + MARGIN, PAPER);
    if (hasTitle) print(sheet, name, MARGIN, MARGIN);
    tops.forEach((text, x) => {
        print(sheet, text, left + x * (column + GAP) + middle(column, text.width), top - GAP - text.height);
    });
    sides.forEach((text, y) => {
        print(sheet, text, MARGIN, top + y * (row + GAP) + middle(row, text.height));
    });
    above.forEach((text, i) => {
        const x = left + (i % across) * (column + GAP) + middle(column, text.width);
        const y = top + Math.floor(i / across) * (row + GAP);
        print(sheet, text, x, y + caption - GAP - text.height);
    });
    place(sheet, cells, across, (x, y) => [
        left + x * (column + GAP),
        top + y * (row + GAP) + caption,
        column,
        row - caption,
    ]);
    return sheet;
}

/** Rows of pictures, close together and without labels. Rows may differ in length. */
export function strip(rows: readonly (readonly Rgb[])[]): Rgb {
    const across = Math.max(1, ...rows.map((row) => row.length));
    const pictures = rows.flatMap((row) => Array.from({ length: across }, (_, x) => row[x]));
    const cells = fitted(pictures, across, rows.length);
    const [wide, high] = cellSize(cells);
    const step = GAP / 2;
    const sheet = plain(across * (wide + step) - step, Math.max(rows.length, 1) * (high + step) - step, PAPER);
    place(sheet, cells, across, (x, y) => [x * (wide + step), y * (high + step), wide, high]);
    return sheet;
}

type Box = readonly [left: number, top: number, width: number, height: number];

function place(
    sheet: Rgb,
    cells: readonly (Rgb | undefined)[],
    across: number,
    boxOf: (x: number, y: number) => Box,
): void {
    cells.forEach((picture, i) => {
        if (!picture) return;
        const [left, top, width, height] = boxOf(i % across, Math.floor(i / across));
        draw(sheet, picture, left + middle(width, picture.width), top + middle(height, picture.height));
    });
}

/** The pictures, all made smaller by one factor where the sheet would become too large. */
function fitted(pictures: readonly (Rgb | undefined)[], across: number, down: number): (Rgb | undefined)[] {
    const [wide, high] = cellSize(pictures);
    const [width, height] = [across * (wide + GAP), down * (high + GAP)];
    const scale = Math.min(1, Math.sqrt(MAX_SHEET_PIXELS / (width * height)), MAX_SIDE / Math.max(width, height));
    if (scale === 1) return [...pictures];
    const side = (length: number) => Math.max(1, Math.floor(length * scale));
    return pictures.map((picture) => picture && contain(picture, side(picture.width), side(picture.height)));
}

function cellSize(pictures: readonly (Rgb | undefined)[]): [number, number] {
    const there = pictures.filter((picture) => picture !== undefined);
    return [Math.max(1, ...there.map(({ width }) => width)), Math.max(1, ...there.map(({ height }) => height))];
}

function tallest(labels: readonly Plane[], texts: readonly string[]): number {
    return Math.max(0, ...labels.filter((_, i) => texts[i]!.trim() !== '').map(({ height }) => height));
}

function widest(labels: readonly Plane[], texts: readonly string[]): number {
    return Math.max(0, ...labels.filter((_, i) => texts[i]!.trim() !== '').map(({ width }) => width));
}

function withGap(length: number): number {
    return length > 0 ? length + GAP : 0;
}

function middle(space: number, length: number): number {
    return Math.floor((space - length) / 2);
}

export interface SheetLayout {
    readonly title: string;
    readonly columns: readonly string[];
    readonly rows: readonly string[];
    /** Row by row; undefined leaves a place empty. */
    readonly pictures: readonly (Rgb | undefined)[];
    /** A line over each picture, in the pictures' order; absent where the headings say it all. */
    readonly captions?: readonly string[];
}
