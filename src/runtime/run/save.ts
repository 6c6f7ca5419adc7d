/** Saving: a finished picture with its trace, and a sweep's contact sheet. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from '../../plan/cells.ts';
import { modelName } from '../../plan/model-names.ts';
import type { FileRef, PicturePlan, SweepPlan } from '../../plan/plan.ts';
import { isLearnResult } from '../../plan/plan.ts';
import type { MadePicture, TraceFrame } from '../events.ts';
import { crossedOut } from '../pictures/crossed-out.ts';
import type { Rgb } from '../pictures/picture.ts';
import type { SheetLayout } from '../pictures/sheet.ts';
import type { PictureHashes } from '../pictures/texts.ts';
import { writeWhole } from '../write-whole.ts';
import { cellDigest } from './cells/cell-digest.ts';
import type { FileDigests } from './inputs/file-digests.ts';
import { pathOf } from './inputs/inputs.ts';
import { insideFile } from './inputs/read-source.ts';
import { versions } from './machine.ts';
import { measureScan, type ScanPictures, scanTable } from './measures/scan.ts';
import type { RecordedFrame, RecordedPicture, RecordedTrace, RunRecord } from './record.ts';
import type { RunServices } from './run-services.ts';

/** Writes one picture, and its trace in a folder of its own, and gives what the record says about them. */
export async function saveCell(
    folder: string,
    cell: Cell,
    made: MadePicture,
    workshop: RunServices,
    hashes?: PictureHashes,
): Promise<RecordedPicture> {
    const { picture } = made;
    const texts = {
        plan: cell.plan,
        model: modelName(cell.plan.model),
        sdspec: versions()['sdspec'] ?? '',
        ...(hashes && { hashes }),
    };
    await writeWhole(join(folder, cell.file), await workshop.png(picture, texts));
    if (made.inside) await writeWhole(join(folder, insideFile(cell.file)), await workshop.png(made.inside));
    const trace = made.trace.length > 0 ? await saveTrace(folder, cell, made.trace, workshop) : undefined;
    return {
        cell: cell.index,
        seed: cell.seed,
        file: cell.file,
        width: picture.width,
        height: picture.height,
        sha256: made.pixelsSha256,
        phash: await workshop.phash(picture),
        seconds: Math.round(made.seconds * 1000) / 1000,
        plan: cellDigest(cell),
        ...(made.latentDigests.length > 0 ? { latents: made.latentDigests.join(' ') } : {}),
        ...(cell.labels ? { labels: cell.labels } : {}),
        ...(trace ? { trace } : {}),
    };
}

/** `<picture>/step-005-noisy.png` and so on, and the strip of all: noisy pictures above, their completions below. */
async function saveTrace(
    folder: string,
    cell: Cell,
    frames: readonly TraceFrame[],
    workshop: RunServices,
): Promise<RecordedTrace> {
    const name = cell.file.replace(/\.png$/, '');
    const save = async (after: number, what: string, picture: Rgb) => {
        const file = free(
            `${name}/step-${String(after).padStart(3, '0')}-${what.replace(/[^\w-]+/g, '-').slice(0, 80)}`,
        );
        await writeWhole(join(folder, file), await workshop.png(picture));
        return file;
    };
    /** Words that differ by signs alone would have one file. */
    const taken = new Set<string>();
    const free = (stem: string) => {
        let file = `${stem}.png`;
        for (let number = 2; taken.has(file.toLowerCase()); number++) file = `${stem}-${number}.png`;
        taken.add(file.toLowerCase());
        return file;
    };
    const recorded: RecordedFrame[] = [];
    for (const { after, noisy, completed, finished, attention, gradient } of frames) {
        const saveMaps = async (kind: string, maps: Readonly<Record<string, Rgb>> = {}) => {
            const files: [string, string][] = [];
            for (const [word, map] of Object.entries(maps)) {
                files.push([word, await save(after, `${kind}-${word}`, map)]);
            }
            return files.length > 0 ? { [kind]: Object.fromEntries(files) } : {};
        };
        recorded.push({
            after,
            noisy: await save(after, 'noisy', noisy),
            ...(completed ? { completed: await save(after, 'completed', completed) } : {}),
            ...(finished ? { finished: await save(after, 'finished', finished) } : {}),
            ...(await saveMaps('attention', attention)),
            ...(await saveMaps('gradient', gradient)),
        });
    }
    const rows = [
        frames.map(({ noisy }) => noisy),
        frames.flatMap(({ completed }) => completed ?? []),
        frames.flatMap(({ finished }) => finished ?? []),
    ].filter((row) => row.length === frames.length);
    const strip = `${name}-strip.png`;
    await writeWhole(join(folder, strip), await workshop.png(await workshop.strip(rows)));
    return { strip, frames: recorded };
}

