/** Runs that ended with their window: which of them there are to tell of, each once. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredRun } from './records.ts';

/** How long a run may lie there to be told of, in milliseconds: over a weekend, not for ever. */
const RECENT = 7 * 24 * 60 * 60 * 1000;

/** Runs whose record was not closed. */
export interface LeftBehind {
    /** Their process is gone. */
    readonly ended: readonly StoredRun[];
    /** Their process lives: that of another window, or one that ends when its step does. */
    readonly going: readonly StoredRun[];
}

/** `told`: names, as `nameOf` gives them, of those that the user has heard of. */
export function leftBehind(runs: readonly StoredRun[], told: readonly string[], now = Date.now()): LeftBehind {
    const open = runs.filter(
        (run) => run.record.state === 'running' && now - lastSign(run) < RECENT && !told.includes(nameOf(run)),
    );
    return {
        ended: open.filter(({ state }) => state === 'interrupted'),
        going: open.filter(({ state }) => state === 'running'),
    };
}

/** One attempt at one run: what is run again and cut off again is told of again. */
export function nameOf({ record: { digest, started } }: StoredRun): string {
    return `${digest} ${started}`;
}

/** When the run was last known to go on: its record is written with every picture. */
function lastSign({ folder }: StoredRun): number {
    return statSync(join(folder, 'record.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
