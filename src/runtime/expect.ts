/** Expectations: whether pictures are what the spec says they are. */
import type { Expectation } from '../plan/plan.ts';

/** How one expectation fared. `skipped` tells why it could not be judged here, which is no failure. */
export interface ExpectationResult {
    readonly expectation: Expectation;
    readonly verdict: 'met' | 'missed' | 'skipped';
    /** What was expected and what was found, as a sentence. */
    readonly message: string;
    /** Files to look at side by side, absolute, where the expectation compares pictures. */
    readonly expected?: string;
    readonly actual?: string;
}
