/** Where a run is, in a few words: the same in the status bar, the lens and the results page. */
import { timeWords } from '../../plan/amounts.ts';
import { STAGE_WORDS, type Stage } from '../../runtime/events.ts';

export interface Progress {
    readonly stage: string;
    readonly step: number;
    readonly steps: number;
    /** Of a learning: the mean loss of its last 50 steps, and the time that is left. */
    readonly loss?: number;
    readonly secondsLeft?: number;
}

export function progressWords({ stage, step, steps, loss, secondsLeft }: Progress): string {
    if (stage === 'learn')
        return `step ${step} of ${steps}, loss ${loss?.toFixed(3)}, ${timeWords(secondsLeft ?? 0)} left`;
    if (stage === 'tiles') return `tile ${step}/${steps}`;
    return stage === 'denoise' && steps > 0 ? `step ${step}/${steps}` : (STAGE_WORDS[stage as Stage] ?? stage);
}
