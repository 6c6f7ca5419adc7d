/** The processes that the extension starts. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface StartedProcess {
    readonly pid: number;
    readonly parent: number;
    /** Resident kilobytes. */
    readonly rss: number;
    readonly args: string;
}

/** All that the editor's server started, directly or not, whose command has this word. */
export function processesOf(server: number, word: string): readonly StartedProcess[] {
    const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,rss=,args='], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .map((row) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(row)!)
        .map(([, pid, parent, rss, args]) => ({
            pid: Number(pid),
            parent: Number(parent),
            rss: Number(rss),
            args: args!,
        }));
    const parents = new Map(rows.map(({ pid, parent }) => [pid, parent]));
    const within = (pid: number): boolean => pid === server || (parents.has(pid) && within(parents.get(pid)!));
    return rows.filter(({ pid, args }) => args.includes(word) && within(pid));
}

/** The runtime among them; undefined where none runs. */
export function runtimeOf(server: number): number | undefined {
    return processesOf(server, 'dist/host.js')[0]?.pid;
}

/** Hundredths of a second are what Linux counts in. */
const TICKS_PER_SECOND = 100;

/** Seconds of the processor's time that a process has taken so far, all its threads together. */
export function processorTime(pid: number): number {
    // The command, in parentheses, may have spaces; the times are the 14th and 15th field.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
