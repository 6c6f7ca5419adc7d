/** Pictures that other runs of the folder have made already: a cell whose plan is the same is copied, not made again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Cell } from '../../../plan/cells.ts';
import { writeWhole } from '../../write-whole.ts';
import type { FileDigests } from '../inputs/file-digests.ts';
import { insideFile } from '../inputs/read-source.ts';
import { isSameDevice } from '../machine.ts';
import type { OpenRecord } from '../open-record.ts';
import type { RecordedFile, RecordedFrame, RecordedPicture, RecordedTrace } from '../record.ts';
import type { RunRequest, Supervision } from '../request.ts';
import type { RunServices } from '../run-services.ts';
import { readRun, type StoredRun } from '../runs.ts';
import { holdsForCells, pixelsOf } from '../up-to-date.ts';
import { cellDigest } from './cell-digest.ts';

/** The run that pictures are taken into. */
export interface ReuseContext extends Pick<Supervision, 'emit' | 'signal'> {
    readonly request: RunRequest;
    readonly folder: string;
    readonly workshop: Pick<RunServices, 'modelFiles' | 'readPicture' | 'phash'>;
    readonly digests: FileDigests;
    readonly record: OpenRecord;
}

/**
 * Copies what other runs have made of the cells, with its traces, and adds it to the record, which names the run that each
 * picture comes from. A picture is taken only where files, weights, versions, processor and the device asked for are those of
 * this run, and the file is the one that the other record describes. Returns the cells that are left to make. What is made of
 * them may show that this run's device is another one: then the record drops the copies.
 */
export async function reuseCells(
    cells: readonly Cell[],
    inputs: readonly RecordedFile[],
    making: ReuseContext,
): Promise<readonly Cell[]> {
    // Cells of one plan are several where values of an axis come to the same.
    const wanted = new Map<string, readonly Cell[]>();
    for (const cell of cells) wanted.set(cellDigest(cell), [...(wanted.get(cellDigest(cell)) ?? []), cell]);
    const copied = new Set<number>();
    const taken = new Map<string, number>();
    for (const folder of otherFolders(making.folder)) {
        if (copied.size === cells.length) break;
        making.signal.throwIfAborted();
        const stored = recordMentions(folder, wanted) ? readRun(folder) : undefined;
        const found = (stored?.record.pictures ?? []).filter(({ plan }) => plan !== undefined && wanted.has(plan));
        const left = cells.filter(({ index }) => !copied.has(index));
        if (!stored || found.length === 0 || !(await holds(stored, left, inputs, making))) continue;
        // Pictures of two devices are not mixed. Where nothing is left to make, no model is opened: the device is the other run's.
        const { device } = making.record.now;
        if (device.used !== '' && !isSameDevice(device, stored.record.device)) continue;
        making.record.watchDevice(() => stored.record.device);
        for (const picture of found) {
            for (const cell of wanted.get(picture.plan!)!) {
                if (copied.has(cell.index) || !(await take(stored, picture, cell, making))) continue;
                copied.add(cell.index);
                taken.set(stored.record.name, (taken.get(stored.record.name) ?? 0) + 1);
            }
        }
    }
    for (const [name, count] of taken) {
        const what = count === 1 ? '1 picture is' : `${count} pictures are`;
        making.emit({ kind: 'notice', text: `${what} taken from an earlier run of ${name}, whose plan is the same.` });
    }
    return cells.filter(({ index }) => !copied.has(index));
}

/** The folders of all other runs beside this one: `<runs>/<name>/<digest>`. */
function otherFolders(own: string): readonly string[] {
    const runs = dirname(dirname(own));
    return foldersIn(runs)
        .flatMap(foldersIn)
        .filter((folder) => folder !== own);
}

function foldersIn(folder: string): readonly string[] {
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(folder, name));
}

/** Whether a record is worth reading: most have none of the pictures. */
function recordMentions(folder: string, wanted: ReadonlyMap<string, unknown>): boolean {
    try {
        const text = readFileSync(join(folder, 'record.json'), 'utf8');
        return [...text.matchAll(/"plan": "([0-9a-f]{16})"/g)].some(([, plan]) => wanted.has(plan!));
    } catch {
        return false;
    }
}

function holds(
    stored: StoredRun,
    cells: readonly Cell[],
    inputs: readonly RecordedFile[],
    { request, digests, workshop }: ReuseContext,
): Promise<boolean> {
    const { base, options = {} } = request;
    return holdsForCells(stored, cells, {
        work: request.run.work,
        base,
        device: options.device ?? 'auto',
        inputs,
        digests,
        workshop,
    });
}

/** Copies one picture under the cell's own name; false where its file is not the recorded one. */
async function take(
    { folder, record }: StoredRun,
    picture: RecordedPicture,
    cell: Cell,
    making: ReuseContext,
): Promise<boolean> {
    const copy = async (from: string, to: string) =>
        writeWhole(join(making.folder, to), await readFile(join(folder, from)));
    try {
        const seen = making.digests.ofPixels(join(folder, picture.file), pixelsOf(making.workshop));
        const found = await seen.catch(() => '');
        if (found.split(' ')[0] !== picture.sha256) return false;
        const trace = picture.trace && renamed(picture.trace, picture.file, cell.file);
        if (trace) for (const [k, file] of filesOf(picture.trace!).entries()) await copy(file, filesOf(trace)[k]!);
        if (existsSync(join(folder, insideFile(picture.file)))) {
            await copy(insideFile(picture.file), insideFile(cell.file));
        }
        await copy(picture.file, cell.file);
        const { labels: _, trace: __, ...rest } = picture;
        await making.record.add({
            ...rest,
            cell: cell.index,
            seed: cell.seed,
            file: cell.file,
            from: picture.from ?? `${record.name}/${record.digest.slice(0, 16)}`,
            ...(cell.labels ? { labels: cell.labels } : {}),
            ...(trace ? { trace } : {}),
        });
    } catch (error) {
        // A file that went away meanwhile is made again; one that can't be written is reported when its picture is.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        return false;
    }
    making.emit({ kind: 'picture', cell: cell.index, file: join(making.folder, cell.file), seed: cell.seed });
    return true;
}

/** The trace of a picture by another name: its files begin with the name of their picture. */
function renamed({ strip, frames }: RecordedTrace, from: string, to: string): RecordedTrace {
    const [old, now] = [from, to].map((file) => file.replace(/\.png$/, '')) as [string, string];
    const file = (path: string) => (path.startsWith(old) ? now + path.slice(old.length) : path);
    const maps = (all: Readonly<Record<string, string>>) =>
        Object.fromEntries(Object.entries(all).map(([word, path]) => [word, file(path)]));
    return {
        strip: file(strip),
        frames: frames.map(
            ({ after, noisy, completed, finished, attention, gradient }): RecordedFrame => ({
                after,
                noisy: file(noisy),
                ...(completed ? { completed: file(completed) } : {}),
                ...(finished ? { finished: file(finished) } : {}),
                ...(attention ? { attention: maps(attention) } : {}),
                ...(gradient ? { gradient: maps(gradient) } : {}),
            }),
        ),
    };
}

/** All files of a trace, always in the same order. */
function filesOf({ strip, frames }: RecordedTrace): readonly string[] {
    return [
        strip,
        ...frames.flatMap(({ noisy, completed, finished, attention = {}, gradient = {} }) => [
            noisy,
            ...(completed ? [completed] : []),
            ...(finished ? [finished] : []),
            ...Object.values(attention),
            ...Object.values(gradient),
        ]),
    ];
}
