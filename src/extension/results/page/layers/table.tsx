/** The measures of a layer scan as a table: sorted by a column, copied for papers. */
import { useState } from 'preact/hooks';
import type { ShownScan } from '../../shown-run.ts';
import { host } from '../memory.ts';
import {
    measureColumns,
    measureText,
    type ScanRow,
    type Sorting,
    scanCsv,
    scanMarkdown,
    sortedEntries,
} from './scan.ts';

interface Props {
    readonly scan: ShownScan;
    readonly row: ScanRow;
    readonly cell: number;
    readonly onSelect: (cell: number) => void;
    readonly onOpen: (cell: number) => void;
}

export function MeasureTable({ scan, row, cell, onSelect, onOpen }: Props) {
    const [sorting, setSorting] = useState<Sorting>({ column: 0, rising: false });
    const columns = measureColumns(scan);
    const entries = sortedEntries(scan, row, sorting);
    const heads = [{ title: 'layer', column: -1 }, ...columns.map(({ title }, column) => ({ title, column }))];
    const copy = (text: string) => host.postMessage({ kind: 'copy', text });
    return (
        <section class="measure-table" aria-label="Measures of the layers">
            <div class="bar">
                <button type="button" onClick={() => copy(scanMarkdown(scan, entries))}>
                    Copy as Markdown
                </button>
                <button type="button" onClick={() => copy(scanCsv(scan, entries))}>
                    Copy as CSV
                </button>
            </div>
            <table>
                <thead>
                    <tr>
                        {heads.map(({ title, column }) => {
                            const isChosen = sorting.column === column;
                            const order = sorting.rising ? 'ascending' : 'descending';
                            return (
                                <th key={title} scope="col" aria-sort={isChosen ? order : 'none'}>
                                    <button
                                        type="button"
                                        onClick={() =>
                                            setSorting({ column, rising: isChosen ? !sorting.rising : column === -1 })
                                        }
                                    >
                                        {title}
                                        {isChosen ? (sorting.rising ? ' ↑' : ' ↓') : ''}
                                    </button>
                                </th>
                            );
                        })}
                    </tr>
                </thead>
                <tbody>
                    {entries.map((entry) => (
                        <tr key={entry.cell} aria-current={entry.cell === cell}>
                            <th scope="row">
                                <button
                                    type="button"
                                    onClick={() => onSelect(entry.cell)}
                                    onDblClick={() => onOpen(entry.cell)}
                                >
                                    {entry.label}
                                </button>
                            </th>
                            {columns.map((column) => (
                                <td key={column.title}>{measureText(column, entry)}</td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </section>
    );
}
