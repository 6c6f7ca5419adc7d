/** The plan's words for memory as policies of the gradient. */

import type { LearnPlan } from '../../plan/plan.ts';
import type { MemoryPolicy } from '../graph/gradient/memory.ts';

export function policyOf(memory: LearnPlan['memory']): MemoryPolicy {
    switch (memory) {
        case 'keep':
            return 'all';
        case 'balanced':
            return 'costly';
        case 'small':
            return 'modules';
    }
}
