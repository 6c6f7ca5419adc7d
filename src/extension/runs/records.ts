/** Runs on disk, as the editor reads them: what a run was asked to do, and where its files are. */
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { RUNS_FOLDER, type Run, type Work } from '../../plan/run.ts';
import {
    deleteRun,
    listRuns,
    readMark,
    readRun,
    runFolder,
    runsFolder,
    type StoredRun,
} from '../../runtime/run/runs.ts';
import { stateWord } from './state-words.ts';

export type { StoredRun };
export { deleteRun, readMark };

/** Records of all runs, for a watcher of files. */
export const RECORDS_GLOB = `**/${RUNS_FOLDER}/*/*/record.json`;

/** Records that are kept, some five kilobytes each; those of more runs are read whenever they are listed. */
const MAX_KEPT = 2000;

/** Complete runs by folder: views list all runs with every turn of one, and these stay as they are. */
const complete = new Map<string, { readonly stamp: string; readonly run: StoredRun }>();

/** The run in a folder, as the runtime reads it. */
export function runIn(folder: string): StoredRun | undefined {
    const stamp = stampOf(folder);
    const known = complete.get(folder);
    if (known && known.stamp === stamp) return known.run;
    const run = readRun(folder);
    complete.delete(folder);
    // Lists go through all of them in one order: to let the oldest go would let each go before it is asked for again.
    if (run?.state === 'complete' && stamp && complete.size < MAX_KEPT) complete.set(folder, { stamp, run });
    return run;
}

/** All runs, or those of one runnable, the latest first. */
export function runsIn(runs: string, name?: string): readonly StoredRun[] {
    const found = listRuns(runs, name, runIn);
    if (name === undefined) forgetDeleted(runs, found);
    return found;
}

/** Lets go of runs whose folder is no longer there. */
function forgetDeleted(runs: string, found: readonly StoredRun[]): void {
    const there = new Set(found.map(({ folder }) => folder));
    for (const folder of complete.keys()) {
        if (folder.startsWith(runs + sep) && !there.has(folder)) complete.delete(folder);
    }
}

/** Changes with the record, and with the names of the files beside it. */
function stampOf(folder: string): string | undefined {
    try {
        const [record, names] = [statSync(join(folder, 'record.json')), statSync(folder)];
        return `${record.ino} ${record.size} ${record.mtimeMs} ${names.mtimeMs}`;
    } catch {
        return undefined;
    }
}

/** Where the pictures of this work are, given its spec's folder. */
export function folderOf(base: string, { name, work }: Run): string {
    return runFolder(runsFolder(base), name, work);
}

/** The folder of all runs of the specs in a folder. */
export function runsFolderOf(base: string): string {
    return runsFolder(base);
}

/** The runs of one runnable of a spec, the latest first. */
export function runsOf(base: string, name: string, spec: string | undefined): readonly StoredRun[] {
    const all = runsIn(runsFolder(base), name);
    return all.filter(({ record }) => !spec || !record.spec || record.spec === spec);
}

/** The spec's folder of a run's folder: `<base>/.sdspec/runs/<name>/<digest>`. */
export function baseOf(folder: string): string {
    return dirname(dirname(dirname(dirname(folder))));
}

/** Whether a folder can be a run's: names from outside are checked before anything is read. */
export function isRunFolder(folder: string): boolean {
    const [runs, sdspec] = [dirname(dirname(folder)), dirname(dirname(dirname(folder)))];
    return runs.endsWith(`${sep}runs`) && sdspec.endsWith(`${sep}.sdspec`) && join(folder) === folder;
}

/** A file of a run, absolute; undefined for names that lead out of its folder. */
export function fileOf(folder: string, file: string): string | undefined {
    const path = join(folder, file);
    return path.startsWith(folder + sep) ? path : undefined;
}

/** What the run was asked to do, as its `plan.json` says. */
export async function readWork(folder: string): Promise<Work | undefined> {
    try {
        const plan = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8')) as Partial<Run> | Work;
        if ('work' in plan && plan.work) return plan.work;
        return 'kind' in plan ? plan : undefined;
    } catch {
        return undefined;
    }
}

/** How a run is named in lists. */
export function runLabel({ record, state }: StoredRun): string {
    const when = new Date(record.started).toLocaleString([], { dateStyle: 'short', timeStyle: 'medium' });
    return state === 'complete' ? when : `${when} (${stateWord(state)})`;
}
