/** The order of runs: as the runtime takes them, and which of them a key stops that names none. */
import type { QueueEntry } from '../../runtime/process/protocol.ts';
import type { LiveRun } from './live-run.ts';

/** In the order of the queue, whose first entry is the one that is running; what it does not know yet comes last. */
export function inQueueOrder<Run extends Pick<LiveRun, 'id'>>(
    runs: readonly Run[],
    queue: readonly Pick<QueueEntry, 'id'>[],
): readonly Run[] {
    const places = new Map(queue.map(({ id }, place) => [id, place]));
    const place = ({ id }: Run) => places.get(id) ?? queue.length;
    return runs.toSorted((a, b) => place(a) - place(b));
}

/** The one under the cursor, else the first of those in order; one that stops already is left to do so. */
export function runToStop<Run extends Pick<LiveRun, 'stopping'>>(active: readonly Run[], here?: Run): Run | undefined {
    if (here && active.includes(here)) return here.stopping ? undefined : here;
    return active.find(({ stopping }) => !stopping);
}
