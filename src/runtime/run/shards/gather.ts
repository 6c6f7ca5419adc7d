/** Gathering: what several workers have made becomes the record of one run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from '../../../plan/cells.ts';
import type { RecordedDevice, RecordedFailure, RecordedWorker, RunRecord } from '../record.ts';
import {
    deviceFile,
    jsonOf,
    latestShard,
    readCells,
    readFailures,
    readWorkers,
    type ShardHead,
    type SharedCell,
} from './shard-folder.ts';

/** The record of a run as its workers have left it so far: its pictures, and who works on it. */
export function foldShards(folder: string, shard: string, head: ShardHead): RunRecord {
    const cells = readCells(folder, shard);
    const workers = readWorkers(shard);
    const begun = workers.map(({ started }) => started).sort()[0] ?? new Date().toISOString();
    const { name, digest, spec, versions, inputs } = head;
    return {
        format: 1,
        name,
        digest,
        kind: head.kind,
        ...(spec === undefined ? {} : { spec }),
        state: 'running',
        process: process.pid,
        started: begun,
        seconds: cells.reduce((sum, { picture }) => sum + picture.seconds, 0),
        versions,
        device: jsonOf<RecordedDevice>(deviceFile(shard)) ?? NO_DEVICE,
        models: [],
        inputs,
        notices: [...new Set(cells.flatMap(({ notices }) => notices))],
        timings: {},
        cells: head.cells,
        pictures: cells.map(({ picture }) => picture),
        workers: workersOf(cells),
    };
}

function workersOf(cells: readonly SharedCell[]): readonly RecordedWorker[] {
    const workers = new Map<string, { readonly host: string; readonly pictures: number[] }>();
    for (const { worker, host, picture } of cells) {
        const own = workers.get(worker) ?? { host, pictures: [] };
        own.pictures.push(picture.cell);
        workers.set(worker, own);
    }
    return [...workers].map(([worker, rest]) => ({ worker, ...rest }));
}

const NO_DEVICE: RecordedDevice = { asked: 'auto', used: '', threads: 0, fallbacks: [], options: {} };

/** A run of several workers that no one has gathered yet, as it is now. */
export function sharedRun(folder: string): { readonly record: RunRecord; readonly isAlive: boolean } | undefined {
    if (!existsSync(join(folder, 'shards'))) return undefined;
    const latest = latestShard(folder);
    if (!latest) return undefined;
    const { shard, head } = latest;
    return { record: foldShards(folder, shard, head), isAlive: readWorkers(shard).some(({ isAlive }) => isAlive) };
}

/** Why pictures are missing from a run that is gathered: what failed, and what no worker has made. */
export function missingFrom(folder: string, missing: readonly Cell[]): readonly RecordedFailure[] {
    const shard = latestShard(folder)?.shard;
    const failed = new Map((shard ? readFailures(shard) : []).map((failure) => [failure.cell, failure]));
    return missing.map(({ index, seed, labels }) => {
        const {
            worker: _,
            at: __,
            ...failure
        } = failed.get(index) ?? {
            code: 'shard/missing',
            message: 'No worker has made it yet: start more of them.',
            worker: '',
            at: '',
        };
        return { ...failure, cell: index, seed, ...(labels ? { labels } : {}) };
    });
}
