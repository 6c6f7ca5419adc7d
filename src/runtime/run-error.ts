/** What stops a run, reported so that the reader knows what to do. */

import type { HubModel } from '../plan/model-names.ts';
import { readable } from '../plan/problem.ts';

export type RunErrorCode =
    /** The folder for pictures can't be made or written. */
    | 'output/unwritable'
    /** The folder for pictures is reached through a link. */
    | 'output/link'
    /** Something has the name that was to be written. */
    | 'output/there'
    /** No space is left where pictures are written. */
    | 'output/full'
    /** A picture or other input can't be read. */
    | 'input/unreadable'
    /** A file's digest differs from the one that the spec pins. */
    | 'input/digest'
    /** The model can't make pictures of this size. */
    | 'run/size'
    /** Cells and tiles of a mosaic do not fit. */
    | 'mosaic/shape'
    /** Latents stopped being numbers; the message says at which step. */
    | 'run/not-a-number'
    /** The plan asks for something that the runtime does not do yet. */
    | 'run/unsupported'
    /** This kind of work can't be shared between workers. */
    | 'shard/kind'
    /** Workers of one run have different kinds of device. */
    | 'shard/device'
    /** A picture has cost three workers their lives, and is not tried again. */
    | 'shard/deadly'
    /** Slurm refuses, or is not there. */
    | 'run/slurm'
    /** Stopped on the user's wish. */
    | 'run/cancelled'
    /** Not enough memory. */
    | 'run/memory'
    /** The runtime's process ended while it worked. */
    | 'runtime/ended'
    /** A broken promise inside sdspec: a bug. */
    | 'internal';

/** Thrown while a plan is carried out. The message is one sentence or two, for the user. */
export class RunError extends Error {
    readonly code: RunErrorCode;

    constructor(code: RunErrorCode, message: string, options?: ErrorOptions) {
        super(readable(message), options);
        this.name = 'RunError';
        this.code = code;
    }
}

/** Why a run ended without its pictures: data, so that it can cross from process to process. */
export interface Failure {
    /** `subject/what`; `internal` for a bug. */
    readonly code: string;
    readonly message: string;
    /** The stack of an internal error, for a report. */
    readonly detail?: string;
    /** The hub model whose download would mend it. */
    readonly missing?: HubModel;
}

/** Any thrown thing as a failure. Errors that carry a `subject/what` code speak to users; all others are bugs. */
export function failureOf(thrown: unknown): Failure {
    if (!(thrown instanceof Error)) return { code: 'internal', message: String(thrown) };
    const code = (thrown as { code?: unknown }).code;
    if (typeof code === 'string' && /^[a-z-]+\/[a-z-]+$/.test(code)) {
        const { missing } = thrown as { missing?: HubModel };
        return { code, message: thrown.message, ...(missing && { missing }) };
    }
    if (code === 'ENOSPC' || code === 'EDQUOT') return { code: 'output/full', message: diskFull(thrown) };
    if (code === 'EMFILE' || code === 'ENFILE') {
        return { code: 'runtime/handles', message: tooManyFiles(`read ${pathOf(thrown)}`) };
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
        const message = `${pathOf(thrown)} can't be written or read (${code}). Change its permissions, or name another place.`;
        return { code: 'output/unwritable', message };
    }
    if (/bad_?alloc|out of memory|allocation failed|failed to allocate/i.test(thrown.message)) {
        const message = 'There is not enough memory for this run. Make the size smaller, or fewer seeds at once.';
        return { code: 'run/memory', message, detail: thrown.message };
    }
    return { code: 'internal', message: thrown.message, ...(thrown.stack ? { detail: thrown.stack } : {}) };
}

/** Whether this is the end of a run that the user stopped. */
export function isCancelled(thrown: unknown): boolean {
    return thrown instanceof Error && (thrown.name === 'AbortError' || failureOf(thrown).code === 'run/cancelled');
}

/** What to do where the system gives a process no more file handles. */
export function tooManyFiles(purpose: string): string {
    return `Too many files are open to ${purpose}: allow more (\`ulimit -n 1024\`), or close other programs.`;
}

function diskFull(error: Error): string {
    return `No space is left for ${pathOf(error)}. Pictures made so far are kept; make room and run again to continue.`;
}

function pathOf(error: Error): string {
    return (error as NodeJS.ErrnoException).path ?? 'a file';
}
