/** Runs on disk: `.sdspec/runs/<runnable>/<digest>/`, with the plan, the record and the pictures of each. */
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { rename, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, parse, relative } from 'node:path';
import { digest } from '../../plan/digest.ts';
import { RUNS_FOLDER, type Run, type Work } from '../../plan/run.ts';
import { isAlive } from '../claim.ts';
import { RunError } from '../run-error.ts';
import { writeWhole } from '../write-whole.ts';
import type { RecordState, RunRecord } from './record.ts';
import { recordIn } from './record-schema.ts';
import { sharedRun } from './shards/gather.ts';

/** How many hex digits of a digest name its folder: short enough for paths, long enough never to meet by chance. */
const NAME_DIGITS = 16;

/** A run found on disk. */
export interface StoredRun {
    /** Absolute. */
    readonly folder: string;
    readonly record: RunRecord;
    readonly state: StoredState;
}

/** `interrupted`: the record says that it runs, but its process is gone. */
export type StoredState = RecordState | 'interrupted';

/** Where the runs of the specs in the folder `base` are. */
export function runsFolder(base: string, out?: string): string {
    return out ?? join(base, RUNS_FOLDER);
}

/** Where one piece of work has its pictures; `runs` as `runsFolder` gives it. */
export function runFolder(runs: string, name: string, work: Work): string {
    return join(runs, name, digest(work).slice(0, NAME_DIGITS));
}

/** The folder of a mosaic's run that holds its tiles. */
export const TILES = 'tiles';

/** How many tiles of a mosaic are made, by whatever process, in the folder of its run. */
export function tilesOnDisk(folder: string): number {
    const tiles = join(folder, TILES);
    return existsSync(tiles) ? readdirSync(tiles).filter((file) => file.endsWith('.png')).length : 0;
}

/**
 * Refuses a run folder that is reached through a link: in a clone, a link named `.sdspec` could lead the pictures anywhere.
 * The folder that `--out` names is the user's choice and may be one.
 * @throws RunError `output/link`
 */
export function refuseLinks(
    base: string,
    runs: string,
    folder: string,
    fix = 'Remove the link, or name another folder with --out.',
): void {
    const top = runs === runsFolder(base) ? base : runs;
    for (let path = folder; path !== top && path !== dirname(path); path = dirname(path)) {
        if (!isLink(path)) continue;
        const message = `${relative(base, path)} is a link, so files would be written outside of the spec's folder. ${fix}`;
        throw new RunError('output/link', message);
    }
}

function isLink(path: string): boolean {
    try {
        return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    } catch {
        // Below a file: writing there says so.
        return false;
    }
}

/** The run of exactly this work, whatever its state. */
export function findRun(runs: string, name: string, work: Work): StoredRun | undefined {
    const found = readRun(runFolder(runs, name, work));
    return found?.record.digest === digest(work) ? found : undefined;
}

/**
 * The run in a folder; undefined where there is none or its record can't be read. What workers that share it have made
 * so far is part of it, before anyone has gathered it.
 */
export function readRun(folder: string): StoredRun | undefined {
    const own = readRecorded(folder);
    if (own?.state === 'complete') return own;
    const shared = sharedRun(folder);
    if (!shared) return own;
    const { record } = own && !shared.isAlive ? own : shared;
    const pictures = new Map([...(own?.record.pictures ?? []), ...shared.record.pictures].map((p) => [p.cell, p]));
    return {
        folder,
        record: { ...record, pictures: [...pictures.values()].sort((a, b) => a.cell - b.cell) },
        state: shared.isAlive ? 'running' : (own?.state ?? 'interrupted'),
    };
}

function readRecorded(folder: string): StoredRun | undefined {
    try {
        const record = recordIn(JSON.parse(readFileSync(join(folder, 'record.json'), 'utf8')));
        if (!record) return undefined;
        // A deleted picture is not there any more, whatever the record says.
        const pictures = record.pictures.filter(({ file }) => existsSync(join(folder, file)));
        const learnt = !record.learnt || existsSync(join(folder, record.learnt.file));
        const together = [record.sheet, record.animation].every((file) => !file || existsSync(join(folder, file)));
        const complete = record.state === 'complete' && pictures.length === record.cells && learnt && together;
        const state = complete || record.state !== 'complete' ? record.state : 'interrupted';
        return {
            folder,
            record: { ...record, pictures },
            state: state === 'running' && !isMaking(record, folder) ? 'interrupted' : state,
        };
    } catch {
        return undefined;
    }
}

