/** Runs that other machines make: network file systems report nothing of what they write, so the folders are read again. */
import { makersOf } from './makers.ts';
import { runIn } from './records.ts';

const INTERVAL_MS = 5000;

/** Reads the folders every five seconds and calls `changed` where a run has another state, more pictures or other processes than before. */
export function pollElsewhere(
    folders: () => readonly string[],
    changed: (folder: string) => void,
): { dispose(): void } {
    const seen = new Map<string, string>();
    const timer = setInterval(() => {
        for (const folder of new Set(folders())) {
            const before = seen.get(folder);
            // What is complete stays as it is.
            if (before?.startsWith('complete')) continue;
            const run = runIn(folder);
            const now = run ? `${run.state} ${run.record.pictures.length} ${makersOf(run).join()}` : '';
            seen.set(folder, now);
            if (before !== undefined && before !== now) changed(folder);
        }
    }, INTERVAL_MS);
    timer.unref?.();
    return { dispose: () => clearInterval(timer) };
}
