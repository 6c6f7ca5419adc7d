/** What was measured of a sweep, as the tables of the results page. */
import type { RunRecord } from '../../runtime/run/record.ts';
import type { ShownTable } from './shown-run.ts';

/** Longer tables are in the files beside the sheet. */
const MAX_ROWS = 200;

/** Means first, then every picture. */
export function tablesOf({ measures, scan, pictures }: RunRecord): readonly ShownTable[] {
    const tables: ShownTable[] = [];
    if (measures?.means) {
        const { over, rows } = measures.means;
        const axes = [...new Set(rows.flatMap(({ labels }) => Object.keys(labels)))];
        tables.push({
            caption: `Means over ${over}`,
            head: [...axes, ...measures.names, 'n'],
            rows: rows.map(({ labels, values }) => [
                ...axes.map((axis) => labels[axis] ?? ''),
                ...values.map((one) =>
                    one
                        ? [one.mean, one.deviation].flatMap((n) => (n === undefined ? [] : rounded(n))).join(' ± ')
                        : '–',
                ),
                `${Math.max(0, ...values.map((one) => one?.n ?? 0))}`,
            ]),
        });
    }
    if (measures) {
        const labelsOf = (cell: number) => pictures.find((one) => one.cell === cell)?.labels ?? {};
        const axes = [...new Set(measures.cells.flatMap(({ cell }) => Object.keys(labelsOf(cell))))];
        tables.push({
            caption: 'Measures',
            head: [...axes, ...measures.names],
            rows: measures.cells.map(({ cell, values }) => [
                ...axes.map((axis) => labelsOf(cell)[axis] ?? ''),
                ...values.map((value) => (value === null ? '–' : rounded(value))),
            ]),
        });
    }
    if (scan) {
        const axes = [...new Set(scan.flatMap(({ row }) => Object.keys(row ?? {})))];
        tables.push({
            caption: 'Scan',
            head: ['layer', ...axes, 'moved', 'ssim to plain', 'towards'],
            rows: [...scan]
                .sort((a, b) => b.moved - a.moved)
                .map(({ label, row = {}, moved, ssim, towards }) => [
                    label,
                    ...axes.map((axis) => row[axis] ?? ''),
                    rounded(moved),
                    rounded(ssim),
                    towards === undefined ? '–' : `${(100 * towards).toFixed(1)} %`,
                ]),
        });
    }
    return tables.map((table) => ({ ...table, rows: table.rows.slice(0, MAX_ROWS) }));
}

function rounded(value: number): string {
    return Number.isInteger(value) ? `${value}` : value.toFixed(Math.abs(value) >= 10 ? 1 : 3);
}
