/** Programs that do the same work, measured in turns, so that other work on the machine slows all of them down. */
import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { sizeWords } from '../../src/plan/amounts.ts';

/** What a process prints of its steps, as one line of JSON. */
export interface StepCost {
    readonly milliseconds: readonly number[];
    /** CPU time of the same steps, of all threads: other work on the machine changes it little. */
    readonly cpuMilliseconds?: readonly number[];
    readonly peakBytes: number;
}

/** A program with the arguments of the work filled in by the caller. */
export interface Program<Work> {
    readonly name: string;
    readonly run: (work: Work) => StepCost;
}

/** A program's steps in all rounds together. */
export interface Measured extends StepCost {
    readonly name: string;
    readonly median: number;
    readonly cpuMedian?: number;
}

const at = process.argv.indexOf('--threads');
/** Threads of every program: `--threads N`, or the processor's. */
export const THREADS = at < 0 ? availableParallelism() : Number(process.argv[at + 1]);

/** Runs a program in a process of its own; what it prints last is its cost. */
export function stepCostOf(program: string, args: readonly (string | number)[]): StepCost {
    const text = execFileSync(program, args.map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return JSON.parse(text.trim().split('\n').at(-1)!);
}

/** The first of $PYTHON, python3 and python that has these packages. */
export function pythonWith(packages: readonly string[]): string | undefined {
    return [process.env['PYTHON'] ?? '', 'python3', 'python'].find(
        (name) => name !== '' && spawnSync(name, ['-c', `import ${packages.join(', ')}`]).status === 0,
    );
}

/** Runs the programs `rounds` times in turns; prints each process's steps while it waits for the next. */
export function inTurns<Work>(programs: readonly Program<Work>[], work: Work, rounds: number): readonly Measured[] {
    const costs = programs.map((): StepCost[] => []);
    for (let round = 0; round < rounds; round++) {
        for (const [index, program] of programs.entries()) {
            const cost = program.run(work);
            costs[index]!.push(cost);
            console.log(`  ${program.name}: ${cost.milliseconds.map((ms) => ms.toFixed(0)).join(' ')} ms`);
        }
    }
    return programs.map(({ name }, index) => {
        const milliseconds = costs[index]!.flatMap((cost) => cost.milliseconds);
        const cpu = costs[index]!.flatMap(({ cpuMilliseconds = [] }) => cpuMilliseconds);
        const peakBytes = Math.max(...costs[index]!.map((cost) => cost.peakBytes));
        const cpuMedian = cpu.length > 0 ? { cpuMedian: median(cpu) } : {};
        return { name, milliseconds, peakBytes, median: median(milliseconds), ...cpuMedian };
    });
}

/** Prints the median step of each program, its peak memory, and the ratio to the last one; the same of CPU time, where it was measured. */
export function printTurns(title: string, measured: readonly Measured[]): void {
    console.log(`\n${title}`);
    const last = measured.at(-1)!;
    for (const { name, median: own, cpuMedian, peakBytes } of measured) {
        const time = `${(own / 1000).toFixed(2)} s  ${sizeWords(peakBytes)}  ratio ${(own / last.median).toFixed(2)}`;
        const cpu =
            cpuMedian === undefined || last.cpuMedian === undefined
                ? ''
                : `  CPU time ${(cpuMedian / 1000).toFixed(2)} s  ratio ${(cpuMedian / last.cpuMedian).toFixed(2)}`;
        console.log(`  ${name.padEnd(34)} ${time}${cpu}`);
    }
}

function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)]!;
}
