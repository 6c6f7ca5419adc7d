/** Who works on a run that this window has not started: host, process and what each has made, from the claims in its folder. */
import { hostname } from 'node:os';
import { latestShard, readWorkers } from '../../runtime/run/shards/shard-folder.ts';
import type { StoredRun } from './records.ts';

/** A line for each process that lives; none for a run that has ended. */
export function makersOf({ folder, record, state }: StoredRun): readonly string[] {
    if (state !== 'running') return [];
    const shared = latestShard(folder);
    const workers = (shared ? readWorkers(shared.shard) : []).filter(({ isAlive }) => isAlive);
    if (workers.length === 0) return [where(record.host ?? hostname(), record.process)];
    return workers.map(({ host, pid, job, cell, made }) => {
        const now = cell === undefined ? '' : `, at picture ${cell + 1}`;
        return `${where(host, pid)}${job ? `, job ${job}` : ''}: ${made} made${now}`;
    });
}

function where(host: string, process: number): string {
    return `${host === hostname() ? 'this machine' : host}, process ${process}`;
}
