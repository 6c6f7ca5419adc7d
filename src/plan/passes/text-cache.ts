/** T-GATE (Zhang et al. 2024, arXiv 2404.02747): late steps take what the text adds in cross-attention from an earlier one. */
import { stepsOf, type Window } from '../curve.ts';
import type { Moment } from '../steps.ts';
import { type DeepCache, isCachedStep } from './deep-cache.ts';

/**
 * A fixed schedule, the same on every device. During the window the outputs of all cross-attentions are those of the last step
 * before it at which the whole U-Net runs: as in the paper, the mean of the prompt's and the negative prompt's, and the prompt's
 * row is then the only one that runs. The first step of a run is never cached.
 */
export interface TextCache {
    readonly window: Window;
}

/** The parts of a plan that decide which steps are cached. */
export interface Caches {
    readonly deepCache?: DeepCache;
    readonly textCache?: TextCache;
}

type Step = Pick<Moment, 'step' | 'steps'>;

/** Whether cross-attention comes from an earlier step. */
export function isTextCached(cache: TextCache | undefined, { step, steps }: Step): boolean {
    if (!cache || step === 0) return false;
    const { first, end } = stepsOf(cache.window, steps);
    return step >= first && step < end;
}

/** Whether a later step takes cross-attention from this one or from one between them. */
export function isTextCachedLater(cache: TextCache | undefined, { step, steps }: Step): boolean {
    if (!cache) return false;
    const { first, end } = stepsOf(cache.window, steps);
    return step < Math.max(first, 1) && Math.max(first, 1) < end;
}

/** The steps that use what this step keeps of its cross-attention; none where it keeps nothing. */
export function textStepsServed({ deepCache, textCache }: Caches, moment: Moment): readonly Moment[] {
    if (isTextCached(textCache, moment) || isCachedStep(deepCache, moment)) return [];
    const at = (step: number): Moment => ({ ...moment, step });
    let step = moment.step + 1;
    // The steps before the window at which the branch alone runs keep nothing.
    while (step < moment.steps && !isTextCached(textCache, at(step)) && isCachedStep(deepCache, at(step))) step++;
    const served: Moment[] = [];
    for (; step < moment.steps && isTextCached(textCache, at(step)); step++) served.push(at(step));
    return served;
}
