/** The processes that the extension starts. */
import { execFileSync } from 'node:child_process';

/** The runtime among all that the editor's server started; undefined where none runs. */
export function runtimeOf(server: number): number | undefined {
    const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row)!)
        .map(([, pid, parent, args]) => ({ pid: Number(pid), parent: Number(parent), args: args! }));
    const parents = new Map(rows.map(({ pid, parent }) => [pid, parent]));
    const within = (pid: number): boolean => pid === server || (parents.has(pid) && within(parents.get(pid)!));
    return rows.find(({ pid, args }) => args.includes('dist/host.js') && within(pid))?.pid;
}
