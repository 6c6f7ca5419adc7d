/** Whether a learning fits into this machine's memory, and its pictures into a step: estimated before the first. */
import { freemem, totalmem } from 'node:os';
import { sizeWords } from '../../plan/amounts.ts';
import type { LearnPlan } from '../../plan/plan.ts';
import { memoryNeed } from '../graph/gradient/peak-memory.ts';
import type { LearnContext } from './context.ts';
import { LearnError } from './learn-error.ts';
import type { Learner, LearnerInput } from './learner.ts';

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
        const needs = `This needs about ${sizeWords(memoryBytes)} of memory, and the machine has ${sizeWords(machineBytes)}`;
        throw new LearnError('learn/memory', `${needs}: ${remedy(plan)}.`);
    }
    if (memoryBytes > availableBytes) {
        const needs = `About ${sizeWords(memoryBytes)} of memory are needed, and ${sizeWords(availableBytes)} are free`;
        emit({ kind: 'notice', text: `${needs}. If it becomes slow, ${remedy(plan)}.` });
    }
}

/** Scores of the largest attention that a step may compute: four times those of Stable Diffusion 1.5 at 1024x1024. */
const MOST_SCORES = 2 ** 33;

/**
 * Throws `learn/size` for pictures whose attention would take hours per step. Called before graphs are built: the
 * backward pass of attention is a chain of pieces, so many for absurd sizes that the graph alone would take minutes.
 */
export function checkSize({ plan, model, shape }: Pick<LearnerInput, 'plan' | 'model' | 'shape'>): void {
    const { rows, height, width } = shape;
    const scores = (places: number) => rows * model.checkpoint.unet.config.heads[0]! * places ** 2;
    if (scores(height * width) <= MOST_SCORES) return;
    const { pixelsPerLatent } = model.checkpoint;
    const most = Math.floor((MOST_SCORES / scores(1)) ** 0.25) * pixelsPerLatent;
    const places = (height * width).toLocaleString('en');
    throw new LearnError(
        'learn/size',
        `Pictures of ${plan.size.width}x${plan.size.height} are too large to learn from here: attention would compare ${places} places with each other in every step, which takes hours. Write a smaller size, at most about ${most}x${most}.`,
    );
}

function remedy({ memory, batch, target }: LearnPlan): string {
    if (memory !== 'small') return 'write `memory small`';
    if (batch > 1) return 'write `batch 1`';
    if (target.kind === 'weights') return 'name fewer layers, or learn a LoRA';
    return 'write a smaller size';
}
