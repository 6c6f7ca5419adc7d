/** How sessions hold their weights: on the CPU mapped from the file, or rearranged in memory for speed. */

import type { HalfProducts } from '../graph/forms/operator-forms.ts';
import { bytesOf, type PartTensors } from '../weights/parts.ts';
import type { Backend } from './backend.ts';

export interface SessionPlan {
    readonly optimisation: 'all' | 'extended';
    readonly weights: 'prepacked' | 'mapped' | 'device';
    /** The rule that decided, in words. */
    readonly rule: string;
}

/** Below this many bytes a session is always prepacked. */
const SMALL_PART = 64 * 2 ** 20;

/** From about this many calls on, rearranging the weights of a large U-Net pays for itself. */
export const MANY_CALLS = 20;

/**
 * The plan of a part, from its files and the expected number of calls alone, never from the state of the machine: the
 * two ways differ in the last bits, so the same plan must always lead to the same way.
 */
export function planSession(
    backend: Backend,
    weights: PartTensors,
    expectedCalls: number,
    half: HalfProducts = [],
): SessionPlan {
    if (backend !== 'cpu') {
        const rule =
            half.length > 0 ? `weights are on the device, ${half.join(', ')} in 16 bits` : 'weights are on the device';
        return { optimisation: 'all', weights: 'device', rule };
    }
    const prepacked = (rule: string): SessionPlan => ({ optimisation: 'all', weights: 'prepacked', rule });
    if (bytesOf(weights) < SMALL_PART) return prepacked('small part');
    if ([...weights.tensors.values()].some((location) => location.dtype !== 'F32')) {
        return prepacked('half precision is widened in memory anyway');
    }
    if (expectedCalls >= MANY_CALLS) return prepacked(`${MANY_CALLS} calls or more`);
    return { optimisation: 'extended', weights: 'mapped', rule: `fewer than ${MANY_CALLS} calls` };
}
