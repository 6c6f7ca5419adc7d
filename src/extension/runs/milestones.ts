/** The milestones of a run: its record changes with them, and with no step between. */
import type { RunnableId } from '../runnable.ts';
import type { LiveRun } from './live-run.ts';

/** Passes on what is a turn: a run was asked for, began, made a picture, or ended. */
export function onMilestones(tell: () => void): (run: LiveRun | RunnableId) => void {
    const last = new Map<string, string>();
    return (run) => {
        if (!('state' in run)) return;
        const turn = `${run.state} ${run.pictures.length}`;
        if (last.get(run.id) === turn) return;
        if (run.state === 'ended') last.delete(run.id);
        else last.set(run.id, turn);
        tell();
    };
}
