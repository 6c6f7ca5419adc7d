/** The head of a safetensors file on disk, and the one bias that says what an SD2 model predicts. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { predictionOf, SPREAD_BIAS } from '../../plan/model-file/head.ts';
import { type HeaderEntry, MAX_HEADER_BYTES, parseHeader } from '../../plan/model-file/header.ts';
import type { FileHead } from './files.ts';

const known = new Map<string, { readonly stamp: string; readonly head: FileHead | undefined }>();

/** Reads the header, once for each state of the file; undefined for what is no safetensors file. Throws where it can't be read. */
export function modelHead(path: string): FileHead | undefined {
    const file = openSync(path, 'r');
    try {
        const status = fstatSync(file);
        const stamp = `${status.size} ${status.mtimeMs}`;
        const entry = known.get(path);
        if (entry?.stamp === stamp) return entry.head;
        const head = readHead(file, status.size);
        known.set(path, { stamp, head });
        return head;
    } finally {
        closeSync(file);
    }
}

function readHead(file: number, size: number): FileHead | undefined {
    const start = Buffer.alloc(8);
    if (readSync(file, start, 0, 8, 0) < 8) return undefined;
    const length = Number(start.readBigUInt64LE());
    if (length > MAX_HEADER_BYTES || length + 8 > size) return undefined;
    const text = Buffer.alloc(length);
    readSync(file, text, 0, length, 8);
    const parsed = parseHeader(text.toString('utf8'));
    if ('wrong' in parsed) return undefined;
    const { metadata, entries } = parsed.header;
    const bias = entries.get(SPREAD_BIAS);
    const values = bias && valuesOf(file, bias, 8 + length);
    return { tensors: entries, metadata, ...(values && { looksLike: predictionOf(values) }) };
}

/** The values of a small tensor of usual type. */
function valuesOf(
    file: number,
    { dtype, offsets: [from, to] }: HeaderEntry,
    start: number,
): readonly number[] | undefined {
    if (to <= from || to - from > 65536) return undefined;
    const bytes = new DataView(new ArrayBuffer(to - from));
    readSync(file, bytes, 0, to - from, start + from);
    const each = (step: number, read: (at: number) => number) =>
        Array.from({ length: (to - from) / step }, (_, index) => read(index * step));
    const word = new DataView(new ArrayBuffer(4));
    switch (dtype) {
        case 'F32':
            return each(4, (at) => bytes.getFloat32(at, true));
        case 'F64':
            return each(8, (at) => bytes.getFloat64(at, true));
        case 'BF16':
            return each(2, (at) => {
                word.setUint16(2, bytes.getUint16(at, true), true);
                return word.getFloat32(0, true);
            });
        case 'F16':
            return each(2, (at) => half(bytes.getUint16(at, true)));
        default:
            return undefined;
    }
}

/** The value of a float16 (IEEE 754 binary16). */
function half(bits: number): number {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
