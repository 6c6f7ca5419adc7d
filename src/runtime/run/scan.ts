/** Scans measured: how far each cell of a sweep moved from its plain picture, and how far towards the bias picture. */

import type { Cell } from '../../plan/cells.ts';
import type { SweepPlan } from '../../plan/plan.ts';
import { ssim } from '../pictures/compare.ts';
import type { Rgb } from '../pictures/picture.ts';

/** One cell against the plain picture of its row. */
export interface ScanMeasure {
    readonly cell: number;
    readonly label: string;
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
        const plain = cells.find((other) => isPlainOf(other, cell, baseline));
        if (label === undefined || !plain || plain === cell) continue;
        const [picture, start] = [await pictures.made(cell), await pictures.made(plain)];
        const [here, there] = [await pictures.encode(picture, cell), await pictures.encode(start, plain)];
        const bias = await meanLatents(await pictures.bias(cell), cell, pictures);
        measures.push({
            cell: cell.index,
            label,
            moved: distance(here, there),
            ssim: ssim(picture, start),
            ...(bias ? { towards: 1 - distance(here, bias) / distance(there, bias) } : {}),
        });
    }
    return measures;
}

/** The table for readers, most moved first. */
export function scanTable(measures: readonly ScanMeasure[]): string {
    const rows = [...measures]
        .sort((a, b) => b.moved - a.moved)
        .map((measure) => {
            const towards = measure.towards === undefined ? '–' : `${(100 * measure.towards).toFixed(1)} %`;
            return `| ${measure.label} | ${measure.moved.toFixed(3)} | ${measure.ssim.toFixed(3)} | ${towards} |`;
        });
    return [
        '| layer | moved (latent rms) | ssim to plain | towards the bias picture |',
        '|---|---:|---:|---:|',
        ...rows,
        '',
    ].join('\n');
}

function isPlainOf(other: Cell, cell: Cell, { axis, value }: NonNullable<SweepPlan['baseline']>): boolean {
    const labels = other.labels ?? {};
    if (labels[axis] !== value) return false;
    return Object.entries(cell.labels ?? {}).every(([name, label]) => name === axis || labels[name] === label);
}

async function meanLatents(
    bias: readonly Rgb[],
    cell: Cell,
    { encode }: ScanPictures,
): Promise<Float32Array | undefined> {
    if (bias.length === 0) return undefined;
    const all = await Promise.all(bias.map((picture) => encode(picture, cell)));
    return all[0]!.map((_, i) => all.reduce((sum, latents) => sum + latents[i]!, 0) / all.length);
}

function distance(a: Float32Array, b: Float32Array): number {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
    return Math.sqrt(sum / a.length);
}
