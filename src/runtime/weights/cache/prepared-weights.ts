/** Weights that were prepared from a model once and are mapped from a file of our own afterwards. */
import { createHash } from 'node:crypto';
import { statSync, utimesSync } from 'node:fs';
import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { sizeWords } from '../../../plan/amounts.ts';
import { makeFolder, withTemporary, writeWhole } from '../../write-whole.ts';
import { widen } from '../element-types.ts';
import { readSafetensors, type TensorLocation } from '../safetensors.ts';
import { cacheFolder, cacheLimit, makeRoomInCache, PREPARED } from './cache-folder.ts';

/** What is made of one tensor. */
export interface Preparation {
    /** The name of the result. */
    readonly name: string;
    readonly source: TensorLocation;
    /** Shape of the result. */
    readonly dims: readonly number[];
    /** Type of the result's values. */
    readonly dtype: 'F32' | 'U8';
}

export interface PreparedForm {
    /** Names the arithmetic, with its version: another one makes another file. */
    readonly form: string;
    /** The result for one tensor, of the preparation's type. */
    readonly prepare: (values: Float32Array, preparation: Preparation) => Float32Array | Uint8Array;
}

export interface CacheOptions {
    readonly folder?: string;
    /** Bytes of the whole folder. */
    readonly limit?: number;
}

export interface PreparedWeights {
    readonly tensors: ReadonlyMap<string, TensorLocation>;
    /** Bytes of the tensors, where this call made the file. */
    readonly madeBytes?: number;
}

/**
 * Where each prepared tensor is on disk. The first call for a model makes the file; later ones read its header. The file is named
 * by what is in the tensors, so copies of a model share it. Returns the reason where there is no place for it; errors of
 * the file system are thrown.
 */
export async function preparedWeights(
    preparations: readonly Preparation[],
    form: PreparedForm,
    { folder = cacheFolder(), limit = cacheLimit() }: CacheOptions = {},
): Promise<PreparedWeights | { readonly reason: string }> {
    const bytes = preparations.reduce((sum, preparation) => sum + bytesOf(preparation), 0);
    if (bytes > limit) {
        return { reason: `they take ${sizeWords(bytes)}, and the folder of prepared weights ${sizeWords(limit)}` };
    }
    // The weights of one graph must be in files of one drive (`graph/encode.ts`).
    if (preparations.some(({ source }) => parse(source.file).root !== parse(resolve(folder)).root))
        return { reason: `${folder} is on another drive than the model: SDSPEC_CACHE may name a folder there` };
    const stamp = stampOf(preparations, form);
    const index = join(folder, 'index.json');
    const known = await readIndex(index);
    const digest = known[stamp] ?? (await digestOf(preparations, form));
    const file = join(folder, `${digest}${PREPARED}`);
    const found = openPrepared(file, preparations);
    if (found && known[stamp]) return { tensors: found };
    if (!found) {
        makeRoomInCache(bytes, folder, limit);
        await makeFolder(folder);
        await withTemporary(file, async (temporary) => {
            await writePrepared(temporary, preparations, form);
            await rename(temporary, file);
        });
    }
    const others = Object.entries(await readIndex(index)).slice(-MAX_STAMPS);
    const text = JSON.stringify(Object.fromEntries([...others, [stamp, digest]]), null, 1);
    // Without the index the next run reads the tensors for their digest.
    await writeWhole(index, `${text}\n`).catch(() => {});
    if (found) return { tensors: found };
    const made = openPrepared(file, preparations);
    if (!made) throw new Error(`${file} was removed while it was made.`);
    return { tensors: made, madeBytes: bytes };
}

/** Models whose digest is remembered. */
const MAX_STAMPS = 200;

/** The tensors of a file that is whole, and of these preparations; the file counts as used now. */
function openPrepared(
    file: string,
    preparations: readonly Preparation[],
): ReadonlyMap<string, TensorLocation> | undefined {
    if (!statSync(file, { throwIfNoEntry: false })) return undefined;
    try {
        const { tensors } = readSafetensors(file);
        const isThere = ({ name, dims, dtype }: Preparation) => {
            const tensor = tensors.get(name);
            return tensor?.dtype === dtype && tensor.shape.join() === dims.join();
        };
        if (!preparations.every(isThere)) return undefined;
        const now = new Date();
        try {
            utimesSync(file, now, now);
        } catch {
            // A folder that is shared and read-only is used all the same.
        }
        return tensors;
    } catch {
        // A damaged file is made again.
        return undefined;
    }
}

