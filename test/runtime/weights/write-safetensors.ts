/** Writes safetensors files for tests: valid ones, and ones that break the format. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '../../../src/runtime/tensor.ts';

/** A new folder below the system's temporary one. */
export function temporaryFolder(): string {
    return mkdtempSync(join(tmpdir(), 'sdspec-weights-'));
}

/** A file with any header and any number of data bytes. */
export function writeRaw(file: string, header: string | object, dataBytes: number, headerLength?: number): string {
    const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(headerLength ?? json.length));
    writeFileSync(file, Buffer.concat([length, json, Buffer.alloc(dataBytes)]));
    return file;
}

/** A tensor of another type, as its bytes. */
export interface Typed {
    readonly dtype: string;
    readonly dims: readonly number[];
    readonly data: BigInt64Array | Float64Array | Uint8Array;
}

/** A valid file: F32, and other types where they are given. */
export function writeTensors(
    file: string,
    tensors: ReadonlyMap<string, Tensor | Typed>,
    metadata: Readonly<Record<string, string>> = {},
): string {
    const header: Record<string, unknown> = { __metadata__: metadata };
    let end = 0;
    const parts: Uint8Array[] = [];
    for (const [name, one] of tensors) {
        const { data, dims } = one;
        const start = end;
        end += data.byteLength;
        header[name] = { dtype: 'dtype' in one ? one.dtype : 'F32', shape: dims, data_offsets: [start, end] };
        parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    writeFileSync(file, Buffer.concat([length, json, ...parts]));
    return file;
}
