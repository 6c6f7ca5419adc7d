/**
 * `npm run bench:learn`: what a step of a learning costs, one row, beside PyTorch where Python has diffusers and peft.
 *
 *     npm run bench:learn [-- --full]      --full: also a checkpoint of Stable Diffusion 1.5's size (4.3 GB on disk, 9 GB of memory)
 *     npm run bench:learn -- --threads 1      where other work shares the machine: threads that wait for each other cost most there
 *     PYTHON=/path/to/python npm run bench:learn
 *
 * The programs take turns, each in a process of its own, so that other work on the machine slows all of them down.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printMachine } from './measure.ts';
import { writeRandomCheckpoint } from './random-checkpoint.ts';
import { inTurns, type Program, printTurns, pythonWith, stepCostOf, THREADS } from './turns.ts';

interface Work {
    readonly model: string;
    readonly pixels: number;
    readonly steps: number;
}

const SKETCH = join(import.meta.dirname, '..', '..', 'models', 'sketch');

function ours(memory: string): Program<Work> {
    const script = join(import.meta.dirname, 'learn-step.ts');
    return {
        name: `sdspec, memory ${memory}`,
        run: ({ model, pixels, steps }) =>
            stepCostOf(process.execPath, ['--import', 'tsx', script, model, pixels, memory, steps, THREADS]),
    };
}

function theirs(python: string, name: string, memory: string): Program<Work> {
    const script = join(import.meta.dirname, 'learn-step.py');
    return {
        name,
        run: ({ model, pixels, steps }) => stepCostOf(python, [script, model, pixels, memory, steps, THREADS]),
    };
}

printMachine();
console.log(`${THREADS} ${THREADS === 1 ? 'thread' : 'threads'}`);
const python = pythonWith(['diffusers', 'peft', 'torch']);
if (!python) console.log('neither $PYTHON nor python3 nor python has diffusers with peft: sdspec alone is measured');
const torch = python
    ? [theirs(python, 'PyTorch, gradient checkpointing', 'small'), theirs(python, 'PyTorch', 'all')]
    : [];
const builtin = [ours('keep'), ours('balanced'), ours('small'), ...torch];
printTurns('Built-in model, 128x128', inTurns(builtin, { model: SKETCH, pixels: 128, steps: 8 }, 1));
if (process.argv.includes('--full')) {
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-bench-'));
    try {
        writeRandomCheckpoint(folder, join(SKETCH, 'tokenizer'));
        const full = [ours('balanced'), ours('small'), ...torch];
        printTurns('Stable Diffusion 1.5, 512x512', inTurns(full, { model: folder, pixels: 512, steps: 1 }, 1));
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
printMachine();
