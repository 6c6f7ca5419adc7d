/** Measures of a sweep: a number per picture, and their means over an axis. */
import { join } from 'node:path';
import { type Cell, cellsOf } from '../../../plan/cells.ts';
import { digest } from '../../../plan/digest.ts';
import { withAllMade } from '../../../plan/parts.ts';
import type { PictureSource, SweepPlan } from '../../../plan/plan.ts';
import { assertNever } from '../../../plan/problem.ts';
import type { Measure, Measuring } from '../../../plan/run.ts';
import { madeIn } from '../../../plan/sources.ts';
import type { Rgb } from '../../pictures/picture.ts';
import { covering, toUnit } from '../../pictures/pixels.ts';
import { writeWhole } from '../../write-whole.ts';
import { checkInputs, pathOf } from '../inputs/inputs.ts';
import { readSource } from '../inputs/read-source.ts';
import { makeAllSeeds, makeSources } from '../make-first.ts';
import type { RunRecord } from '../record.ts';
import type { MadeFirstContext } from '../run-context.ts';
import type { RecordedMeans, RecordedMeasures } from './recorded.ts';
import { plainOf } from './scan.ts';
import { distanceOf, statisticsOf } from './statistics.ts';
import { csvOf, markdownOf } from './tables.ts';

/** Peak signal-to-noise ratio of equal pictures, which have none. */
const MOST_PSNR = 100;

/**
 * Measures the finished pictures of a sweep and writes `measures.csv` and `measures.md` into its folder. What an earlier
 * run of the same pictures measured is taken from the record.
 */
export async function measureSweep(
    sweep: SweepPlan,
    measuring: Measuring,
    record: RunRecord,
    folder: string,
    making: MadeFirstContext,
): Promise<RecordedMeasures> {
    const basis = await basisOf(measuring, record, making);
    if (record.measures?.basis === basis) return record.measures;
    const pictures = new Map(record.pictures.map((one) => [one.cell, one]));
    const cells = cellsOf(sweep).filter(({ index }) => pictures.has(index));
    const bench = openBench(sweep, cells, folder, making);
    const values: { cell: number; values: (number | null)[] }[] = [];
    for (const cell of cells) {
        making.signal.throwIfAborted();
        const row: (number | null)[] = [];
        for (const measure of measuring.measures) row.push(finite(await bench.measure(measure, cell)));
        values.push({ cell: cell.index, values: row });
    }
    const names = measuring.measures.map(({ name }) => name);
    const means = measuring.mean === undefined ? undefined : meansOver(measuring.mean, cells, values);
    const measured = { names, cells: values, ...(means ? { means } : {}), files: FILES, basis };
    const labels = new Map(cells.map(({ index, labels: own = {}, seed }) => [index, { ...own, seed: `${seed}` }]));
    await writeWhole(join(folder, 'measures.csv'), csvOf(measured, labels));
    await writeWhole(join(folder, 'measures.md'), markdownOf(measured, labels));
    return measured;
}

const FILES = ['measures.csv', 'measures.md'] as const;

function finite(value: number): number | null {
    return Number.isFinite(value) ? value : null;
}

async function basisOf(measuring: Measuring, { pictures }: RunRecord, making: MadeFirstContext): Promise<string> {
    const { request, digests } = making;
    const inputs: unknown[] = [];
    for (const source of measuring.measures.flatMap(sourcesOf)) {
        const root = rootOf(source);
        if (root.kind === 'file') inputs.push(await digests.of(pathOf(request.base, root.path)));
        else for (const work of withAllMade(root.plan)) inputs.push(await checkInputs(work, request.base, digests));
    }
    return digest({ measuring, pictures: pictures.map(({ cell, sha256 }) => [cell, sha256]), inputs });
}

type Root = Extract<PictureSource, { kind: 'file' | 'made' }>;

function rootOf(source: PictureSource): Root {
    return source.kind === 'edges' || source.kind === 'inside' ? rootOf(source.of) : source;
}

/** The pictures that a measure compares with. */
function sourcesOf(measure: Measure): readonly PictureSource[] {
    switch (measure.kind) {
        case 'ssim':
        case 'psnr':
        case 'phash':
            return [measure.to];
        case 'moved':
            return measure.from ? [measure.from] : [];
        case 'towards':
            return measure.from ? [measure.to, measure.from] : [measure.to];
        case 'subject':
            return [];
        default:
            return assertNever(measure);
    }
}

interface Bench {
    measure(measure: Measure, cell: Cell): Promise<number>;
}

