/** Reads single tensors into memory, widened to float32: for small things such as learned embeddings. */
import { closeSync, openSync, readSync } from 'node:fs';
import { elementCount, type Tensor, tensor } from '../tensor.ts';
import { widen } from './element-types.ts';
import type { TensorLocation } from './safetensors.ts';

export function readTensor(location: TensorLocation): Tensor {
    const bytes = new Uint8Array(location.length);
    const descriptor = openSync(location.file, 'r');
    try {
        readSync(descriptor, bytes, 0, bytes.length, location.offset);
    } finally {
        closeSync(descriptor);
    }
    return tensor(widen(bytes, location.dtype, elementCount(location.shape)), location.shape);
}
