/** How many runs the Runs tree shows below each heading: the newest, and more of them when the user asks. */
import { readMark, type StoredRun } from '../runs/records.ts';

/** A heading of the tree, with its runs, the newest first. */
export interface RunGroup {
    readonly title: string;
    readonly runs: readonly StoredRun[];
    /** What its rows say, to be compared: it changes with any of them. */
    readonly drawn: string;
}

/** The row behind which the older runs of a heading are. */
export interface MoreRuns {
    readonly title: string;
    readonly rest: number;
}

/** Live mode makes a run for every change of a number, and the editor keeps a little of every row that it ever drew. */
const PAGE = 20;

export function runPages() {
    const limits = new Map<string, number>();
    const limitOf = (title: string) => limits.get(title) ?? PAGE;
    function rowsOf({ title, runs }: Pick<RunGroup, 'title' | 'runs'>): readonly (StoredRun | MoreRuns)[] {
        const limit = limitOf(title);
        // A row for one more run would take its place.
        if (runs.length <= limit + 1) return runs;
        return [...runs.slice(0, limit), { title, rest: runs.length - limit }];
    }
    return {
        /** The rows below a heading. */
        of: rowsOf,
        /** What these rows say. */
        drawnOf(group: Pick<RunGroup, 'title' | 'runs'>): string {
            const rows = rowsOf(group).map((row) => {
                if (!('folder' in row)) return row.rest;
                const { folder, state, record } = row;
                return [folder, state, record.started, record.pictures.length, JSON.stringify(readMark(folder))].join(
                    ' ',
                );
            });
            return [group.runs.length, ...rows].join('\n');
        },
        /** Shows one more page below a heading. */
        more(title: string): void {
            limits.set(title, limitOf(title) + PAGE);
        },
        /** Begins again with the newest runs of every heading. */
        reset(): void {
            limits.clear();
        },
    };
}
