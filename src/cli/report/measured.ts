/** Measures of a sweep as charts and as a table. */
import { escaped } from '../../plan/formats/markup.ts';
import type { SweepPlan } from '../../plan/plan.ts';
import type { RunRecord } from '../../runtime/run/record.ts';
import { type ChartLine, chartOf, MAX_LINES } from './charts.ts';
import { table } from './html.ts';

/** More rows are in the CSV file alone. */
const MAX_ROWS = 60;

export function measuresOf(record: RunRecord, sweep: SweepPlan): string {
    const { measures } = record;
    if (!measures) return '';
    const charts = measures.names.map((name, k) => chartOfMeasure(name, k, record, sweep));
    return [...charts, tableOf(record, sweep), meansOf(record)].filter(Boolean).join('\n');
}

function chartOfMeasure(name: string, k: number, { measures, pictures }: RunRecord, sweep: SweepPlan): string {
    const across = sweep.columns ?? sweep.axes.at(-1)?.name;
    const axis = sweep.axes.find((one) => one.name === across);
    if (!across || !axis || axis.values.length < 2) return '';
    const numbers = axis.values.map(Number);
    const isNumeric = numbers.every((value, i) => Number.isFinite(value) && axis.values[i]!.trim() !== '');
    const at = new Map(axis.values.map((value, i) => [value, isNumeric ? numbers[i]! : i]));
    const values = new Map(measures!.cells.map(({ cell, values: own }) => [cell, own[k] ?? null]));
    const lines = new Map<string, { x: number; y: number }[]>();
    for (const { cell, labels = {} } of pictures) {
        const [x, y] = [at.get(labels[across] ?? ''), values.get(cell)];
        if (x === undefined || y === undefined || y === null) continue;
        const others = Object.entries(labels).filter(([one]) => one !== across);
        const line = others.map((pair) => pair.join(' ')).join(', ');
        lines.set(line, [...(lines.get(line) ?? []), { x, y }]);
    }
    const drawn: readonly ChartLine[] =
        lines.size <= MAX_LINES
            ? [...lines].map(([line, points]) => ({ name: line, points: sorted(points) }))
            : [{ name: `mean of ${lines.size}`, points: meansByX([...lines.values()].flat()) }];
    const ticks = axis.values.map((label) => ({ x: at.get(label)!, label }));
    return chartOf({ title: name, across, ticks, lines: drawn, marks: true });
}

function sorted<Point extends { readonly x: number }>(points: readonly Point[]): readonly Point[] {
    return [...points].sort((a, b) => a.x - b.x);
}

function meansByX(points: readonly { readonly x: number; readonly y: number }[]) {
    const byX = new Map<number, number[]>();
    for (const { x, y } of points) byX.set(x, [...(byX.get(x) ?? []), y]);
    return sorted([...byX].map(([x, ys]) => ({ x, y: ys.reduce((a, b) => a + b, 0) / ys.length })));
}

function tableOf({ measures, pictures }: RunRecord, { axes }: SweepPlan): string {
    const { names, cells } = measures!;
    if (cells.length > MAX_ROWS)
        return `<p class="quiet">The values of all ${cells.length} pictures are in the CSV file.</p>`;
    const values = new Map(cells.map(({ cell, values: own }) => [cell, own]));
    const head = [...axes.map(({ name }) => name), ...names].map(escaped);
    const rows = pictures.map(({ cell, labels = {} }) => [
        ...axes.map(({ name }) => escaped(labels[name] ?? '')),
        ...names.map((_, k) => figure(values.get(cell)?.[k] ?? null)),
    ]);
    return table(head, rows, 'Measures of each picture');
}

function meansOf({ measures }: RunRecord): string {
    const means = measures?.means;
    if (!means || means.rows.length === 0) return '';
    const axes = Object.keys(means.rows[0]!.labels);
    const rows = means.rows.map(({ labels, values }) => [
        ...axes.map((axis) => escaped(labels[axis] ?? '')),
        ...values.map((one) => (one ? meanText(one) : '')),
    ]);
    return table(
        [...axes, ...measures.names].map(escaped),
        rows,
        `Means over ${escaped(means.over)}, with standard deviations`,
    );
}

function meanText({ mean, deviation }: { readonly mean: number; readonly deviation?: number }): string {
    return deviation === undefined ? figure(mean) : `${figure(mean)} ± ${figure(deviation)}`;
}

function figure(value: number | null): string {
    return value === null ? '' : String(Number(value.toPrecision(4)));
}
