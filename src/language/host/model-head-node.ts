/** The head of a safetensors file on disk, and the one bias that says what an SD2 model predicts. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type ModelHead, predictionOf, SPREAD_BIAS } from '../../plan/model-file/head.ts';
import type { FileHead } from './files.ts';

/** Heads of models have some hundred kilobytes. */
const MAX_HEADER_BYTES = 32 * 1024 * 1024;

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

interface Entry {
    readonly dtype?: unknown;
    readonly shape?: unknown;
    readonly data_offsets?: unknown;
}

function readHead(file: number, size: number): FileHead | undefined {
    const start = Buffer.alloc(8);
    if (readSync(file, start, 0, 8, 0) < 8) return undefined;
    const length = Number(start.readBigUInt64LE());
    if (length > MAX_HEADER_BYTES || length + 8 > size) return undefined;
    const text = Buffer.alloc(length);
    readSync(file, text, 0, length, 8);
    let entries: unknown;
    try {
        entries = JSON.parse(text.toString('utf8'));
    } catch {
        return undefined;
    }
    if (typeof entries !== 'object' || entries === null) return undefined;
    const { __metadata__: metadata, ...rest } = entries as Record<string, Entry>;
    const tensors = new Map(
        Object.entries(rest).flatMap(([name, { shape }]) =>
            Array.isArray(shape) ? [[name, { shape: shape.map(Number) }] as const] : [],
        ),
    );
    const head: ModelHead = { tensors, metadata: textsOf(metadata) };
    const bias = rest[SPREAD_BIAS] && valuesOf(file, rest[SPREAD_BIAS], 8 + length);
    return { ...head, ...(bias && { looksLike: predictionOf(bias) }) };
}

function textsOf(metadata: unknown): Readonly<Record<string, string>> {
    const pairs = Object.entries(metadata ?? {}).filter(
        (pair): pair is [string, string] => typeof pair[1] === 'string',
    );
    return Object.fromEntries(pairs);
}

/** The values of a small tensor of usual type. */
function valuesOf(file: number, { dtype, data_offsets: offsets }: Entry, start: number): readonly number[] | undefined {
    const [from, to] = Array.isArray(offsets) ? offsets.map(Number) : [];
    if (from === undefined || to === undefined || !(to > from) || to - from > 65536) return undefined;
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
