/** How far numbers are from the reference: the relative error in the 2-norm. */
import type { Tensor } from '../../../../src/runtime/tensor.ts';

export function relativeError(found: Tensor, wanted: Tensor): number {
    if (found.data.length !== wanted.data.length) return Number.POSITIVE_INFINITY;
    let [difference, size] = [0, 0];
    for (const [at, value] of wanted.data.entries()) {
        difference += (found.data[at]! - value) ** 2;
        size += value ** 2;
    }
    return Math.sqrt(difference / (size || 1));
}
