/** A run of this window, from its start in the queue to its outcome. */

import type { Run } from '../../plan/run.ts';
import type { RunEvent } from '../../runtime/events.ts';
import type { RunOutcome } from '../../runtime/run/request.ts';
import type { RunnableId } from '../runnable.ts';
import type { Progress } from './progress.ts';

/** A run that was asked for; one that has ended is known until a later one of the same runnable has. */
export interface LiveRun extends RunnableId {
    readonly id: string;
    readonly run: Run;
    /** The spec's folder. */
    readonly base: string;
    readonly spec: string;
    readonly folder: string;
    /** When it was asked for, in milliseconds since the epoch. */
    readonly clicked: number;
    /** It follows a change of the text in live mode. */
    readonly isLive: boolean;
    state: 'waiting' | 'running' | 'ended';
    stopping: boolean;
    progress: Progress | undefined;
    /** The digest of its work. */
    readonly digest: string;
    /** Whether the runtime has begun: what is in `pictures` is then all that there is. */
    begun: boolean;
    /** Finished pictures, those kept of an earlier attempt among them. */
    readonly pictures: { readonly cell: number; readonly seed: number; readonly file: string }[];
    outcome: RunOutcome | undefined;
}

export type PreviewEvent = Extract<RunEvent, { kind: 'preview' }>;

/** Its progress as it is shown; from the moment that it is to stop, that it stops. */
export function shownProgress({ progress, stopping, state }: LiveRun): Progress | undefined {
    if (!stopping || state === 'ended') return progress;
    return { ...(progress ?? { stage: 'wait', step: 0, steps: 0 }), stopping };
}