/** What says that nothing changed since the digest was taken: the files by path, size, time and inode. */
function stampOf(preparations: readonly Preparation[], { form }: PreparedForm): string {
    const files = [...new Set(preparations.map(({ source }) => source.file))].sort();
    const stamps = files.map((file) => {
        const { size, mtimeNs, ino } = statSync(file, { bigint: true });
        return [file, size, mtimeNs, ino].join('|');
    });
    const places = preparations.map(({ name, source, dims }) => [
        name,
        files.indexOf(source.file),
        source.offset,
        dims,
    ]);
    return createHash('sha256')
        .update(JSON.stringify([form, stamps, places]))
        .digest('hex');
}

async function readIndex(file: string): Promise<Readonly<Record<string, string>>> {
    try {
        const index: unknown = JSON.parse(await readFile(file, 'utf8'));
        if (typeof index !== 'object' || index === null) return {};
        const entries = Object.entries(index).filter(([, digest]) => /^[0-9a-f]{64}$/.test(String(digest)));
        return Object.fromEntries(entries);
    } catch {
        return {};
    }
}

async function digestOf(preparations: readonly Preparation[], { form }: PreparedForm): Promise<string> {
    const hash = createHash('sha256').update(form);
    await withTensors(preparations, async (preparation, bytes) => {
        const { name, source, dims } = preparation;
        hash.update(JSON.stringify([name, source.dtype, source.shape, dims])).update(bytes);
    });
    return hash.digest('hex');
}

async function writePrepared(
    file: string,
    preparations: readonly Preparation[],
    { form, prepare }: PreparedForm,
): Promise<void> {
    const handle = await open(file, 'wx');
    try {
        await writeAll(handle, headerOf(preparations, form));
        await withTensors(preparations, async (preparation, bytes) => {
            const { dtype, shape } = preparation.source;
            const made = prepare(widen(bytes, dtype, sizeOf(shape)), preparation);
            await writeAll(handle, new Uint8Array(made.buffer, made.byteOffset, made.byteLength));
        });
        await handle.sync();
    } finally {
        await handle.close();
    }
}

/** https://github.com/huggingface/safetensors#format; padded, so that tensors begin at multiples of a cache line. */
function headerOf(preparations: readonly Preparation[], form: string): Uint8Array {
    let offset = 0;
    const entries = preparations.map((preparation) => {
        const begin = offset;
        offset += bytesOf(preparation);
        const { name, dtype, dims: shape } = preparation;
        return [name, { dtype, shape, data_offsets: [begin, offset] }];
    });
    const text = Buffer.from(JSON.stringify({ __metadata__: { form }, ...Object.fromEntries(entries) }));
    const length = text.length + ((CACHE_LINE - ((8 + text.length) % CACHE_LINE)) % CACHE_LINE);
    const header = Buffer.alloc(8 + length, ' ');
    header.writeBigUInt64LE(BigInt(length));
    text.copy(header, 8);
    return header;
}

const CACHE_LINE = 64;

/** Reads one tensor after the other; files are opened once. */
async function withTensors(
    preparations: readonly Preparation[],
    use: (preparation: Preparation, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
    const handles = new Map<string, FileHandle>();
    try {
        for (const preparation of preparations) {
            const { file, offset, length } = preparation.source;
            const handle = handles.get(file) ?? (await open(file));
            handles.set(file, handle);
            const bytes = new Uint8Array(length);
            for (let at = 0; at < length; ) {
                const { bytesRead } = await handle.read(bytes, at, length - at, offset + at);
                if (bytesRead === 0) throw new Error(`${file} ends within the tensor for ${preparation.name}.`);
                at += bytesRead;
            }
            await use(preparation, bytes);
        }
    } finally {
        for (const handle of handles.values()) await handle.close();
    }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at, bytes.length - at)).bytesWritten;
}

function bytesOf({ dims, dtype }: Preparation): number {
    return sizeOf(dims) * (dtype === 'F32' ? 4 : 1);
}

function sizeOf(dims: readonly number[]): number {
    return dims.reduce((product, side) => product * side, 1);
}
