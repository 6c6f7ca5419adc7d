/** How far a run is, in a few words: the same in the status bar, the lens and the results page. */
import { timeWords } from '../../plan/amounts.ts';
import { STAGE_WORDS, type Stage } from '../../runtime/events.ts';

export interface Progress {
    readonly stage: string;
    readonly step: number;
    readonly steps: number;
    /** Of a learning: the mean loss of its last 50 steps. */
    readonly loss?: number;
    /** Of the whole run. */
    readonly secondsLeft?: number;
    /** The share of the whole run that is done, 0…1. */
    readonly share?: number;
    /** It was asked to stop, and ends its step. */
    readonly stopping?: boolean;
    /** Of a run of several: how many pictures are made, kept ones among them. */
    readonly pictures?: { readonly made: number; readonly of: number };
}

/** Of a run that was asked to stop, and ends its step. */
export const STOPPING = 'stopping';

export function progressWords({ stage, step, steps, loss, secondsLeft, pictures, stopping }: Progress): string {
    if (stopping) return STOPPING;
    const left = secondsLeft === undefined ? undefined : `${timeWords(secondsLeft)} left`;
    if (stage === 'learn')
        return [`step ${step} of ${steps}`, `loss ${loss?.toFixed(3)}`, left].filter(Boolean).join(', ');
    const now =
        stage === 'tiles'
            ? `tile ${step}/${steps}`
            : stage === 'denoise' && steps > 0
              ? `step ${step}/${steps}`
              : (STAGE_WORDS[stage as Stage] ?? stage);
    const made = pictures && pictures.of > 1 ? `${pictures.made}/${pictures.of} pictures` : undefined;
    return [now, made, left].filter(Boolean).join(' · ');
}

/** Milliseconds of work before the time left can be said. */
const MIN_OBSERVED_MS = 1500;

/** The speed of a run: what it has done since it began to work, kept pictures apart. */
export class Pace {
    private start: { readonly at: number; readonly share: number } | undefined;

    /** Seconds left where a share is done now; undefined as long as that would be a guess. */
    secondsLeft(share: number, shareAtStart: number, now = performance.now()): number | undefined {
        this.start ??= { at: now, share: shareAtStart };
        const done = share - this.start.share;
        const elapsed = now - this.start.at;
        if (elapsed < MIN_OBSERVED_MS || done <= 0 || share >= 1) return undefined;
        return ((elapsed / done) * (1 - share)) / 1000;
    }
}
