/** What a run is asked to do, and what became of it. */

import type { Shard } from '../../plan/passes/shares.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import type { Run } from '../../plan/run.ts';
import type { EditPoint } from '../../plan/sites.ts';
import type { DeviceChoice } from '../engine/backend.ts';
import type { RunEvent } from '../events.ts';
import type { Failure } from '../run-error.ts';
import type { RunRecord } from './record.ts';

export type { DeviceChoice } from '../engine/backend.ts';

export const DEVICE_CHOICES = ['auto', 'cpu', 'webgpu', 'cuda', 'dml'] as const satisfies readonly DeviceChoice[];

export interface RunOptions {
    /** Default `auto`. */
    readonly device?: DeviceChoice;
    /** Threads within an operator; default: the machine's cores. */
    readonly threads?: number;
    /** Ends an interrupted learning with what is learnt so far as its result, instead of continuing it. */
    readonly keep?: boolean;
    /** Make the pictures again though they are up to date. */
    readonly force?: boolean;
    /** A small picture after every n-th step; 0 or absent: none. */
    readonly previewEvery?: number;
    /** Of a single picture: a plan of fewer steps, whose picture is shown first and kept nowhere. */
    readonly draft?: PicturePlan;
    /** Where run folders go, absolute; default `.sdspec/runs` in the spec's folder. */
    readonly out?: string;
    /** Makes a share of the pictures, beside other workers that have the run's folder in common. */
    readonly shard?: Shard & { readonly onlyOwn?: boolean };
    /** Makes no picture: closes a run of several workers with what they have made. */
    readonly gather?: boolean;
    /** Also writes noise, embeddings, latents, predictions and block features for analysis elsewhere. */
    readonly tensors?: { readonly file: string; readonly sites: readonly EditPoint[] };
}

export interface RunRequest {
    /** Chosen by the sender, unique within the runtime's life; names the run in every message. */
    readonly id: string;
    readonly run: Run;
    /** Absolute folder of the spec: files of the plan are relative to it. */
    readonly base: string;
    /** Name of the spec file within `base`, for the record. */
    readonly spec?: string;
    readonly options?: RunOptions;
}

/** Where progress goes, and how the user stops it. */
export interface Supervision {
    readonly emit: (event: RunEvent) => void;
    readonly signal: AbortSignal;
    /** Ends a learning with what is learnt by then. */
    readonly keep?: AbortSignal;
}

export type WholeOutcome =
    /** All pictures are in `folder`; `upToDate`: they already were. */
    | { readonly kind: 'done'; readonly folder: string; readonly record: RunRecord; readonly upToDate: boolean }
    /** Stopped by the user; pictures finished before are kept in `folder`. */
    | { readonly kind: 'cancelled'; readonly folder?: string; readonly pictures: number }
    | {
          readonly kind: 'failed';
          readonly failure: Failure;
          readonly notices: readonly string[];
          readonly folder?: string;
          /** How many pictures were finished and kept. */
          readonly pictures: number;
      };

/** A worker has made what was left for it; others still work on the rest, or close the run. */
export interface SharedOutcome {
    readonly kind: 'shared';
    readonly folder: string;
    readonly made: number;
    /** Pictures that are left to other workers. */
    readonly left: number;
}

export type RunOutcome = WholeOutcome | SharedOutcome;
