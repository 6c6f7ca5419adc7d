/** What the runtime's events change about a run: its state, its progress and its pictures. */
import { picturesOf } from '../../plan/passes/work.ts';
import type { RunEvent } from '../../runtime/events.ts';
import type { LiveRun } from './live-run.ts';
import type { Pace, Progress } from './progress.ts';

/** Stages between the steps of one picture and those of the next. */
const BETWEEN_STEPS: ReadonlySet<string> = new Set(['text', 'encode', 'features', 'decode', 'save']);

/** How soon an event is worth a report: at once, as one of many, or not at all. */
export type Weight = 'turn' | 'step' | 'none';

/** Changes the run. */
export function applyEvent(run: LiveRun, event: RunEvent, pace: Pace | undefined): Weight {
    const waits = event.kind === 'stage' && event.stage === 'wait';
    if (event.kind !== 'notice' && !waits) run.begun = true;
    switch (event.kind) {
        case 'notice':
        case 'preview':
            return 'none';
        case 'kept':
            run.pictures.push(...event.pictures);
            return 'turn';
        case 'stage':
            run.state = 'running';
            // What happens between the steps of several pictures is too short to be read.
            if (BETWEEN_STEPS.has(event.stage) && run.progress?.stage === 'denoise' && cellCount(run) > 1)
                return 'none';
            run.progress = { ...run.progress, stage: event.stage, step: 0, steps: run.progress?.steps ?? 0 };
            return 'turn';
        case 'step':
            run.state = 'running';
            run.progress = progressAt(run, event, pace);
            return 'step';
        case 'learn': {
            const { step, steps, loss, secondsLeft } = event;
            run.state = 'running';
            run.progress = { stage: 'learn', step, steps, loss, secondsLeft };
            return step < steps ? 'step' : 'turn';
        }
        case 'tile':
            run.state = 'running';
            run.progress = { stage: 'tiles', step: event.done, steps: event.of };
            return 'turn';
        case 'picture': {
            const { cell, seed, file } = event;
            const of = cellCount(run);
            run.state = 'running';
            run.pictures.push({ cell, seed, file });
            const made = run.pictures.length;
            const before = run.progress ?? { stage: 'save', step: 0, steps: 0 };
            run.progress = { ...before, share: made / of, pictures: { made, of } };
            return 'turn';
        }
    }
}

/** Where the run is as a whole after a step of some of its pictures. */
function progressAt(
    run: LiveRun,
    { cells, step, steps }: Extract<RunEvent, { kind: 'step' }>,
    pace: Pace | undefined,
): Progress {
    const of = cellCount(run);
    const made = run.pictures.length;
    const share = Math.min(1, (made + (cells.length * (step + 1)) / steps) / of);
    const secondsLeft = pace?.secondsLeft(share, made / of);
    return {
        stage: 'denoise',
        step: step + 1,
        steps,
        share,
        ...(of > 1 ? { pictures: { made, of } } : {}),
        ...(secondsLeft === undefined ? {} : { secondsLeft }),
    };
}

/** Counted with every step: the cells themselves are not made for it. What is made in parts is one. */
function cellCount({ run: { work } }: LiveRun): number {
    return work.kind === 'mosaic' ? 1 : Math.max(1, picturesOf(work));
}
