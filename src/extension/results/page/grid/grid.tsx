/** All pictures of a run. Only the rows in sight are drawn, so that a run of hundreds scrolls as a run of four. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Shown } from '../../shown-run.ts';
import type { Previews } from '../picture/previews.ts';
import { useRoom } from '../use-room.ts';
import { GAP, type GridSize, gridSize, rowsInSight } from './grid-size.ts';
import { GridTile } from './grid-tile.tsx';

interface Props {
    readonly shown: Shown;
    readonly previews: Previews;
    readonly cell: number;
    readonly scroll: number;
    readonly onSelect: (cell: number) => void;
    readonly onOpen: (cell: number) => void;
    readonly onScroll: (top: number) => void;
}

export function Grid({ shown, previews, cell, scroll, onSelect, onOpen, onScroll }: Props) {
    const area = useRef<HTMLDivElement>(null);
    const room = useRoom(area, { width: 300, height: 400 });
    const [top, setTop] = useState(scroll);
    const moved = useRef(false);
    const remembering = useRef<ReturnType<typeof setTimeout>>(undefined);
    const size = gridSize(room, shown);
    const { columns, rows, pitch } = size;
    const [first, end] = rowsInSight(size, top, room.height);
    // The name of the only axis is written once, its values below the pictures.
    const axis = shown.axes.length === 1 ? shown.axes[0]?.name : undefined;
    const byCell = useMemo(() => new Map(shown.pictures.map((picture) => [picture.cell, picture])), [shown.pictures]);

    useLayoutEffect(() => {
        if (area.current) area.current.scrollTop = scroll;
    }, [shown.key]);
    useEffect(() => {
        if (!moved.current || !area.current) return;
        moved.current = false;
        comeTo(area.current, cell, size, room.height);
    }, [cell, columns]);

    const keys = keysOf({ cell, cells: shown.cells, columns, page: Math.max(1, Math.floor(room.height / pitch)) });
    const tiles = { shown, previews, axis, onSelect, onOpen };
    const grid = (
        // biome-ignore lint/a11y/noStaticElementInteractions: keys reach it from the cells within
        <div
            ref={area}
            class="grid"
            onScroll={(event) => {
                const now = event.currentTarget.scrollTop;
                setTop(now);
                // Remembered when it rests, so that scrolling draws the grid and nothing else.
                clearTimeout(remembering.current);
                remembering.current = setTimeout(() => onScroll(now), 150);
            }}
            onKeyDown={(event) => {
                if (event.ctrlKey || event.altKey || event.metaKey) return;
                const to = keys[event.key];
                const opens = event.key === 'Enter' || event.key === ' ';
                if (to === undefined && !opens) return;
                event.preventDefault();
                event.stopPropagation();
                if (opens) return onOpen(cell);
                moved.current = true;
                onSelect(to!);
            }}
        >
            {/* biome-ignore lint/a11y/useSemanticElements: a windowed grid can't be a table */}
            <div
                role="grid"
                aria-label={`Pictures of ${shown.name}`}
                aria-rowcount={rows}
                aria-colcount={columns}
                class="rows"
                style={{ height: `${Math.max(0, rows * pitch - GAP)}px` }}
            >
                {range(first, end).map((row) => (
                    // biome-ignore lint/a11y/useSemanticElements: a windowed grid can't be a table
                    // biome-ignore lint/a11y/useFocusableInteractive: the cells within take the focus
                    <div key={row} role="row" class="row" aria-rowindex={row + 1} style={{ top: `${row * pitch}px` }}>
                        {range(row * columns, Math.min(shown.cells, (row + 1) * columns)).map((index, column) => (
                            <GridTile
                                key={index}
                                {...tiles}
                                index={index}
                                picture={byCell.get(index)}
                                column={column + 1}
                                selected={index === cell}
                                style={styleOf(size, column, shown.cells === 1 ? room.width : undefined)}
                            />
                        ))}
                    </div>
                ))}
            </div>
        </div>
    );
    if (!axis) return grid;
    return (
        <div class="one-axis">
            <p class="quiet">{axis}</p>
            <div class="stage">{grid}</div>
        </div>
    );
}

/** Where a tile is in its row; one alone is in the middle of the room. */
function styleOf({ side, high }: GridSize, column: number, room: number | undefined) {
    const left = room === undefined ? column * (side + GAP) : Math.max(0, Math.floor((room - side) / 2));
    return { left: `${left}px`, width: `${side}px`, height: `${high}px` };
}

function range(from: number, to: number): readonly number[] {
    return Array.from({ length: Math.max(0, to - from) }, (_, k) => from + k);
}

/** Scrolls as far as the cell's row needs it, and moves the focus there once it is drawn. */
function comeTo(area: HTMLElement, cell: number, { columns, pitch }: GridSize, height: number): void {
    const row = Math.floor(cell / columns);
    if (row * pitch < area.scrollTop) area.scrollTop = row * pitch;
    if ((row + 1) * pitch > area.scrollTop + height) area.scrollTop = (row + 1) * pitch - height;
    requestAnimationFrame(() => area.querySelector<HTMLElement>(`[data-cell="${cell}"]`)?.focus());
}

interface GridPosition {
    readonly cell: number;
    readonly cells: number;
    readonly columns: number;
    /** Rows of a page. */
    readonly page: number;
}

/** The cell that each key goes to. */
function keysOf({ cell, cells, columns, page }: GridPosition): Readonly<Record<string, number>> {
    const within = (to: number) => Math.max(0, Math.min(cells - 1, to));
    return {
        ArrowLeft: within(cell - 1),
        ArrowRight: within(cell + 1),
        ArrowUp: cell - columns >= 0 ? cell - columns : cell,
        ArrowDown: cell + columns < cells ? cell + columns : cell,
        PageUp: within(cell - columns * page),
        PageDown: within(cell + columns * page),
        Home: 0,
        End: Math.max(0, cells - 1),
    };
}
