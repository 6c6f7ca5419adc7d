/** Safetensors headers: read and validated in full before any byte of a tensor is mapped. */
import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { type HeaderEntry, MAX_HEADER_BYTES, parseHeader } from '../../plan/model-file/header.ts';
import { bytesPerElement, isWeightType, type WeightType } from './element-types.ts';
import { ModelError } from './model-error.ts';

/** Where a tensor is on disk: `length` bytes from `offset` in `file`. */
export interface TensorLocation {
    /** Absolute path with symbolic links resolved. */
    readonly file: string;
    readonly offset: number;
    readonly length: number;
    readonly dtype: WeightType;
    readonly shape: readonly number[];
}

export interface SafetensorsFile {
    readonly file: string;
    readonly size: number;
    readonly metadata: Readonly<Record<string, string>>;
    readonly tensors: ReadonlyMap<string, TensorLocation>;
}

/**
 * Reads and validates a header: https://github.com/huggingface/safetensors#format.
 * Throws `ModelError` naming the file and what is wrong with it.
 */
export function readSafetensors(path: string): SafetensorsFile {
    const { file, size, header, dataStart } = readHeader(path);
    const broken = (what: string) => brokenFile(path, what);
    const parsed = parseHeader(header);
    if ('wrong' in parsed) throw broken(parsed.wrong);
    const tensors = new Map<string, TensorLocation>();
    const ranges: { name: string; from: number; to: number }[] = [];
    for (const [name, entry] of parsed.header.entries) {
        const [from, to] = entry.offsets;
        const { dtype, shape } = checkedEntry(entry, (what) => broken(`the entry "${name}" ${what}`));
        ranges.push({ name, from, to });
        tensors.set(name, { file, offset: dataStart + from, length: to - from, dtype, shape });
    }

    ranges.sort((a, b) => a.from - b.from || a.to - b.to);
    let end = 0;
    for (const { name, from, to } of ranges) {
        if (from < end) throw broken(`the tensor "${name}" overlaps the one before it`);
        if (from > end) throw broken(`there is a hole of ${from - end} bytes before the tensor "${name}"`);
        end = to;
    }
    if (dataStart + end > size) {
        throw broken(`it has ${size} bytes where its header promises ${dataStart + end}; download it again`);
    }
    if (dataStart + end < size) throw broken(`${size - dataStart - end} bytes follow its last tensor`);
    return { file, size, metadata: parsed.header.metadata, tensors };
}

function readHeader(path: string): { file: string; size: number; header: string; dataStart: number } {
    let file: string;
    let descriptor: number;
    try {
        file = realpathSync(path);
        descriptor = openSync(file, 'r');
    } catch (cause) {
        throw new ModelError('model/not-found', `The weights file "${path}" can't be opened.`, { cause });
    }
    try {
        const status = fstatSync(descriptor);
        if (!status.isFile()) throw new ModelError('model/not-found', `"${path}" is not a file.`);
        const start = Buffer.alloc(9);
        const count = readSync(descriptor, start, 0, 9, 0);
        if (count < 9) throw brokenFile(path, `it has only ${status.size} bytes`);
        const length = start.readBigUInt64LE(0);
        if (length > MAX_HEADER_BYTES || start[8] !== 0x7b) {
            const hint = foreignKind(start);
            throw new ModelError(
                'model/foreign-file',
                `"${path}" is not a safetensors file${hint ? `: it looks like ${hint}` : ''}. Use a .safetensors file.`,
            );
        }
        if (8 + Number(length) > status.size) {
            throw brokenFile(path, `it ends within its header (${status.size} bytes); download it again`);
        }
        const header = Buffer.alloc(Number(length));
        readSync(descriptor, header, 0, header.length, 8);
        return { file, size: status.size, header: header.toString('utf8'), dataStart: 8 + header.length };
    } finally {
        closeSync(descriptor);
    }
}

function checkedEntry(
    { dtype, shape, offsets: [from, to] }: HeaderEntry,
    broken: (what: string) => ModelError,
): Pick<TensorLocation, 'dtype' | 'shape'> {
    if (!isWeightType(dtype)) throw broken(`has the unknown type ${JSON.stringify(dtype)}`);
    const size = shape.reduce((product, side) => product * side, bytesPerElement(dtype));
    if (!Number.isSafeInteger(size) || to - from !== size) {
        throw broken(`needs ${size} bytes for ${dtype} of shape [${shape}] but has ${to - from}`);
    }
    return { dtype, shape };
}

function foreignKind(start: Buffer): string | undefined {
    const text = start.toString('latin1');
    if (text.startsWith('PK')) return 'a PyTorch checkpoint (.ckpt, .bin, .pt), which can run code when it is opened';
    if (text.startsWith('\x80')) return 'a Python pickle, which can run code when it is opened';
    if (text.startsWith('version ')) return 'a Git LFS pointer; fetch the real file with `git lfs pull`';
    if (text.startsWith('GGUF')) return 'a GGUF file';
    if (text.startsWith('\x89PNG') || text.startsWith('\xff\xd8')) return 'a picture';
    if (/^\s*</.test(text)) return 'a web page';
    if (/^\s*[{[]/.test(text)) return 'a JSON file';
    return undefined;
}

function brokenFile(path: string, what: string, options?: ErrorOptions): ModelError {
    return new ModelError('model/broken-file', `The weights file "${path}" is broken: ${what}.`, options);
}
