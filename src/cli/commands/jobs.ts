/** `sdspec jobs`: what submitted runs do; `sdspec cancel`: takes them out of the queue. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readRun, tilesOnDisk } from '../../runtime/run/runs.ts';
import {
    cellFile,
    failureFile,
    jsonOf,
    latestShard,
    readFailures,
    readWorkers,
    type SharedCell,
    type SharedFailure,
} from '../../runtime/run/shards/shard-folder.ts';
import { type Call, type Command, EXIT, UsageError } from '../command.ts';
import { cancelJobs, lastingReason, type QueuedTask, queueOf } from '../slurm/slurm.ts';
import { listSubmissions } from '../slurm/submissions.ts';

type Listed = ReturnType<typeof listSubmissions>[number];

export const jobs: Command = {
    name: 'jobs',
    arguments: '[FILE or FOLDER] [NAME…]',
    summary: 'Shows submitted runs: what is made, who works on what, what waits and what failed.',
    help: `What is made and who works is read from the run's folder, so it is right whatever Slurm says; the queue is asked where
there is one.

Examples:
  sdspec jobs
  sdspec jobs table.sdspec table --log 91        the log of the worker that has picture 91`,
    options: {
        log: {
            value: 'PICTURE',
            help: 'The log of the worker that made, makes or failed to make this picture, counted from 1.',
        },
        json: { help: 'Writes what is known as JSON.' },
    },
    async run(call) {
        const { found } = submissionsOf(call);
        const log = call.value('log');
        if (log !== undefined) return printLog(found, log);
        if (found.length === 0) {
            console.error('sdspec: nothing was submitted from this folder.');
            return EXIT.done;
        }
        const queue = await queueOf(found.flatMap((one) => one.jobs)).catch((error: Error) => {
            console.error(`sdspec: the queue is not known. ${error.message}`);
            return [];
        });
        const states = found.map((one) => stateOf(one, queue));
        if (call.flag('json')) console.log(JSON.stringify(states, null, 2));
        else for (const state of states) for (const line of describe(state)) console.log(line);
        return EXIT.done;
    },
};

export const cancelCommand: Command = {
    name: 'cancel',
    arguments: '[FILE or FOLDER] [NAME…]',
    summary: 'Takes submitted runs out of the queue; finished pictures are kept.',
    help: `Workers stop after the step that they are at. Submitting again makes only what is missing.

Example:
  sdspec cancel table.sdspec table`,
    options: {},
    async run(call) {
        const { found } = submissionsOf(call);
        const ids = found.flatMap((one) => one.jobs);
        const queued = await queueOf(ids);
        if (queued.length === 0) {
            console.error('sdspec: none of them is in the queue.');
            return EXIT.done;
        }
        await cancelJobs([...new Set(queued.map(({ job }) => job))]);
        // scancel says nothing, whatever it did; jobs that are completing (CG) are on their way out.
        let left: readonly QueuedTask[] = queued;
        for (let round = 0; round < 20 && left.length > 0; round++) {
            await new Promise((done) => setTimeout(done, 500));
            left = (await queueOf(ids)).filter(({ state }) => state !== 'CG');
        }
        if (left.length === 0) console.error(`${queued.length} cancelled; finished pictures are kept.`);
        else {
            const jobs = [...new Set(left.map(({ job }) => job))].join(' ');
            console.error(`sdspec: still in the queue: ${left.map(({ id }) => id).join(', ')}. Try: scancel ${jobs}`);
        }
        return left.length === 0 ? EXIT.done : EXIT.failed;
    },
};

function submissionsOf(call: Call): { readonly found: readonly Listed[] } {
    const [first, ...names] = call.words;
    const path = resolve(first ?? '.');
    if (!existsSync(path)) throw new UsageError(`There is no file or folder ${first}.`);
    const isFolder = statSync(path).isDirectory();
    const all = listSubmissions(isFolder ? path : dirname(path));
    const ofFile = isFolder ? all : all.filter(({ spec }) => join(dirname(path), spec) === path);
    for (const name of names) {
        if (!ofFile.some((one) => one.name === name)) throw new UsageError(`No run of ${name} was submitted.`);
    }
    return { found: names.length > 0 ? ofFile.filter(({ name }) => names.includes(name)) : ofFile };
}

interface JobState {
    readonly name: string;
    readonly state: string;
    readonly made: number;
    readonly pictures: number;
    /** What is counted are the tiles of a mosaic. */
    readonly areTiles?: true;
    readonly jobs: readonly string[];
    readonly workers: readonly {
        readonly host: string;
        readonly job?: string;
        readonly picture?: number;
        readonly made: number;
    }[];
    readonly dead: number;
    readonly failed: readonly { readonly picture: number; readonly message: string }[];
    readonly queue: readonly QueuedTask[];
}

