/** What is wrong with a download, reported so that the reader knows what to do. */

import { readable } from '../../plan/problem.ts';

export type HubErrorCode =
    /** The hub can't be reached, or the user wants no network. */
    | 'hub/offline'
    /** The hub wants a token, another token, or a licence to be accepted. */
    | 'hub/denied'
    /** There is no such model. */
    | 'hub/not-found'
    /** The model has no such branch, tag or commit. */
    | 'hub/no-revision'
    /** The model has nothing that sdspec can use. */
    | 'hub/unsuitable'
    /** Too many requests, or trouble at the hub's end. */
    | 'hub/busy'
    /** The connection was cut again and again; the part already downloaded is kept. */
    | 'hub/cut'
    /** What came is not what the hub promised; it was removed. */
    | 'hub/digest'
    /** No space is left for the model. */
    | 'hub/full'
    /** The same model is being fetched already. */
    | 'hub/locked'
    /** The answer is not that of a hub. */
    | 'hub/answer';

/** Thrown while a model is fetched. The message is one sentence or two, for the user. */
export class HubError extends Error {
    readonly code: HubErrorCode;

    constructor(code: HubErrorCode, message: string, options?: ErrorOptions) {
        super(readable(message), options);
        this.name = 'HubError';
        this.code = code;
    }
}
