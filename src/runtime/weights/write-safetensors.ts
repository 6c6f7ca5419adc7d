/** Writes safetensors files. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Tensor } from '../tensor.ts';
import { toFloat16 } from './half.ts';

/**
 * https://github.com/huggingface/safetensors#format: 8 bytes of header length, JSON header, then the bytes: of 32 bits each, or
 * rounded to the nearest half.
 */
export function writeSafetensors(
    file: string,
    tensors: ReadonlyMap<string, Tensor>,
    metadata: Readonly<Record<string, string>>,
    dtype: 'F32' | 'F16' = 'F32',
): void {
    const header: Record<string, unknown> = { __metadata__: { format: 'pt', ...metadata } };
    const width = dtype === 'F32' ? 4 : 2;
    let offset = 0;
    for (const [name, { data, dims }] of tensors) {
        const end = offset + width * data.length;
        header[name] = { dtype, shape: dims, data_offsets: [offset, end] };
        offset = end;
    }
    let text = JSON.stringify(header);
    text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
    const handle = openSync(file, 'w');
    try {
        writeAll(handle, length);
        writeAll(handle, Buffer.from(text));
        for (const tensor of tensors.values()) {
            const data = dtype === 'F32' ? tensor.data : Uint16Array.from(tensor.data, toFloat16);
            writeAll(handle, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
        }
    } finally {
        closeSync(handle);
    }
}

/** A write may take fewer bytes than it was given. */
function writeAll(handle: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
}