/** What shows all cells of a sweep together: the labelled contact sheet, and an animation where it is asked for. */
export async function saveTogether(
    folder: string,
    sweep: SweepPlan,
    cells: readonly Cell[],
    record: RunRecord,
    workshop: RunServices,
): Promise<Pick<RunRecord, 'sheet' | 'animation'>> {
    const pictures = new Map<number, Rgb>();
    for (const { cell, file } of record.pictures) pictures.set(cell, await workshop.readPicture(join(folder, file)));
    const shown = new Map(cells.map((cell) => [cell.index, pictures.get(cell.index) ?? crossedOut(cell.plan.size)]));
    const layout = layOut(sweep, cells, shown);
    const title = [record.name, layout.title].filter(Boolean).join(' · ');
    const sheet = await workshop.sheet({ ...layout, title });
    await writeWhole(join(folder, 'sheet.png'), await workshop.png(sheet));
    if (!sweep.animate) return { sheet: 'sheet.png' };
    const animation = await workshop.animation(cells.flatMap(({ index }) => pictures.get(index) ?? []));
    await writeWhole(join(folder, 'sweep.webp'), animation);
    return { sheet: 'sheet.png', animation: 'sweep.webp' };
}

/** More pictures than this in a sweep of one axis are laid out in several rows. */
const MAX_ROW = 8;

function wrapped(
    axis: string,
    places: readonly { readonly index: number; readonly label: string }[],
    made: ReadonlyMap<number, Rgb>,
): SheetLayout {
    const across = places.length <= MAX_ROW ? places.length : Math.ceil(Math.sqrt(1.4 * places.length));
    return {
        title: axis,
        columns: Array<string>(across).fill(''),
        rows: Array<string>(Math.ceil(places.length / across)).fill(''),
        pictures: places.map(({ index }) => made.get(index)),
        captions: places.map(({ label }) => label),
    };
}

/** Measures a scan and writes its table; nothing for other sweeps. */
export async function saveScan(
    folder: string,
    sweep: SweepPlan,
    cells: readonly Cell[],
    pictures: ScanPictures,
): Promise<Pick<RunRecord, 'scan'>> {
    const scan = await measureScan(sweep, cells, pictures);
    if (scan.length === 0) return {};
    await writeWhole(join(folder, 'scan.md'), scanTable(scan));
    return { scan };
}

/** One axis across, all others down. */
function layOut(
    { axes, columns: chosen }: SweepPlan,
    cells: readonly Cell[],
    made: ReadonlyMap<number, Rgb>,
): SheetLayout {
    const across = chosen ?? axes.at(-1)?.name ?? 'seed';
    const places = cells.map(({ index, labels = {} }) => {
        const down = Object.entries(labels).filter(([name]) => name !== across);
        const column = `${across} ${labels[across] ?? ''}`.trim();
        return { index, column, label: labels[across] ?? '', row: down.map((pair) => pair.join(' ')).join('\n') };
    });
    const columns = [...new Set(places.map(({ column }) => column))];
    const rows = [...new Set(places.map(({ row }) => row))];
    if (rows.length === 1 && columns.length > MAX_ROW) return wrapped(across, places, made);
    // Zipped axes would leave most of a grid empty: in reading order, each picture under all of its values.
    if (rows.length > 1 && places.length < rows.length * columns.length) {
        return wrapped(
            '',
            places.map((place) => ({ ...place, label: `${place.row}\n${place.column}` })),
            made,
        );
    }
    const pictures = rows.flatMap((row) =>
        columns.map((column) => {
            const place = places.find((one) => one.row === row && one.column === column);
            return place && made.get(place.index);
        }),
    );
    return { title: '', columns, rows, pictures };
}

// ── Hashes by which other tools and sites know the files ───────────────

/**
 * AutoV2 of a single-file model (10 digits of the file's sha256), AutoV3 of LoRAs (12 digits of the sha256 of a safetensors
 * file without its header), 12 digits of the sha256 of learned embeddings: as the web UI writes and Civitai finds them.
 * Files that can't be read have none.
 */
export async function hashesOf(plan: PicturePlan, base: string, digests: FileDigests): Promise<PictureHashes> {
    const { model, adapters, embeddings } = plan;
    const shortened = async (file: FileRef, digits: number, digest: (path: string) => Promise<string>) => {
        const path = pathOf(base, file.path);
        if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return [];
        const sha256 = await digest(path).catch(() => undefined);
        return sha256 === undefined ? [] : [sha256.slice(0, digits)];
    };
    const [modelHash] = model.kind === 'file' ? await shortened(model, 10, digests.of) : [];
    const loras: Record<string, string> = {};
    for (const { file } of adapters) {
        if (isLearnResult(file)) continue;
        for (const hash of await shortened(file, 12, digests.ofTensors)) loras[file.path] = hash;
    }
    const tokens: Record<string, string> = {};
    for (const { token, file } of embeddings) {
        if (isLearnResult(file)) continue;
        for (const hash of await shortened(file, 12, digests.of)) tokens[token] = hash;
    }
    return { ...(modelHash ? { model: modelHash } : {}), loras, embeddings: tokens };
}
