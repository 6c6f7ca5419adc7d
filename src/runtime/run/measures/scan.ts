/** Scans measured: how far each cell of a sweep moved from its plain picture, and how far towards the bias picture. */

import type { Cell } from '../../../plan/cells.ts';
import type { SweepPlan } from '../../../plan/plan.ts';
import { ssim } from '../../pictures/compare.ts';
import type { Rgb } from '../../pictures/picture.ts';
import { distanceOf, meanOf, type Statistics, statisticsOf, withDeviation } from './statistics.ts';

/** One cell against the plain picture of its row. */
export interface ScanMeasure {
    readonly cell: number;
    readonly label: string;
    /** Values of the other axes, the seed among them; absent where there are none. */
    readonly row?: Readonly<Record<string, string>>;
    /** Root mean square distance of the pictures' latents (posterior means x scaling factor) from the plain picture's. */
    readonly moved: number;
    /** Structural similarity to the plain picture; 1 is equal. */
    readonly ssim: number;
    /**
     * The share of the way to the bias picture, in latents: 0 where the plain picture is, 1 at the bias picture,
     * negative where it moved away. Absent where nothing is infused.
     */
    readonly towards?: number;
}

/** What measuring needs of the pictures: finished ones, bias pictures on the canvas, and the model's encoder. */
export interface ScanPictures {
    made(cell: Cell): Promise<Rgb>;
    bias(cell: Cell): Promise<readonly Rgb[]>;
    /** Latents of a picture: posterior mean x scaling factor. */
    encode(picture: Rgb, cell: Cell): Promise<Float32Array>;
}

/** Measures every cell that has a plain picture; none where the sweep has no baseline. */
export async function measureScan(
    sweep: SweepPlan,
    cells: readonly Cell[],
    pictures: ScanPictures,
): Promise<readonly ScanMeasure[]> {
    const { baseline } = sweep;
    if (!baseline) return [];
    const measures: ScanMeasure[] = [];
    for (const cell of cells) {
        const label = cell.labels?.[baseline.axis];
        const plain = plainOf(cell, cells, baseline);
        if (label === undefined || !plain || plain === cell) continue;
        const [picture, start] = [await pictures.made(cell), await pictures.made(plain)];
        const [here, there] = [await pictures.encode(picture, cell), await pictures.encode(start, plain)];
        const bias = await meanLatents(await pictures.bias(cell), cell, pictures);
        const { [baseline.axis]: _, ...row } = cell.labels ?? {};
        measures.push({
            cell: cell.index,
            label,
            ...(Object.keys(row).length > 0 ? { row } : {}),
            moved: distanceOf(here, there),
            ssim: ssim(picture, start),
            ...(bias ? { towards: 1 - distanceOf(here, bias) / distanceOf(there, bias) } : {}),
        });
    }
    return measures;
}

/** The plain picture of a cell's row. */
export function plainOf(
    cell: Cell,
    cells: readonly Cell[],
    { axis, value }: NonNullable<SweepPlan['baseline']>,
): Cell | undefined {
    const same = (labels: Readonly<Record<string, string>>) =>
        Object.entries(cell.labels ?? {}).every(([name, label]) => name === axis || labels[name] === label);
    return cells.find(({ labels = {} }) => labels[axis] === value && same(labels));
}

/** The table for readers: the means of each layer over all rows, most moved first, and then every picture. */
export function scanTable(measures: readonly ScanMeasure[]): string {
    const rows = [...new Set(measures.flatMap(({ row }) => Object.keys(row ?? {})))];
    const single = lines(['layer', ...rows], measures, (one) => [
        one.label,
        ...rows.map((name) => one.row?.[name] ?? ''),
    ]);
    if (rows.length === 0) return single;
    const head = `Means over ${rows.join(', ')}, with standard deviations, n pictures each:`;
    return `${head}\n\n${meansTable(measures)}\nEach picture:\n\n${single}`;
}

const COLUMNS = ['moved (latent rms)', 'ssim to plain', 'towards the bias picture'];

function lines(
    names: readonly string[],
    measures: readonly ScanMeasure[],
    cellsOf: (one: ScanMeasure) => readonly string[],
): string {
    const rows = [...measures]
        .sort((a, b) => b.moved - a.moved)
        .map(
            (one) =>
                `| ${[...cellsOf(one), one.moved.toFixed(3), one.ssim.toFixed(3), percent(one.towards)].join(' | ')} |`,
        );
    return [...headOf(names, COLUMNS), ...rows, ''].join('\n');
}

function meansTable(measures: readonly ScanMeasure[]): string {
    const labels = [...new Set(measures.map(({ label }) => label))];
    const means = labels.map((label) => {
        const own = measures.filter((one) => one.label === label);
        const of = (pick: (one: ScanMeasure) => number | undefined) =>
            statisticsOf(own.flatMap((one) => pick(one) ?? []));
        return { label, moved: of((one) => one.moved), ssim: of((one) => one.ssim), towards: of((one) => one.towards) };
    });
    const share = (one: Statistics | undefined) => (one ? withDeviation(one, (n) => percent(n)) : '–');
    const rows = means
        .sort((a, b) => (b.moved?.mean ?? 0) - (a.moved?.mean ?? 0))
        .map(({ label, moved, ssim: likeness, towards }) => {
            const fixed = (one: Statistics | undefined) => (one ? withDeviation(one, (n) => n.toFixed(3)) : '–');
            return `| ${label} | ${fixed(moved)} | ${fixed(likeness)} | ${share(towards)} | ${moved?.n ?? 0} |`;
        });
    return [...headOf(['layer'], [...COLUMNS, 'n']), ...rows, ''].join('\n');
}

function headOf(names: readonly string[], numbers: readonly string[]): readonly string[] {
    const marks = [...names.map(() => '---'), ...numbers.map(() => '---:')];
    return [`| ${[...names, ...numbers].join(' | ')} |`, `|${marks.join('|')}|`];
}

function percent(share: number | undefined): string {
    return share === undefined ? '–' : `${(100 * share).toFixed(1)} %`;
}

async function meanLatents(
    bias: readonly Rgb[],
    cell: Cell,
    { encode }: ScanPictures,
): Promise<Float32Array | undefined> {
    if (bias.length === 0) return undefined;
    return meanOf(await Promise.all(bias.map((picture) => encode(picture, cell))));
}
