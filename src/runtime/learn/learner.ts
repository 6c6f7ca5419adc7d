/** What all targets have in common: first values, a step's losses and gradients, a file. */

import type { LearnPlan } from '../../plan/plan.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import type { Graph } from '../graph/graph.ts';
import type { Tensor } from '../tensor.ts';
import type { Values } from './adamw.ts';
import type { Draw } from './draws.ts';
import type { LessonShape } from './lesson-graphs.ts';

export interface LearnerInput {
    readonly plan: LearnPlan;
    readonly model: StableDiffusion;
    readonly shape: LessonShape;
    /** The share of each row in the loss, `[R]`. */
    readonly share: Tensor;
    /** All captions of the pictures. */
    readonly captions: readonly string[];
    readonly threads?: number;
}

/** Text embeddings `[1, 77, D]` of all captions: they do not change, so the text encoder is needed once. */
export async function encodeCaptions(
    model: LearnerInput['model'],
    captions: readonly string[],
): Promise<ReadonlyMap<string, Tensor>> {
    const states = new Map<string, Tensor>();
    for (const caption of captions) {
        if (!states.has(caption)) states.set(caption, await model.encodeText([model.tokenizer.encodePadded(caption)]));
    }
    await model.release('text');
    return states;
}

export interface StepResult {
    /** Mean squared error of each row. */
    readonly losses: Tensor;
    readonly gradients: Values;
}

export interface Learner {
    /** What the values are before the first step. */
    readonly start: Values;
    /** The largest graph that a step runs, for the estimate of memory. */
    readonly graph: Graph;
    /** A value's rate as a share of the plan's; 1 unless given. */
    readonly rateOf?: (name: string) => number;
    step(draw: Draw, values: Values): Promise<StepResult>;
    /** What is learnt as the tensors and metadata of a file that other tools read. */
    file(values: Values): LearntTensors;
    /** Releases sessions; they are made again when the next step needs them. */
    release(): Promise<void>;
}

export interface LearntTensors {
    readonly tensors: ReadonlyMap<string, Tensor>;
    readonly metadata: Readonly<Record<string, string>>;
}
