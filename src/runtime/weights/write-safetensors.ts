/** Writes safetensors files. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Tensor } from '../tensor.ts';

/** https://github.com/huggingface/safetensors#format: 8 bytes of header length, JSON header, then the bytes. */
export function writeSafetensors(
    file: string,
    tensors: ReadonlyMap<string, Tensor>,
    metadata: Readonly<Record<string, string>>,
): void {
    const header: Record<string, unknown> = { __metadata__: { format: 'pt', ...metadata } };
    let offset = 0;
    for (const [name, { data, dims }] of tensors) {
        header[name] = { dtype: 'F32', shape: dims, data_offsets: [offset, offset + data.byteLength] };
        offset += data.byteLength;
    }
    let text = JSON.stringify(header);
    text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
    const handle = openSync(file, 'w');
    try {
        writeAll(handle, length);
        writeAll(handle, Buffer.from(text));
        for (const { data } of tensors.values()) {
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
