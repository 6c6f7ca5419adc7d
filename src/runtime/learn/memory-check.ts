/** Whether a learning fits into this machine's memory: estimated before the first step. */
import { freemem, totalmem } from 'node:os';
import type { LearnPlan } from '../../plan/plan.ts';
import { memoryNeed } from '../graph/gradient/peak-memory.ts';
import type { LearnContext } from './context.ts';
import { LearnError } from './learn-error.ts';
import type { Learner } from './learner.ts';

/** The process itself, the libraries, and the text encoder of a small model. */
const BASE_BYTES = 300 * 2 ** 20;

/** Measured: the work space of convolutions, gaps between tensors, and kernels while they are turned at load. */
const OVERHEAD = 1.3;

/**
 * Reports what a learning needs. Throws `learn/memory` where that is more than the machine has, and says what to write;
 * where other programs leave too little, a notice says so.
 */
export function checkMemory(learner: Learner, plan: LearnPlan, { emit }: Pick<LearnContext, 'emit'>): void {
    const { constantBytes, peakBytes } = memoryNeed(learner.graph);
    const parameters = [...learner.start.values()].reduce((sum, { data }) => sum + data.length, 0);
    // Values and two moments; the inputs and gradients of a step are counted with the graph.
    const memoryBytes = OVERHEAD * (BASE_BYTES + constantBytes + peakBytes + 3 * 4 * parameters);
    const limit = process.constrainedMemory();
    const machineBytes = limit > 0 && limit < totalmem() ? limit : totalmem();
    const availableBytes = Math.min(freemem(), machineBytes);
    emit({ kind: 'cost', parameters, memoryBytes, availableBytes, memory: plan.memory });
    if (memoryBytes > machineBytes) {
        const needs = `This needs about ${gigabytes(memoryBytes)} of memory, and the machine has ${gigabytes(machineBytes)}`;
        throw new LearnError('learn/memory', `${needs}: ${remedy(plan)}.`);
    }
    if (memoryBytes > availableBytes) {
        const needs = `About ${gigabytes(memoryBytes)} of memory are needed, and ${gigabytes(availableBytes)} are free`;
        emit({ kind: 'notice', text: `${needs}. If it becomes slow, ${remedy(plan)}.` });
    }
}

function remedy({ memory, batch, target }: LearnPlan): string {
    if (memory !== 'small') return 'write `memory small`';
    if (batch > 1) return 'write `batch 1`';
    if (target.kind === 'weights') return 'name fewer layers, or learn a LoRA';
    return 'write a smaller size';
}

function gigabytes(bytes: number): string {
    return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}
