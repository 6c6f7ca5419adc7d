/** The measures of a layer scan: as layers to draw, as rows of a table, as Markdown and CSV. */
import { csvLine } from '../../../../plan/formats/csv.ts';
import type { ScanEntry, Shown, ShownScan } from '../../shown-run.ts';
import type { Layer } from './network.ts';

/** One combination of the other axes of a scan, such as a seed. */
export interface ScanRow {
    readonly title: string;
    /** Every cell with its layer, in the order of the run; the plain picture among them. */
    readonly cells: readonly { readonly cell: number; readonly label: string }[];
}

/** The rows of a scan; one where the layers are its only axis. */
export function rowsOf({ labels }: Pick<Shown, 'labels'>, { axis }: ShownScan): readonly ScanRow[] {
    const rows = new Map<string, { cell: number; label: string }[]>();
    for (const [cell, own] of labels.entries()) {
        const title = Object.entries(own)
            .filter(([name]) => name !== axis)
            .map(([name, value]) => `${name} ${value}`)
            .join(', ');
        const row = rows.get(title) ?? [];
        row.push({ cell, label: own[axis] ?? '' });
        rows.set(title, row);
    }
    return [...rows].map(([title, cells]) => ({ title, cells }));
}

/** The layers of a row, each with its share of the largest effect in the whole scan. */
export function layersOf({ cells }: ScanRow, { entries }: ShownScan): readonly Layer[] {
    const most = Math.max(1e-9, ...entries.map(({ moved }) => moved));
    const known = new Map(entries.map((entry) => [entry.cell, entry]));
    return cells.map(({ cell, label }) => {
        const entry = known.get(cell);
        return { cell, label, ...(entry ? { share: entry.moved / most } : {}) };
    });
}

export interface Column {
    readonly title: string;
    readonly value: (entry: ScanEntry) => number | undefined;
    readonly text: (value: number) => string;
}

const plain = (value: number) => value.toFixed(3);
const percent = (value: number) => `${(100 * value).toFixed(1).replace(/^-(?=0\.0$)/, '')} %`;

/** What is measured, column by column. */
export function measureColumns({ names, entries }: ShownScan): readonly Column[] {
    const infuses = entries.some(({ towards }) => towards !== undefined);
    return [
        { title: 'moved', value: ({ moved }) => moved, text: plain },
        { title: 'SSIM to plain', value: ({ ssim }) => ssim, text: plain },
        ...(infuses ? [{ title: 'towards the bias', value: ({ towards }: ScanEntry) => towards, text: percent }] : []),
        ...names.map((title, k) => ({
            title,
            value: ({ more }: ScanEntry) => more[k] ?? undefined,
            text: (value: number) => (Number.isInteger(value) ? `${value}` : plain(value)),
        })),
    ];
}

export interface Sorting {
    /** Of a column; -1 is the order of the network. */
    readonly column: number;
    readonly rising: boolean;
}

/** The entries of a row in the wished order; what is not measured comes last. */
export function sortedEntries(scan: ShownScan, { cells }: ScanRow, { column, rising }: Sorting): readonly ScanEntry[] {
    const own = new Set(cells.map(({ cell }) => cell));
    const entries = scan.entries.filter(({ cell }) => own.has(cell));
    const by = measureColumns(scan)[column];
    if (!by) return rising ? entries : entries.toReversed();
    const missing = rising ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    const numberOf = (entry: ScanEntry) => by.value(entry) ?? missing;
    return entries.toSorted((a, b) => (rising ? numberOf(a) - numberOf(b) : numberOf(b) - numberOf(a)));
}

export function scanMarkdown(scan: ShownScan, entries: readonly ScanEntry[]): string {
    const columns = measureColumns(scan);
    const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
    return [
        line(['layer', ...columns.map(({ title }) => title)]),
        `|---|${columns.map(() => '---:').join('|')}|`,
        ...entries.map((entry) => line([entry.label, ...columns.map((column) => measureText(column, entry))])),
        '',
    ].join('\n');
}

/** Numbers in full. */
export function scanCsv(scan: ShownScan, entries: readonly ScanEntry[]): string {
    const columns = measureColumns(scan);
    const rows = [
        ['layer', ...columns.map(({ title }) => title)],
        ...entries.map((entry) => [entry.label, ...columns.map(({ value }) => `${value(entry) ?? ''}`)]),
    ];
    return rows.map(csvLine).join('');
}

export function measureText({ value, text }: Column, entry: ScanEntry): string {
    const found = value(entry);
    return found === undefined ? '–' : text(found);
}
