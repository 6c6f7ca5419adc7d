/** What is wrong with a model's files, reported so that the reader knows what to do. */

import type { HubModel } from '../../plan/model-names.ts';
import { readable } from '../../plan/problem.ts';

export type ModelErrorCode =
    /** The file or folder is not there or can't be read. */
    | 'model/not-found'
    /** A safetensors file breaks its own format: truncated, overlapping, hostile. */
    | 'model/broken-file'
    /** A file of another kind: a pickle, a picture, a web page. */
    | 'model/foreign-file'
    /** A needed part (U-Net, VAE, text encoder, tokenizer, configuration) is missing. */
    | 'model/missing-part'
    /** A tensor that the architecture needs is missing or has another shape. */
    | 'model/missing-tensor'
    /** The file holds tensors of the model that no graph reads. */
    | 'model/unread-tensor'
    /** A weight is no number (NaN) or infinite. */
    | 'model/not-a-number'
    /** A configuration value or architecture that is not supported. */
    | 'model/unsupported'
    /** A device was asked for that can't do the work. */
    | 'model/device';

/** Thrown while a model is found, read or compiled. The message is one sentence or two, for the user. */
export class ModelError extends Error {
    readonly code: ModelErrorCode;
    /** The hub model whose download would mend it. */
    readonly missing?: HubModel;

    constructor(
        code: ModelErrorCode,
        message: string,
        { missing, ...options }: ErrorOptions & { readonly missing?: HubModel } = {},
    ) {
        super(readable(message), options);
        this.name = 'ModelError';
        this.code = code;
        if (missing) this.missing = missing;
    }
}
