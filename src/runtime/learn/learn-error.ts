/** What stops a learning, written so that the reader knows what to do. */

import { readable } from '../../plan/problem.ts';

export type LearnErrorCode =
    /** No pictures, or pictures and captions that do not belong together. */
    | 'learn/pictures'
    /** A caption that lacks the word that is learnt, or a start word that is not one token. */
    | 'learn/word'
    /** The model can't be learnt with: inpainting models, models that predict samples. */
    | 'learn/model'
    /** The pictures are so large that a step would take hours. */
    | 'learn/size'
    /** No layer is chosen by the target. */
    | 'learn/layers'
    /** The loss or a gradient is not a number, or the loss rises: the message says at which step. */
    | 'learn/diverged'
    /** More memory is needed than this machine has. */
    | 'learn/memory';

/** Thrown while a learning runs. The message is one sentence or two, for the user. */
export class LearnError extends Error {
    readonly code: LearnErrorCode;

    constructor(code: LearnErrorCode, message: string, options?: ErrorOptions) {
        super(readable(message), options);
        this.name = 'LearnError';
        this.code = code;
    }
}
