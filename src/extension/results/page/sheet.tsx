/** A sweep as a contact sheet: one axis along the columns, the others down the rows, every value written beside. */
import { useRef } from 'preact/hooks';
import type { Shown } from '../messages.ts';
import type { Previews } from './inbox.ts';
import { Preview } from './preview.tsx';
import { Thumb } from './thumb.tsx';
import { altOf, altOfMissing } from './words.ts';

interface Props {
    readonly shown: Shown;
    readonly previews: Previews;
    readonly cell: number;
    readonly onSelect: (cell: number) => void;
    readonly onOpen: (cell: number) => void;
}

export function Sheet({ shown, previews, cell, onSelect, onOpen }: Props) {
    const table = useRef<HTMLTableElement>(null);
    const { column, rows } = layout(shown);
    const byCell = new Map(shown.pictures.map((picture) => [picture.cell, picture]));
    const order = rows.map((row) => row.cells.flat());
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
        <div class="sheet">
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
                {column && (
                    <thead>
                        <tr>
                            <th scope="col" class="corner">
                                {rows[0]?.labels.map(([axis]) => axis).join(' · ')}
                            </th>
                            {column.values.map((value) => (
                                <th scope="col" key={value}>
                                    <span class="axis">{column.name}</span> {value}
                                </th>
                            ))}
                        </tr>
                    </thead>
                )}
                <tbody>
                    {rows.map((row) => (
                        <tr key={row.labels.join('|')}>
                            <th scope="row">
                                {row.labels.map(([axis, value]) => (
                                    <div key={axis}>
                                        <span class="axis">{axis}</span> {value}
                                    </div>
                                ))}
                            </th>
                            {row.cells.map((cells, index) => (
                                <td key={column?.values[index] ?? index}>
                                    {cells.map((one) => {
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
                                    })}
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
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
