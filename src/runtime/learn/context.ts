/** What a learning is given besides its plan, what it reports while it runs, and what it returns. */

import type { LearnPlan, LessonPictures } from '../../plan/plan.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import type { LearnProgress } from '../events.ts';
import type { Rgb } from '../pictures/picture.ts';

export interface LearnContext {
    /** Opened on the CPU, without adapters. */
    readonly model: StableDiffusion;
    /** SHA-256 of the model's weights by file, for the metadata and for resuming. */
    readonly modelDigests: Readonly<Record<string, string>>;
    /** The pixels of a group's pictures, in the order of its captions. */
    readonly readPictures: (group: LessonPictures) => Promise<readonly Rgb[]>;
    /** Where files are written: the result, `learn.state`, `curve.csv`. */
    readonly folder: string;
    /** The learning's name: the result is `<name>.safetensors`. */
    readonly name: string;
    /** Threads on the CPU; by default one per core. */
    readonly threads?: number;
    readonly emit: (event: LearnEvent) => void;
    /** Stops after the step that runs; the state is saved, and the same plan continues from there. */
    readonly signal: AbortSignal;
    /** Stops after the step that runs and writes what is learnt by then as the result. */
    readonly keep?: AbortSignal;
    /** Makes the pictures of `plan.trace` with what is learnt so far, which is in `file`. Sessions are released before. */
    readonly trace?: (step: number, file: string) => Promise<void>;
}

export type LearnEvent =
    /** Something that the user should know but need not act on. */
    | { readonly kind: 'notice'; readonly text: string }
    | { readonly kind: 'stage'; readonly stage: 'encode' | 'open' | 'save'; readonly detail?: string }
    | ({ readonly kind: 'cost' } & LearnCost)
    | ({ readonly kind: 'progress' } & LearnProgress);

/** What a learning needs, before it starts. */
export interface LearnCost {
    /** Numbers that are learnt. */
    readonly parameters: number;
    readonly memoryBytes: number;
    readonly availableBytes: number;
    readonly memory: LearnPlan['memory'];
}

export interface LearnOutcome {
    /** `kept`: the user stopped it and kept what was learnt by then. */
    readonly kind: 'done' | 'kept';
    /** Absolute path of the result. */
    readonly file: string;
    /** SHA-256 of the result. */
    readonly sha256: string;
    /** Steps that are done. */
    readonly step: number;
    /** Mean over the last 50 steps: what `expect { loss <= … }` is compared with. */
    readonly loss: number;
    readonly lossByQuarter: readonly (number | undefined)[];
    readonly parameters: number;
    /** How often the learning was continued after an interruption. */
    readonly resumed: number;
    readonly seconds: number;
    readonly peakMemoryBytes: number;
}
