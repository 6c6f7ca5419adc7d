/** `sdspec runs`: lists what was made; `sdspec clean`: deletes what is not needed any more. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { count, sizeWords, timeWords } from '../../plan/amounts.ts';
import { readLock } from '../../runtime/run/lock/lock.ts';
import { deleteRun, listRuns, readMark, refuseLinks, runsFolder, type StoredRun } from '../../runtime/run/runs.ts';
import { type Call, type Command, EXIT, UsageError } from '../command.ts';

export const runs: Command = {
    name: 'runs',
    arguments: '[FILE or FOLDER] [NAME…]',
    summary: 'Lists the runs of a folder: name, age, size and state.',
    help: `The latest run is first. A folder is a spec's; that of a FILE is its own, and without either it is this one.

Examples:
  sdspec runs
  sdspec runs experiments turtle --json`,
    options: {
        out: { short: 'o', value: 'FOLDER', help: 'The folder of runs, where it is not .sdspec/runs.' },
        json: { help: 'Writes the runs as JSON.' },
    },
    async run(call) {
        const { found, base } = storedRuns(call);
        if (call.flag('json')) {
            console.log(JSON.stringify(found.map(summaryOf), null, 2));
            return EXIT.done;
        }
        if (found.length === 0) console.error(`sdspec: ${base} has no runs.`);
        else for (const line of tableOf(found)) console.log(line);
        return EXIT.done;
    },
};

export const clean: Command = {
    name: 'clean',
    arguments: '[FILE or FOLDER] [NAME…]',
    summary: 'Deletes old runs: all that the lock and the newest run of each name do not need.',
    help: `Of each name the newest complete run is kept, with those that sdspec.lock names, those that have a star or a note in the
editor, and those that are running. The others are listed; --yes deletes them, with their pictures.

Examples:
  sdspec clean                        what would be deleted
  sdspec clean experiments --yes`,
    options: {
        out: { short: 'o', value: 'FOLDER', help: 'The folder of runs, where it is not .sdspec/runs.' },
        yes: { short: 'y', help: 'Deletes what is listed.' },
    },
    async run(call) {
        const { found, base, runs: folder } = storedRuns(call);
        const old = notNeeded(found, base);
        if (old.length === 0) {
            console.error('sdspec: every run is needed by the lock, a star or a note, or is the newest of its name.');
            return EXIT.done;
        }
        for (const line of tableOf(old)) console.log(line);
        const all = `${count(old.length, 'run')}, ${sizeWords(old.reduce((sum, { folder }) => sum + sizeOf(folder), 0))}`;
        if (!call.flag('yes')) {
            console.error(`${all}. Nothing is deleted yet: add --yes.`);
            return EXIT.done;
        }
        for (const run of old) refuseLinks(base, folder, run.folder);
        for (const run of old) deleteRun(run);
        console.error(`${all} deleted.`);
        return EXIT.done;
    },
};

/** Of each name: all but the newest complete run, what the lock names, what has a star or a note, and what is running. */
function notNeeded(found: readonly StoredRun[], base: string): readonly StoredRun[] {
    const locked = new Set(readLock(base).flatMap((entry) => ('plan' in entry ? [`${entry.name} ${entry.plan}`] : [])));
    const newest = new Map<string, StoredRun>();
    for (const run of found) {
        if (run.state === 'complete' && !newest.has(run.record.name)) newest.set(run.record.name, run);
    }
    return found.filter(
        (run) =>
            run.state !== 'running' &&
            newest.get(run.record.name) !== run &&
            !isMarked(run) &&
            !locked.has(`${run.record.name} ${run.record.digest.slice(0, 16)}`),
    );
}

function isMarked({ folder }: StoredRun): boolean {
    const { star, note } = readMark(folder);
    return star || note !== '';
}

interface FoundRuns {
    readonly found: readonly StoredRun[];
    readonly base: string;
    /** The folder of runs. */
    readonly runs: string;
}

function storedRuns(call: Call): FoundRuns {
    const [first, ...names] = call.words;
    const path = resolve(first ?? '.');
    if (!existsSync(path)) throw new UsageError(`There is no file or folder ${first}.`);
    const base = statSync(path).isDirectory() ? path : dirname(path);
    const out = call.value('out');
    const runs = runsFolder(base, out === undefined ? undefined : resolve(out));
    const all = listRuns(runs);
    for (const name of names) {
        if (all.some(({ record }) => record.name === name)) continue;
        const there = [...new Set(all.map(({ record }) => record.name))].join(', ');
        throw new UsageError(
            `There is no run of ${name}. ${there ? `There are runs of ${there}.` : 'There are none at all.'}`,
        );
    }
    return { found: names.length > 0 ? all.filter(({ record }) => names.includes(record.name)) : all, base, runs };
}

function summaryOf({ folder, state, record }: StoredRun) {
    const { name, kind, digest, started, seconds, cells, pictures } = record;
    return {
        name,
        kind,
        digest,
        state,
        started,
        seconds,
        cells,
        pictures: pictures.length,
        ...readMark(folder),
        bytes: sizeOf(folder),
        folder,
    };
}

function tableOf(found: readonly StoredRun[]): readonly string[] {
    const rows = found.map(({ folder, state, record }) => [
        record.name,
        record.digest.slice(0, 8),
        state,
        `${record.pictures.length}/${record.cells}`,
        sizeWords(sizeOf(folder)),
        `${age(record.started)} ago`,
        markText(folder),
    ]);
    const widths = rows[0]?.map((_, k) => Math.max(...rows.map((row) => row[k]!.length))) ?? [];
    return rows.map((row) =>
        row
            .map((text, k) => text.padEnd(widths[k]!))
            .join('  ')
            .trimEnd(),
    );
}

function markText(folder: string): string {
    const { star, note } = readMark(folder);
    return `${star ? '★ ' : ''}${note}`.trim();
}

function age(started: string): string {
    const seconds = Math.max(0, (Date.now() - Date.parse(started)) / 1000);
    return seconds < 2 * 86_400 ? timeWords(seconds) : `${Math.floor(seconds / 86_400)} days`;
}

/** Bytes of all files under a folder. */
function sizeOf(folder: string): number {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .reduce(
            (sum, { parentPath, name }) =>
                sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
            0,
        );
}
