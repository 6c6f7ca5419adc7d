/** Runs that ended with their window: which of them to report, each once. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredRun } from './records.ts';

/** How long a run may be there to be reported, in milliseconds: over a weekend, not for ever. */
const RECENT = 7 * 24 * 60 * 60 * 1000;

/** Runs whose record was not closed. */
export interface LeftBehind {
    /** Their process is gone. */
    readonly ended: readonly StoredRun[];
    /** Their process lives: that of another window, or one that ends when its step does. */
    readonly going: readonly StoredRun[];
}

/** `reported`: names, as `nameOf` gives them, of those that were reported to the user. */
export function leftBehind(runs: readonly StoredRun[], told: readonly string[], now = Date.now()): LeftBehind {
    const open = runs.filter(
        (run) => run.record.state === 'running' && now - lastSign(run) < RECENT && !told.includes(nameOf(run)),
    );
    return {
        ended: open.filter(({ state }) => state === 'interrupted'),
        going: open.filter(({ state }) => state === 'running'),
    };
}

/** One attempt at one run: what is run again and cut off again is reported again. */
export function nameOf({ record: { digest, started } }: StoredRun): string {
    return `${digest} ${started}`;
}

/** When the run was last known to continue: its record is written with every picture. */
function lastSign({ folder }: StoredRun): number {
    return statSync(join(folder, 'record.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
