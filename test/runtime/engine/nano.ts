/** The nano models that tests run on. */
import { join } from 'node:path';
import { elementCount, type Tensor, tensor } from '../../../src/runtime/tensor.ts';

export const MODELS = join(import.meta.dirname, '../../goldens/models');
export const SD15 = join(MODELS, 'nano-sd15');
export const SD21 = join(MODELS, 'nano-sd21');
export const INPAINT = join(MODELS, 'nano-inpaint');

/** Fixed numbers between -1 and 1 without a visible pattern. */
export function noise(seed: number, ...dims: readonly number[]): Tensor {
    const data = new Float32Array(elementCount(dims));
    let state = seed * 2654435761 + 1;
    for (let index = 0; index < data.length; index++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        data[index] = state / 2 ** 31 - 1;
    }
    return tensor(data, dims);
}