/** Pictures and latents are read and encoded once each. */
function openBench(sweep: SweepPlan, cells: readonly Cell[], folder: string, making: MadeFirstContext): Bench {
    const { request, workshop } = making;
    const seeds = [...new Set(cells.map(({ seed }) => seed))];
    const known = new Map<string, Promise<unknown>>();
    const once = <Value>(key: string, make: () => Promise<Value>): Promise<Value> => {
        const value = (known.get(key) as Promise<Value> | undefined) ?? make();
        known.set(key, value);
        return value;
    };
    const picture = (cell: Cell) => once(`cell ${cell.index}`, () => workshop.readPicture(join(folder, cell.file)));

    /** A picture to compare with, on the canvas of a cell. */
    const reference = async (source: PictureSource, cell: Cell): Promise<Rgb> => {
        const { width, height } = cell.plan.size;
        const key = `${digest(source)} ${source.kind === 'made' ? cell.seed : ''} ${width}x${height}`;
        return once(key, async () => {
            if (source.kind === 'made') {
                const files = await once(`all ${digest(source.plan)}`, () => makeAllSeeds(source, seeds, making));
                return covering(await workshop.readPicture(files.get(cell.seed)!), cell.plan.size);
            }
            const made = await makeSources(madeIn(source), making);
            return covering(await readSource(source, request.base, made, workshop), cell.plan.size);
        });
    };
    const encoded = (key: string, cell: Cell, read: () => Promise<Rgb>) =>
        once(`latents ${digest(cell.plan.model)} ${key}`, async () => {
            const { device = 'auto', threads } = request.options ?? {};
            const options = { base: request.base, device, expectedCalls: 1, ...(threads ? { threads } : {}) };
            const model = await workshop.openModel(cell.plan.model, options);
            const { mean } = await model.encodeImage(toUnit(await read()));
            return mean.data.map((value) => value * model.checkpoint.latentScale);
        });
    const latents = (cell: Cell) => encoded(`cell ${cell.index}`, cell, () => picture(cell));
    const latentsOf = (source: PictureSource, cell: Cell) => {
        const { width, height } = cell.plan.size;
        const key = `${digest(source)} ${source.kind === 'made' ? cell.seed : ''} ${width}x${height}`;
        return encoded(key, cell, () => reference(source, cell));
    };
    /** Where the way of a cell begins: a picture, or the plain one of its row. */
    const begin = async (from: PictureSource | undefined, cell: Cell): Promise<Float32Array | undefined> => {
        if (from) return latentsOf(from, cell);
        const plain = sweep.baseline && plainOf(cell, cells, sweep.baseline);
        return plain && latents(plain);
    };

    return {
        async measure(measure, cell) {
            switch (measure.kind) {
                case 'ssim':
                    return workshop.ssim(await picture(cell), await reference(measure.to, cell));
                case 'psnr':
                    return Math.min(MOST_PSNR, workshop.psnr(await picture(cell), await reference(measure.to, cell)));
                case 'phash': {
                    const [a, b] = [await picture(cell), await reference(measure.to, cell)];
                    return workshop.phashDistance(await workshop.phash(a), await workshop.phash(b));
                }
                case 'moved': {
                    const from = await begin(measure.from, cell);
                    return from ? distanceOf(await latents(cell), from) : Number.NaN;
                }
                case 'towards': {
                    const from = await begin(measure.from, cell);
                    const to = await latentsOf(measure.to, cell);
                    return from ? 1 - distanceOf(await latents(cell), to) / distanceOf(from, to) : Number.NaN;
                }
                case 'subject':
                    return (await workshop.subjects(await picture(cell)))[measure.label] ?? Number.NaN;
                default:
                    return assertNever(measure);
            }
        },
    };
}

/** Rows of all that the other axes are, in the order of the cells. */
function meansOver(over: string, cells: readonly Cell[], values: RecordedMeasures['cells']): RecordedMeans {
    const rows = new Map<
        string,
        { labels: Readonly<Record<string, string>>; values: (readonly (number | null)[])[] }
    >();
    for (const [k, { labels = {} }] of cells.entries()) {
        const { [over]: _, ...others } = labels;
        const key = JSON.stringify(others);
        const row = rows.get(key) ?? { labels: others, values: [] };
        row.values.push(values[k]!.values);
        rows.set(key, row);
    }
    return {
        over,
        rows: [...rows.values()].map(({ labels, values: all }) => ({
            labels,
            values: all[0]!.map((_, m) => statisticsOf(all.flatMap((one) => one[m] ?? [])) ?? null),
        })),
    };
}
