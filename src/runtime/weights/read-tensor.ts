/** Reads single tensors into memory, widened to float32: for small things such as learned embeddings. */
import { closeSync, openSync, readSync } from 'node:fs';
import { sizeOf, type Tensor, tensor } from '../tensor.ts';
import { fromBfloat16, fromFloat16 } from './half.ts';
import type { TensorLocation } from './safetensors.ts';

export function readTensor(location: TensorLocation): Tensor {
    const bytes = new Uint8Array(location.length);
    const descriptor = openSync(location.file, 'r');
    try {
        readSync(descriptor, bytes, 0, bytes.length, location.offset);
    } finally {
        closeSync(descriptor);
    }
    const count = sizeOf(location.shape);
    switch (location.dtype) {
        case 'F32':
            return tensor(new Float32Array(bytes.buffer, 0, count), location.shape);
        case 'F16':
            return tensor(Float32Array.from(new Uint16Array(bytes.buffer, 0, count), fromFloat16), location.shape);
        case 'BF16':
            return tensor(Float32Array.from(new Uint16Array(bytes.buffer, 0, count), fromBfloat16), location.shape);
    }
}
