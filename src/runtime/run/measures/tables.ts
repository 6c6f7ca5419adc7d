/** Measures as tables: CSV for programs, Markdown for readers. */
import { csvLine } from '../../../plan/formats/csv.ts';
import type { RecordedMeasures } from './recorded.ts';
import { type Statistics, withDeviation } from './statistics.ts';

/** Values of the axes by cell, the seed among them. */
export type LabelsByCell = ReadonlyMap<number, Readonly<Record<string, string>>>;

type Measured = Pick<RecordedMeasures, 'names' | 'cells' | 'means'>;

/**
 * One line per picture: the values of the axes and the measures, or, where means are asked for, one per row of means with
 * `mean`, `deviation` and `n` of each measure.
 */
export function csvOf({ names, cells, means }: Measured, labels: LabelsByCell): string {
    const axes = axesOf(labels);
    const lines: (readonly string[])[] = [];
    if (means) {
        const others = axes.filter((axis) => means.rows.some(({ labels: own }) => axis in own));
        lines.push([...others, ...names.flatMap((name) => [`${name} mean`, `${name} deviation`, `${name} n`])]);
        for (const { labels: own, values } of means.rows) {
            const numbers = values.flatMap((one) => [text(one?.mean), text(one?.deviation), text(one?.n ?? 0)]);
            lines.push([...others.map((axis) => own[axis] ?? ''), ...numbers]);
        }
    } else {
        lines.push([...axes, ...names]);
        for (const { cell, values } of cells)
            lines.push([...axes.map((axis) => labels.get(cell)?.[axis] ?? ''), ...values.map(text)]);
    }
    return lines.map(csvLine).join('');
}

/** The means, where they are asked for, and every picture. */
export function markdownOf({ names, cells, means }: Measured, labels: LabelsByCell): string {
    const axes = axesOf(labels);
    const all = table(
        axes,
        names,
        cells.map(({ cell, values }) => [
            ...axes.map((axis) => labels.get(cell)?.[axis] ?? ''),
            ...values.map((value) => (value === null ? '–' : rounded(value))),
        ]),
    );
    if (!means) return all;
    const others = axes.filter((axis) => means.rows.some(({ labels: own }) => axis in own));
    const rows = means.rows.map(({ labels: own, values }) => [
        ...others.map((axis) => own[axis] ?? ''),
        ...values.map(meanText),
        `${Math.max(0, ...values.map((one) => one?.n ?? 0))}`,
    ]);
    const head = `Means over ${means.over}, with standard deviations:`;
    return `${head}\n\n${table(others, [...names, 'n'], rows)}\nEach picture:\n\n${all}`;
}

function meanText(one: Statistics | null): string {
    return one ? withDeviation(one, rounded) : '–';
}

function table(words: readonly string[], numbers: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    const marks = [...words.map(() => '---'), ...numbers.map(() => '---:')];
    return [line([...words, ...numbers]), `|${marks.join('|')}|`, ...rows.map(line), ''].join('\n');
}

function axesOf(labels: LabelsByCell): readonly string[] {
    return [...new Set([...labels.values()].flatMap(Object.keys))];
}

function text(value: number | null | undefined): string {
    return value === null || value === undefined ? '' : String(value);
}

function rounded(value: number): string {
    return Number.isInteger(value) ? `${value}` : value.toFixed(Math.abs(value) >= 10 ? 1 : 3);
}