/** A record of another machine that was not renewed for so long belongs to a process that is gone. */
const EXPIRES_MS = 90_000;

/** Whether the process of a running record lives: on this machine by its number, on another one by the age of its file. */
function isMaking({ host, process }: RunRecord, folder: string): boolean {
    if (host === undefined || host === hostname()) return isAlive(process);
    return Date.now() - statSync(join(folder, 'record.json')).mtimeMs < EXPIRES_MS;
}

/** Renews the age of a run's record: its process lives. */
export async function beatRecord(folder: string): Promise<void> {
    const now = new Date();
    await utimes(join(folder, 'record.json'), now, now);
}

/** What a stored run was made from; undefined where `plan.json` can't be read, or is not the plan of the record's digest. */
export function storedPlan({ folder, record }: StoredRun): Run | undefined {
    try {
        const run = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as Run;
        return digest(run.work) === record.digest ? run : undefined;
    } catch {
        return undefined;
    }
}

/** All runs, or those of one runnable, the latest first; `read` may remember what it has read before. */
export function listRuns(runs: string, name?: string, read = readRun): readonly StoredRun[] {
    const names = name === undefined ? foldersIn(runs) : [name];
    return names
        .flatMap((one) => foldersIn(join(runs, one)).map((folder) => read(join(runs, one, folder))))
        .filter((run) => run !== undefined)
        .sort((a, b) => (a.record.started < b.record.started ? 1 : -1));
}

/** Deletes a run with its pictures. */
export function deleteRun(run: StoredRun): void {
    // The record goes first, so that a half-deleted folder is no run.
    rmSync(join(run.folder, 'record.json'), { force: true });
    rmSync(run.folder, { recursive: true, force: true, maxRetries: 3 });
}

/** What a user says of a run. */
export interface RunMark {
    readonly star: boolean;
    /** One line; empty for none. */
    readonly note: string;
}

const MARK = 'mark.json';

/** The star and the note of a run; neither where there is none, or its file can't be read. */
export function readMark(folder: string): RunMark {
    try {
        const { star, note } = JSON.parse(readFileSync(join(folder, MARK), 'utf8')) as Partial<RunMark>;
        return { star: star === true, note: typeof note === 'string' ? note.replace(/\s+/g, ' ').trim() : '' };
    } catch {
        return { star: false, note: '' };
    }
}

/** Writes the star and the note of a run beside its record. */
export async function writeMark(folder: string, { star, note }: RunMark): Promise<void> {
    if (star || note) await writeWhole(join(folder, MARK), `${JSON.stringify({ star, note }, null, 2)}\n`);
    else rmSync(join(folder, MARK), { force: true });
}

/** Gives a file of a run's folder a name that no run uses, and returns it: what a user put there is not overwritten. */
export async function setAside(folder: string, file: string): Promise<string> {
    const { dir, name, ext } = parse(file);
    for (let number = 1; ; number++) {
        const kept = join(dir, `${name}.replaced-${number}${ext}`);
        if (existsSync(join(folder, kept))) continue;
        await rename(join(folder, file), join(folder, kept));
        return kept;
    }
}

/** Writes a run's record as a whole. */
export function writeRecord(folder: string, record: RunRecord): Promise<void> {
    return writeWhole(join(folder, 'record.json'), `${JSON.stringify(record, null, 2)}\n`);
}

/** Closes the record of a run that was cancelled by ending its process. */
export async function closeCancelled(folder: string, process: number): Promise<void> {
    const record = readRun(folder)?.record;
    if (record?.state !== 'running' || record.process !== process) return;
    await writeRecord(folder, { ...record, state: 'cancelled', finished: new Date().toISOString() });
}

/** Makes `.sdspec` ignore itself in git. */
export async function ignoreInGit(base: string): Promise<void> {
    const file = join(base, '.sdspec', '.gitignore');
    if (!existsSync(file)) await writeWhole(file, '*\n');
}

function foldersIn(folder: string): readonly string[] {
    if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
    return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name);
}
