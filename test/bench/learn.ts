/**
 * `npm run bench:learn`: what a step of a learning costs, one row, beside PyTorch where Python has diffusers and peft.
 *
 *     npm run bench:learn [-- --full]      --full: also a checkpoint of Stable Diffusion 1.5's size (4.3 GB on disk, 9 GB of memory)
 *     npm run bench:learn -- --threads 1      where other work shares the machine: threads that wait for each other cost most there
 *     PYTHON=/path/to/python npm run bench:learn
 *
 * The programs take turns, each in a process of its own, so that other work on the machine slows all of them down.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sizeWords } from '../../src/plan/amounts.ts';
import { printMachine } from './measure.ts';
import { writeRandomCheckpoint } from './random-checkpoint.ts';

/** What a process prints of its steps. */
export interface StepCost {
    readonly milliseconds: readonly number[];
    readonly peakBytes: number;
}

interface Program {
    readonly name: string;
    readonly run: (model: string, pixels: number, steps: number) => StepCost;
}

const SKETCH = join(import.meta.dirname, '..', '..', 'models', 'sketch');

const at = process.argv.indexOf('--threads');
const THREADS = at < 0 ? availableParallelism() : Number(process.argv[at + 1]);

function ours(memory: string): Program {
    const script = join(import.meta.dirname, 'learn-step.ts');
    return {
        name: `sdspec, memory ${memory}`,
        run: (...args) =>
            costOf(process.execPath, ['--import', 'tsx', script, args[0], args[1], memory, args[2], THREADS]),
    };
}

function theirs(python: string, name: string, memory: string): Program {
    const script = join(import.meta.dirname, 'learn-step.py');
    return { name, run: (...args) => costOf(python, [script, args[0], args[1], memory, args[2], THREADS]) };
}

function costOf(program: string, args: readonly (string | number)[]): StepCost {
    const text = execFileSync(program, args.map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return JSON.parse(text.trim().split('\n').at(-1)!);
}

/** Runs the programs in turns and prints the median step of each, its peak memory, and the ratio to the last program. */
function compare(title: string, programs: readonly Program[], model: string, pixels: number, size: Size): void {
    const costs = programs.map((): StepCost[] => []);
    for (let round = 0; round < size.rounds; round++) {
        for (const [index, program] of programs.entries()) {
            const cost = program.run(model, pixels, size.steps);
            costs[index]!.push(cost);
            console.log(`  ${program.name}: ${cost.milliseconds.map((ms) => ms.toFixed(0)).join(' ')} ms`);
        }
    }
    const medians = costs.map((all) => median(all.flatMap(({ milliseconds }) => milliseconds)));
    console.log(`\n${title}`);
    for (const [index, { name }] of programs.entries()) {
        const peak = Math.max(...costs[index]!.map(({ peakBytes }) => peakBytes));
        const ratio = (medians[index]! / medians.at(-1)!).toFixed(2);
        console.log(
            `  ${name.padEnd(34)} ${(medians[index]! / 1000).toFixed(2)} s  ${sizeWords(peak)}  ratio ${ratio}`,
        );
    }
}

interface Size {
    readonly rounds: number;
    readonly steps: number;
}

function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)]!;
}

printMachine();
console.log(`${THREADS} ${THREADS === 1 ? 'thread' : 'threads'}`);
const python = [process.env.PYTHON ?? '', 'python3', 'python'].find(
    (name) => name !== '' && spawnSync(name, ['-c', 'import diffusers, peft, torch']).status === 0,
);
if (!python) console.log('neither $PYTHON nor python3 nor python has diffusers with peft: sdspec alone is measured');
const torch = python
    ? [theirs(python, 'PyTorch, gradient checkpointing', 'small'), theirs(python, 'PyTorch', 'all')]
    : [];
compare('Built-in model, 128x128', [ours('keep'), ours('balanced'), ours('small'), ...torch], SKETCH, 128, {
    rounds: 1,
    steps: 8,
});
if (process.argv.includes('--full')) {
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-bench-'));
    try {
        writeRandomCheckpoint(folder, join(SKETCH, 'tokenizer'));
        compare('Stable Diffusion 1.5, 512x512', [ours('balanced'), ours('small'), ...torch], folder, 512, {
            rounds: 1,
            steps: 1,
        });
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
printMachine();
