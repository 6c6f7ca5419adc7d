/** One word for each state of a run: the same in lenses, the Runs tree and the results page. */
import type { StoredState } from '../../runtime/run/runs.ts';

const STATE_WORDS: Readonly<Record<StoredState | 'waiting', string>> = {
    waiting: 'waiting',
    running: 'running',
    complete: 'done',
    cancelled: 'stopped',
    failed: 'failed',
    interrupted: 'interrupted',
};

export function stateWord(state: StoredState | 'waiting'): string {
    return STATE_WORDS[state];
}

/** The state of a run that has ended, with how much of it was made: `stopped, 12 of 60 made`. */
export function endWords(state: StoredState, made: number, of: number): string {
    if (state !== 'complete') return `${STATE_WORDS[state]}, ${made} of ${of} made`;
    return of === 1 ? STATE_WORDS.complete : `${STATE_WORDS.complete}, ${of} pictures`;
}