function stateOf({ name, folder, tiles, jobs: ids }: Listed, queue: readonly QueuedTask[]): JobState {
    const run = readRun(folder);
    const shard = latestShard(folder)?.shard;
    const workers = shard ? readWorkers(shard) : [];
    const made = new Set(run?.record.pictures.map(({ cell }) => cell));
    const counts =
        tiles === undefined
            ? { made: made.size, pictures: run?.record.cells ?? 0 }
            : tilesIn(folder, tiles, run?.state === 'complete');
    return {
        name,
        state: run?.state ?? 'not started',
        ...counts,
        jobs: ids,
        workers: workers
            .filter(({ isAlive }) => isAlive)
            .map(({ host, job, cell, made: own }) => ({
                host,
                ...(job === undefined ? {} : { job }),
                ...(cell === undefined ? {} : { picture: cell + 1 }),
                made: own,
            })),
        dead: workers.filter(({ isAlive, state }) => !isAlive && state !== 'ended').length,
        failed: (shard ? readFailures(shard) : [])
            .filter(({ cell }) => !made.has(cell))
            .map(({ cell, message }) => ({ picture: cell + 1, message })),
        queue: queue.filter(({ job }) => ids.includes(job)),
    };
}

/** A mosaic that is complete may have needed fewer tiles than it could have. */
function tilesIn(folder: string, most: number, isComplete: boolean) {
    const made = tilesOnDisk(folder);
    return { made, pictures: isComplete ? made : most, areTiles: true as const };
}

function describe({
    name,
    state,
    made,
    pictures,
    areTiles,
    workers,
    dead,
    failed,
    queue,
}: JobState): readonly string[] {
    const waiting = queue.filter((task) => task.state === 'PD');
    const reasons = [...new Set(waiting.map(({ reason }) => lastingReason(reason) ?? reason))].join(', ');
    const running = queue.filter((task) => task.state === 'R');
    const parts = [
        `${name} ${made}/${pictures || '?'} ${areTiles ? 'tiles ' : ''}${state}`,
        ...(workers.length > 0 ? [`${workers.length} working`] : []),
        ...(dead > 0 ? [`${dead} dead`] : []),
        ...(failed.length > 0 ? [`${failed.length} failed`] : []),
        ...(waiting.length > 0 ? [`${waiting.length} waiting (${reasons})`] : []),
        ...(running[0] ? [`${running[0].left} left`] : []),
    ];
    return [
        parts.join(' · '),
        ...workers.map(({ host, job, picture, made: own }) => {
            const at = picture === undefined ? '' : `, at picture ${picture}`;
            return `  ${host}${job ? ` ${job}` : ''}: ${own} made${at}`;
        }),
        ...failed.slice(0, 8).map(({ picture, message }) => `  picture ${picture}: ${message}`),
    ];
}

/** Prints the log of the task whose worker has a picture. */
function printLog(found: readonly Listed[], picture: string): number {
    if (!/^[1-9]\d*$/.test(picture)) throw new UsageError('--log wants the number of a picture, from 1.');
    const cell = Number(picture) - 1;
    for (const { folder, at } of found) {
        const shard = latestShard(folder)?.shard;
        if (!shard) continue;
        const workers = readWorkers(shard);
        const id =
            jsonOf<SharedCell>(cellFile(shard, cell))?.worker ??
            jsonOf<SharedFailure>(failureFile(shard, cell))?.worker ??
            workers.find((worker) => worker.cell === cell)?.id;
        const job = workers.find((worker) => worker.id === id)?.job;
        const file = job && join(at, 'logs', `${job}.log`);
        if (!file || !existsSync(file)) continue;
        console.error(file);
        process.stdout.write(readFileSync(file, 'utf8'));
        return EXIT.done;
    }
    throw new UsageError(`No log is known of picture ${picture}: no submitted worker has had it.`);
}
