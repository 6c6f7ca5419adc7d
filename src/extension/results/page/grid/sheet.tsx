/** A sweep as a contact sheet: one axis along the columns, the others down the rows, every value written beside. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Shown } from '../../shown-run.ts';
import type { Previews } from '../picture/previews.ts';
import { useRoom } from '../use-room.ts';
import { useGrowing } from './growing.ts';
import { type SheetLines, sheetLines, sheetSize } from './sheet-layout.ts';
import { rowCells, SheetRow } from './sheet-row.tsx';

interface Props {
    readonly shown: Shown;
    readonly previews: Previews;
    readonly cell: number;
    readonly onSelect: (cell: number) => void;
    readonly onOpen: (cell: number) => void;
}

/** Pictures that are drawn in one frame; the others follow. */
const PER_FRAME = 40;

export function Sheet({ shown, previews, cell, onSelect, onOpen }: Props) {
    const table = useRef<HTMLTableElement>(null);
    const area = useRef<HTMLDivElement>(null);
    const room = useRoom(area, { width: 600, height: 600 });
    const { labels, axes, columns, pictures, size } = shown;
    const laidOut = useMemo(() => sheetLines({ axes, labels }, columns), [axes, columns, labels]);
    const aspect = size.width / size.height;
    const { wide, high, bands, tall } = useMemo(() => sheetSize(laidOut, aspect, room), [laidOut, aspect, room]);
    const byCell = useMemo(() => new Map(pictures.map((picture) => [picture.cell, picture])), [pictures]);
    const rows = bands.flatMap((band) => laidOut.lines.map((line) => ({ band, line })));
    const perFrame = Math.max(1, Math.floor(PER_FRAME / bands[0]!.length));
    const drawn = useGrowing(rows.length, perFrame, shown.key);
    useEffect(() => {
        // The chosen picture may be drawn after its sheet received the focus.
        const focused = document.activeElement;
        const chosen = table.current?.querySelector<HTMLElement>(`[data-cell="${cell}"]`);
        if (focused !== chosen && table.current?.contains(focused)) chosen?.focus();
    }, [drawn]);
    const select = (to: number | undefined) => {
        if (to === undefined) return;
        onSelect(to);
        table.current?.querySelector<HTMLElement>(`[data-cell="${to}"]`)?.focus();
    };
    const keys = keysOf(rows.map(rowCells), cell, select, onOpen);
    const tiles = { shown, byCell, previews, cell };
    return (
        <div class="sheet" ref={area} style={{ '--wide': `${wide}px`, '--high': `${high}px` }}>
            <div style={{ minHeight: `${tall}px` }}>
                <table
                    ref={table}
                    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its cells can be chosen and opened
                    role="grid"
                    aria-label={`Contact sheet of ${shown.name}`}
                    onClick={(event) => select(cellAt(event))}
                    onDblClick={(event) => {
                        const to = cellAt(event);
                        if (to !== undefined) onOpen(to);
                    }}
                    onKeyDown={(event) => {
                        const act = keys[event.key];
                        if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
                        event.preventDefault();
                        event.stopPropagation();
                        act();
                    }}
                >
                    {bands.map((band, k) => (
                        <tbody key={band[0]}>
                            <Head {...laidOut} band={band} />
                            {laidOut.lines.slice(0, Math.max(0, drawn - k * laidOut.lines.length)).map((line) => (
                                <SheetRow key={line.labels.join('|')} {...tiles} line={line} band={band} />
                            ))}
                        </tbody>
                    ))}
                </table>
            </div>
        </div>
    );
}

/** The values along the columns, and the names of all axes. */
function Head({ column, lines, band }: SheetLines & { readonly band: readonly number[] }) {
    if (!column) return null;
    const others = lines[0]?.labels.map(([axis]) => axis) ?? [];
    return (
        <tr>
            <th scope="col" class="corner">
                {others.join(' · ')}
                {others.length > 0 ? ' \\ ' : ''}
                {column.name}
            </th>
            {band.map((index) => (
                <th scope="col" key={index}>
                    {column.values[index]}
                </th>
            ))}
        </tr>
    );
}

/** The cell that an event is in. */
function cellAt({ target }: Event): number | undefined {
    const found = (target as Element).closest('[data-cell]')?.getAttribute('data-cell');
    return found ? Number(found) : undefined;
}

/** What keys do, by the rows of cells as they are in sight. */
function keysOf(
    rows: readonly (readonly number[])[],
    cell: number,
    select: (to: number | undefined) => void,
    open: (cell: number) => void,
): Readonly<Record<string, () => void>> {
    const move = (down: number, right: number) => {
        const row = rows.findIndex((cells) => cells.includes(cell));
        const at = rows[row]?.indexOf(cell) ?? 0;
        const target = rows[row + down];
        if (target) select(target[Math.max(0, Math.min(target.length - 1, at + right))]);
    };
    return {
        ArrowLeft: () => move(0, -1),
        ArrowRight: () => move(0, 1),
        ArrowUp: () => move(-1, 0),
        ArrowDown: () => move(1, 0),
        Home: () => select(rows[0]?.[0]),
        End: () => select(rows.at(-1)?.at(-1)),
        Enter: () => open(cell),
        ' ': () => open(cell),
    };
}
