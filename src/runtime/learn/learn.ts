/** Learns a word, a LoRA or weights from pictures: the one entry to learning. */
import type { LearnPlan } from '../../plan/learn.ts';
import type { LearnContext, LearnOutcome } from './context.ts';
import { LearnError } from './learn-error.ts';

/**
 * Carries a learning out and returns where its result is. Draws depend on the seed and the step alone, so equal plans
 * give equal files, bit by bit, also after interruptions. Throws `LearnError`, and `RunError` `run/cancelled`.
 */
export async function learn(plan: LearnPlan, _context: LearnContext): Promise<LearnOutcome> {
    throw new LearnError('learn/model', `A ${plan.target.kind} can't be learnt yet.`);
}
