/** All pictures of a run as they arrive. Only the rows in sight are in the document, so thousands stay light. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Shown } from '../shown-run.ts';
import type { Previews } from './inbox.ts';
import { Preview } from './preview.tsx';
import { Thumb } from './thumb.tsx';
import { altOf, captionOf } from './words.ts';

interface Props {
    readonly shown: Shown;
    readonly previews: Previews;
    readonly cell: number;
    readonly scroll: number;
    readonly onSelect: (cell: number) => void;
    readonly onOpen: (cell: number) => void;
    readonly onScroll: (top: number) => void;
}

const GAP = 8;
const CAPTION = 24;
const OVERSCAN = 2;

export function Grid({ shown, previews, cell, scroll, onSelect, onOpen, onScroll }: Props) {
    const area = useRef<HTMLDivElement>(null);
    const [seen, setSeen] = useState({ width: 300, height: 400, top: scroll });
    const moved = useRef(false);
    useLayoutEffect(() => {
        const element = area.current;
        if (!element) return;
        const measure = () => setSeen((old) => ({ ...old, width: element.clientWidth, height: element.clientHeight }));
        const observer = new ResizeObserver(measure);
        observer.observe(element);
        measure();
        return () => observer.disconnect();
    }, []);

    // The name of the only axis is written once, its values below the pictures.
    const axis = shown.axes.length === 1 ? shown.axes[0]?.name : undefined;
    const side = tileSide(seen, shown);
    const columns = Math.max(1, Math.floor((seen.width + GAP) / (side + GAP)));
    const high = Math.round((side * shown.size.height) / shown.size.width) + CAPTION;
    const rows = Math.ceil(shown.cells / columns);
    const pitch = high + GAP;
    const first = Math.max(0, Math.floor(seen.top / pitch) - OVERSCAN);
    const end = Math.min(rows, Math.ceil((seen.top + seen.height) / pitch) + OVERSCAN);

    useLayoutEffect(() => {
        if (area.current) area.current.scrollTop = scroll;
    }, [shown.key]);
    useEffect(() => {
        if (!moved.current) return;
        moved.current = false;
        const row = Math.floor(cell / columns);
        const element = area.current;
        if (!element) return;
        if (row * pitch < element.scrollTop) element.scrollTop = row * pitch;
        if ((row + 1) * pitch > element.scrollTop + seen.height) element.scrollTop = (row + 1) * pitch - seen.height;
        requestAnimationFrame(() => element.querySelector<HTMLElement>(`[data-cell="${cell}"]`)?.focus());
    }, [cell, columns]);

    const move = (to: number) => {
        moved.current = true;
        onSelect(Math.max(0, Math.min(shown.cells - 1, to)));
    };
    const keys: Readonly<Record<string, () => void>> = {
        ArrowLeft: () => move(cell - 1),
        ArrowRight: () => move(cell + 1),
        ArrowUp: () => move(cell - columns >= 0 ? cell - columns : cell),
        ArrowDown: () => move(cell + columns < shown.cells ? cell + columns : cell),
        PageUp: () => move(cell - columns * Math.max(1, Math.floor(seen.height / pitch))),
        PageDown: () => move(cell + columns * Math.max(1, Math.floor(seen.height / pitch))),
        Home: () => move(0),
        End: () => move(shown.cells - 1),
        Enter: () => onOpen(cell),
        ' ': () => onOpen(cell),
    };
    const byCell = useMemo(() => new Map(shown.pictures.map((picture) => [picture.cell, picture])), [shown.pictures]);
    const remembering = useRef<ReturnType<typeof setTimeout>>(undefined);
    const tiles = [];
    for (let row = first; row < end; row++) {
        const inRow = [];
        for (let column = 0; column < columns; column++) {
            const index = row * columns + column;
            if (index >= shown.cells) break;
            const picture = byCell.get(index);
            inRow.push(
                // biome-ignore lint/a11y/useSemanticElements: a windowed grid can't be a table
                // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it handles the keys
                <div
                    key={index}
                    role="gridcell"
                    class="tile"
                    data-cell={index}
                    aria-colindex={column + 1}
                    aria-selected={index === cell}
                    tabIndex={index === cell ? 0 : -1}
                    style={{ left: `${column * (side + GAP)}px`, width: `${side}px`, height: `${high}px` }}
                    onClick={() => onSelect(index)}
                    onDblClick={() => onOpen(index)}
                >
                    {picture ? (
                        <Thumb picture={picture} label={altOf(shown, picture)} />
                    ) : (
                        <Preview previews={previews} cell={index} size={shown.size} />
                    )}
                    <span class="caption">
                        {axis
                            ? (shown.labels[index]?.[axis] ?? '')
                            : picture
                              ? captionOf(picture)
                              : waiting(shown, index, previews.get(index)?.draft)}
                    </span>
                </div>,
            );
        }
        tiles.push(
            // biome-ignore lint/a11y/useSemanticElements: a windowed grid can't be a table
            // biome-ignore lint/a11y/useFocusableInteractive: the cells within take the focus
            <div key={row} role="row" class="row" aria-rowindex={row + 1} style={{ top: `${row * pitch}px` }}>
                {inRow}
            </div>,
        );
    }
    const grid = (
        // biome-ignore lint/a11y/noStaticElementInteractions: keys reach it from the cells within
        <div
            ref={area}
            class="grid"
            onScroll={(event) => {
                const top = event.currentTarget.scrollTop;
                setSeen((old) => ({ ...old, top }));
                // Remembered when it rests, so that scrolling draws the grid and nothing else.
                clearTimeout(remembering.current);
                remembering.current = setTimeout(() => onScroll(top), 150);
            }}
            onKeyDown={(event) => {
                const act = keys[event.key];
                if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
                event.preventDefault();
                event.stopPropagation();
                act();
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
                {tiles}
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

function waiting(shown: Shown, cell: number, draft: number | undefined): string {
    const labels = Object.values(shown.labels[cell] ?? {}).join(' · ');
    if (draft) return `draft in ${draft} steps`;
    return labels || (shown.state === 'running' || shown.state === 'waiting' ? '…' : 'not made');
}

/** Narrower pictures look alike: then the grid scrolls instead. */
const LEAST = 132;

/** One picture fills the width; many share the area, as large as all of them can be in sight at once. */
function tileSide(
    { width, height }: { readonly width: number; readonly height: number },
    { cells, size }: Shown,
): number {
    if (cells === 1) return Math.min(width, 512);
    const sideOf = (columns: number) => Math.floor((width - GAP * (columns - 1)) / columns);
    const fits = (columns: number) => {
        const high = (sideOf(columns) * size.height) / size.width + CAPTION + GAP;
        return Math.ceil(cells / columns) * high - GAP <= height;
    };
    const most = Math.max(Math.min(cells, 2), Math.round(width / (LEAST + GAP)));
    for (let columns = Math.min(cells, 2); columns <= most; columns++) {
        if (fits(columns) || columns === most) return Math.min(sideOf(columns), 512);
    }
    return sideOf(most);
}
