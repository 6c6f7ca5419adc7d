/** Workers: processes that make pictures of one run together, each with a file that it renews as long as it lives. */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../claim.ts';
import { writeWhole } from '../../write-whole.ts';

/** `workers/<id>.json` in a shard's folder. */
export interface Worker {
    /** Host, process and some random digits. */
    readonly id: string;
    readonly host: string;
    readonly pid: number;
    /** The share that it began with, as in `3/16`. */
    readonly shard: string;
    /** The job of the engine that started it, where one is known: Slurm's array task. */
    readonly job?: string;
    readonly started: string;
    readonly state: 'working' | 'ended';
    /** The picture that it is working on, by its place in the run. */
    readonly cell?: number;
    readonly made: number;
}

/** A worker whose file is older than this is dead: many beats, because a process that opens a large model beats late. */
const EXPIRES_MS = 60_000;
const BEAT_MS = 10_000;

/** Whether a worker lives: on this machine by its process, elsewhere by the age of its file. */
export function isBeating({ host, pid, state }: Worker, changed: number, now: number): boolean {
    if (state === 'ended') return false;
    if (host === hostname() && !isAlive(pid)) return false;
    return now - changed < EXPIRES_MS;
}

export interface OwnWorker {
    readonly now: Worker;
    change(what: Partial<Pick<Worker, 'cell' | 'made'>>): Promise<void>;
    /** The time by the clock of the file system, which is the same for all workers: machines' own clocks may differ. */
    clock(): Promise<number>;
    end(): Promise<void>;
}

/** Announces this process as a worker and keeps its file fresh until `end`. */
export async function beginWorker(shard: string, part: string): Promise<OwnWorker> {
    const host = hostname();
    const id = `${host.replace(/[^A-Za-z0-9.-]/g, '-')}-${process.pid}-${randomBytes(3).toString('hex')}`;
    const file = join(shard, 'workers', `${id}.json`);
    const job = jobName(process.env);
    let worker: Worker = {
        id,
        host,
        pid: process.pid,
        shard: part,
        ...(job === undefined ? {} : { job }),
        started: new Date().toISOString(),
        state: 'working',
        made: 0,
    };
    const write = () => writeWhole(file, `${JSON.stringify(worker)}\n`);
    await write();
    // A beat that fails is followed by another; a folder that can't be written any more ends the work where it matters.
    const beat = setInterval(() => write().catch(() => {}), BEAT_MS);
    beat.unref();
    return {
        get now() {
            return worker;
        },
        async change(what) {
            worker = { ...worker, ...what };
            await write();
        },
        async clock() {
            await write();
            return statSync(file).mtimeMs;
        },
        async end() {
            clearInterval(beat);
            const { cell: _, ...rest } = worker;
            worker = { ...rest, state: 'ended' };
            await write();
        },
    };
}

function jobName(env: NodeJS.ProcessEnv): string | undefined {
    const { SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task, SLURM_JOB_ID: job } = env;
    return array && task ? `${array}_${task}` : job || undefined;
}
