/** What a worker knows of the run that it shares, and whether the holder of a claim lives. */
import type { Shard } from '../../../plan/passes/shares.ts';
import type { RunContext } from '../run-context.ts';
import type { HeldClaim } from './claims.ts';
import { readWorkers } from './shard-folder.ts';
import type { OwnWorker } from './worker.ts';

export interface Sharing {
    readonly folder: string;
    readonly shard: string;
    readonly worker: OwnWorker;
    readonly making: RunContext;
    /** When this worker began, by the file system's clock: failures before it are tried again. */
    readonly since: number;
}

/** The share that a worker is asked for. */
export type WantedShare = Shard & { readonly onlyOwn?: boolean };

/** What was claimed so often without coming to be is not tried again: it may be what ends the workers. */
export const MAX_GENERATIONS = 3;

export async function isLiving({ worker: id }: HeldClaim, { shard, worker }: Sharing): Promise<boolean> {
    const now = await worker.clock();
    return readWorkers(shard, now).some((other) => other.id === id && other.isAlive);
}
