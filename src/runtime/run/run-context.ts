/** What the parts of a run have at hand while it is carried out. */
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import type { RunEvent } from '../events.ts';
import type { TensorSink } from '../tensor-sink.ts';
import type { FileDigests } from './inputs/file-digests.ts';
import type { OpenRecord } from './open-record.ts';
import type { RunRequest } from './request.ts';
import type { RunServices } from './run-services.ts';

/** What other runs that are needed first are carried out with. */
export interface MadeFirstContext {
    readonly request: RunRequest;
    readonly workshop: RunServices;
    readonly digests: FileDigests;
    readonly emit: (event: RunEvent) => void;
    readonly signal: AbortSignal;
}

/** A run whose record is open. */
export interface RunContext extends MadeFirstContext {
    readonly folder: string;
    readonly record: OpenRecord;
    /** Uses of each model when this run first opened it: what others did with it is no part of the record. */
    readonly usesBefore: Map<StableDiffusion, number>;
    readonly sink?: TensorSink;
    /** Ends a learning after its step, with what is learnt by then as the result. */
    readonly keep?: AbortSignal;
}
