/** Measuring: time, memory of whole process trees, and the machine that it was measured on. */
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { sizeWords } from '../../src/plan/amounts.ts';
import { machine, versions } from '../../src/runtime/run/machine.ts';

/** One line of the table. */
export interface Figure {
    readonly what: string;
    readonly value: string;
    /** The most that it may be, as text, and whether it was kept. */
    readonly limit?: string;
    readonly kept?: boolean;
}

export function figure(what: string, value: number, unit: 's' | 'ms' | 'bytes', limit?: number): Figure {
    const text = (one: number) =>
        unit === 'bytes' ? sizeWords(one) : `${one.toFixed(unit === 'ms' && one >= 10 ? 0 : 2)} ${unit}`;
    if (!Number.isFinite(value)) return { what, value: 'not measured here' };
    return { what, value: text(value), ...(limit === undefined ? {} : { limit: text(limit), kept: value <= limit }) };
}

export function printTable(title: string, figures: readonly Figure[]): void {
    const [first, second] = [
        Math.max(...figures.map(({ what }) => what.length)),
        Math.max(...figures.map(({ value }) => value.length)),
    ];
    console.log(`\n${title}`);
    for (const { what, value, limit, kept } of figures) {
        const verdict = limit === undefined ? '' : `  ${kept ? 'ok' : 'TOO MUCH'} (at most ${limit})`;
        console.log(`  ${what.padEnd(first)}  ${value.padStart(second)}${verdict}`);
    }
}

/** What figures depend on: machine, versions, commit, and how busy the machine is besides. */
export function printMachine(): void {
    const { cpu, cores, memoryBytes, os } = machine();
    console.log(`${cpu}, ${cores} cores, ${sizeWords(memoryBytes)}, ${os}; load ${loadavg()[0]!.toFixed(1)}`);
    const listed = Object.entries(versions()).map(([name, version]) => `${name} ${version}`);
    console.log([...listed, `commit ${commit()}`].join(', '));
}

function commit(): string {
    try {
        return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
    } catch {
        return 'unknown';
    }
}

export interface ProcessCost {
    readonly seconds: number;
    /** The sum over the process and its children, at its highest; NaN where the system does not say. */
    readonly peakBytes: number;
    /** Processor seconds of the whole tree, which a busy machine does not change; NaN where the system does not say. */
    readonly processorSeconds: number;
    readonly code: number | null;
}

/** Runs a program and watches its memory. */
export function costOf(program: string, args: readonly string[]): Promise<ProcessCost> {
    return new Promise((resolve) => {
        const begun = performance.now();
        const child = spawn(program, args, { stdio: 'ignore' });
        let peakBytes = Number.NaN;
        const ticks = new Map<number, number>();
        const timer = setInterval(() => {
            const tree = child.pid === undefined ? [] : treeOf(child.pid);
            const sum = tree.reduce((total, pid) => total + residentBytes(pid), 0);
            for (const pid of tree) ticks.set(pid, Math.max(ticks.get(pid) ?? 0, processorTicks(pid)));
            if (sum > 0) peakBytes = Math.max(sum, Number.isNaN(peakBytes) ? 0 : peakBytes);
        }, 10);
        child.on('close', (code) => {
            clearInterval(timer);
            const all = [...ticks.values()].reduce((a, b) => a + b, 0);
            const processorSeconds = ticks.size === 0 ? Number.NaN : all / 100;
            resolve({ seconds: (performance.now() - begun) / 1000, peakBytes, processorSeconds, code });
        });
    });
}

/** A process and its children, as Linux lists them; elsewhere none. */
function treeOf(pid: number): readonly number[] {
    try {
        const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
            readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
        );
        return [pid, ...children.flatMap(treeOf)];
    } catch {
        return [];
    }
}

function residentBytes(pid: number): number {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(fileOf(`/proc/${pid}/status`));
    return found ? Number(found[1]) * 1024 : 0;
}

/** User and system time in hundredths of a second: fields 14 and 15 of proc(5)'s stat. */
function processorTicks(pid: number): number {
    const fields = fileOf(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

function fileOf(path: string): string {
    try {
        return readFileSync(path, 'utf8');
    } catch {
        return '';
    }
}
