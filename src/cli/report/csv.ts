/** Figures as CSV, one row for each picture. */
import { csvLine } from '../../plan/formats/csv.ts';
import type { RunRecord } from '../../runtime/run/record.ts';

/** Picture, axes, seed, measures, file and digest; undefined for a run without pictures. */
export function figuresCsv({ pictures, measures }: RunRecord): string | undefined {
    if (pictures.length === 0) return undefined;
    const axes = [...new Set(pictures.flatMap(({ labels = {} }) => Object.keys(labels)))];
    const values = new Map(measures?.cells.map(({ cell, values: own }) => [cell, own]));
    const names = measures?.names ?? [];
    // An axis may be the seed itself.
    const head = ['picture', ...axes, ...(axes.includes('seed') ? [] : ['seed']), ...names, 'file', 'sha256'];
    const rows = pictures.map(({ cell, labels = {}, seed, file, sha256 }) => [
        cell + 1,
        ...axes.map((axis) => labels[axis] ?? ''),
        ...(axes.includes('seed') ? [] : [seed]),
        ...names.map((_, k) => values.get(cell)?.[k] ?? ''),
        file,
        sha256,
    ]);
    return [head, ...rows].map(csvLine).join('');
}
