/** A sweep as a contact sheet: one axis along the columns, the others down the rows, every value written beside. */
import { useRef } from 'preact/hooks';
import type { Shown } from '../shown-run.ts';
import type { Previews } from './inbox.ts';
import { Preview } from './preview.tsx';
import { Thumb } from './thumb.tsx';
import { useRoom } from './use-room.ts';
import { altOf, altOfMissing } from './words.ts';

interface Props {
    readonly shown: Shown;
    readonly previews: Previews;
    readonly cell: number;
    readonly onSelect: (cell: number) => void;
    readonly onOpen: (cell: number) => void;
}

/** Whether the axes make a table; the values of one axis are laid out in as many rows as fit. */
export function isTable({ axes, labels }: Shown): boolean {
    const axesIn = new Set(labels.flatMap((own) => Object.keys(own)));
    return axes.length > 1 || (axes.length === 1 && axesIn.size > 1);
}

/** Pixels of the sides of a picture in the table. */
const LEAST = 48;
const COMFORTABLE = 108;
const GAP = 6;
const MOST = 360;
/** Of the head of the rows. */
const HEAD = 86;

/** The widest that the pictures can be for all columns, and if it can be all rows, to be in sight at once. */
function tileWidth(
    room: { readonly width: number; readonly height: number },
    columns: number,
    rows: number,
    aspect: number,
): number {
    const across = (room.width - HEAD) / columns - GAP;
    const down = ((room.height - 34) / rows - GAP) * aspect;
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

export function Sheet({ shown, previews, cell, onSelect, onOpen }: Props) {
    const table = useRef<HTMLTableElement>(null);
    const area = useRef<HTMLDivElement>(null);
    const room = useRoom(area, { width: 600, height: 600 });
    const { column, rows } = layout(shown);
    const byCell = new Map(shown.pictures.map((picture) => [picture.cell, picture]));
    const most = Math.max(1, ...rows.flatMap(({ cells }) => cells.map(({ length }) => length)));
    const bands = bandsOf(column?.values.length ?? 1, room.width);
    const aspect = shown.size.width / shown.size.height;
    const wide = tileWidth(room, bands[0]!.length, bands.length * rows.length * most, aspect);
    const order = bands.flatMap((band) => rows.map((row) => band.flatMap((index) => row.cells[index] ?? [])));
    const tile = (one: number) => {
        const picture = byCell.get(one);
        return (
            <button
                type="button"
                key={one}
                class="tile"
                data-cell={one}
                aria-label={picture ? undefined : altOfMissing(shown, one)}
                aria-current={one === cell}
                tabIndex={one === cell ? 0 : -1}
                onClick={() => onSelect(one)}
                onDblClick={() => onOpen(one)}
            >
                {picture ? (
                    <Thumb picture={picture} label={altOf(shown, picture)} lazy />
                ) : (
                    <Preview previews={previews} cell={one} size={shown.size} />
                )}
            </button>
        );
    };
    const select = (to: number | undefined) => {
        if (to === undefined) return;
        onSelect(to);
        table.current?.querySelector<HTMLElement>(`[data-cell="${to}"]`)?.focus();
    };
    const move = (down: number, right: number) => {
        const row = order.findIndex((cells) => cells.includes(cell));
        const at = order[row]?.indexOf(cell) ?? 0;
        const target = order[row + down];
        if (target) select(target[Math.max(0, Math.min(target.length - 1, at + right))]);
    };
    const keys: Readonly<Record<string, () => void>> = {
        ArrowLeft: () => move(0, -1),
        ArrowRight: () => move(0, 1),
        ArrowUp: () => move(-1, 0),
        ArrowDown: () => move(1, 0),
        Home: () => select(order[0]?.[0]),
        End: () => select(order.at(-1)?.at(-1)),
        Enter: () => onOpen(cell),
        ' ': () => onOpen(cell),
    };
    return (
        <div class="sheet" ref={area} style={{ '--tile': `${wide}px` }}>
            <table
                ref={table}
                // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its cells can be chosen and opened
                role="grid"
                aria-label={`Contact sheet of ${shown.name}`}
                onKeyDown={(event) => {
                    const act = keys[event.key];
                    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
                    event.preventDefault();
                    event.stopPropagation();
                    act();
                }}
            >
                {bands.map((band) => (
                    <tbody key={band[0]}>
                        {column && (
                            <tr>
                                <th scope="col" class="corner">
                                    {rows[0]?.labels.map(([axis]) => axis).join(' · ')}
                                    {rows[0]?.labels.length ? ' \\ ' : ''}
                                    {column.name}
                                </th>
                                {band.map((index) => (
                                    <th scope="col" key={index}>
                                        {column.values[index]}
                                    </th>
                                ))}
                            </tr>
                        )}
                        {rows.map((row) => (
                            <tr key={row.labels.join('|')}>
                                <th scope="row">
                                    {row.labels.map(([axis, value]) => (
                                        <div key={axis}>{value}</div>
                                    ))}
                                </th>
                                {band.map((index) => (
                                    <td key={index}>{(row.cells[index] ?? []).map(tile)}</td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                ))}
            </table>
        </div>
    );
}

interface Row {
    readonly labels: readonly (readonly [axis: string, value: string])[];
    /** Cells by column; a column holds several when a plan has several seeds. */
    readonly cells: readonly (readonly number[])[];
}

function layout(shown: Shown) {
    const column = shown.axes.find(({ name }) => name === shown.columns) ?? shown.axes.at(-1);
    const others = shown.axes.filter((axis) => axis !== column);
    const rows = new Map<string, { labels: Row['labels']; cells: number[][] }>();
    shown.labels.forEach((labels, cell) => {
        const own = others.map(({ name }) => [name, labels[name] ?? ''] as const);
        const id = own.map(([, value]) => value).join('\u0000');
        const row = rows.get(id) ?? { labels: own, cells: (column?.values ?? ['']).map(() => []) };
        rows.set(id, row);
        const index = column ? column.values.indexOf(labels[column.name] ?? '') : 0;
        row.cells[Math.max(0, index)]?.push(cell);
    });
    return { column, rows: [...rows.values()] as readonly Row[] };
}
