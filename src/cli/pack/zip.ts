/** Writing and reading archives: zip files, the latter with distrust. */
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, readdirSync, statSync } from 'node:fs';
import { open, rename, rmdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import yazl from 'yazl';
import { readable } from '../../plan/problem.ts';
import { RunError } from '../../runtime/run-error.ts';
import { makeFolder, placeOnce, type WriteAdvice, withTemporary, writeError } from '../../runtime/write-whole.ts';

export interface ZipEntry {
    /** With `/`. */
    readonly path: string;
    /** A file on disk, or the text itself. */
    readonly from: { readonly file: string } | { readonly text: string };
}

/** The same for every file, so that equal contents are equal bytes. */
const TIME = new Date('2000-01-01T12:00:00Z');
const STORED = /\.(png|jpe?g|webp|gif|avif|mp4|safetensors|zip)$/i;

const PACKING: WriteAdvice = {
    full: 'Nothing was packed, and the runs are kept: make room and pack again.',
    unwritable: 'Name an archive in another folder with --to, or change the permissions.',
};
const UNPACKING: WriteAdvice = {
    full: 'Nothing was unpacked: make room and unpack again, or name a folder on another disk.',
    unwritable: 'Nothing was unpacked: name another folder, or change the permissions.',
};

/**
 * Writes an archive as a whole, under a name that is free; what is compressed already is stored as it is.
 * @throws RunError `output/there` where something has the name by then, `output/full`, `output/unwritable`
 */
export async function writeZip(file: string, entries: readonly ZipEntry[]): Promise<void> {
    const zip = new yazl.ZipFile();
    // A file that can't be read is an error of the archive, not of its stream.
    const unreadable = new AbortController();
    zip.on('error', (error: Error) => unreadable.abort(error));
    for (const { path, from } of entries) {
        const options = { mtime: TIME, mode: 0o100644, compress: !STORED.test(path) };
        if ('file' in from) zip.addFile(from.file, path, options);
        else zip.addBuffer(Buffer.from(from.text), path, options);
    }
    zip.end();
    let placed: boolean;
    try {
        await makeFolder(dirname(file));
        placed = await withTemporary(file, async (temporary) => {
            const written = createWriteStream(temporary, { flags: 'wx', flush: true });
            await pipeline(zip.outputStream, written, { signal: unreadable.signal });
            return placeOnce(temporary, file);
        });
    } catch (error) {
        const cause = unreadable.signal.reason as Error | undefined;
        if (!cause) throw writeError(error, file, PACKING);
        const message = `Nothing was packed, because a file can't be read (${cause.message}). Run the spec again, then pack it.`;
        throw new RunError('input/unreadable', message, { cause });
    }
    if (placed) return;
    const message = `${file} has come to be there meanwhile, and is kept. Pack again under another name with --to.`;
    throw new RunError('output/there', message);
}

export interface Unzipped {
    readonly path: string;
    readonly bytes: number;
    readonly sha256: string;
}

export interface UnzipLimits {
    /** All files together, unpacked. */
    readonly bytes: number;
    readonly files: number;
}

/**
 * Unpacks into a folder that does not exist yet, or is empty. Refuses, before anything is written, names that lead out of
 * the folder, links, names that occur twice, and archives beyond the limits; on any error nothing is left.
 * @throws RunError `input/unreadable`, `output/there`, `output/full`, `output/unwritable`
 */
export async function unzip(file: string, folder: string, limits: UnzipLimits): Promise<readonly Unzipped[]> {
    requireFree(folder);
    const zip = await yauzl
        .openPromise(file, { autoClose: false, lazyEntries: true, strictFileNames: true })
        .catch((cause) => {
            throw refused(`${file} can't be read: ${(cause as Error).message}`);
        });
    try {
        const entries: yauzl.Entry[] = [];
        for await (const entry of zip.eachEntry()) {
            entries.push(entry);
            if (entries.length > limits.files) throw refused(`it holds more than ${limits.files} files`);
        }
        check(entries, limits);
        return await withTemporary(resolve(folder), async (temporary) => {
            const unzipped = await extractAll(zip, entries, temporary);
            await takePlace(temporary, folder);
            return unzipped;
        });
    } catch (error) {
        if (error instanceof RunError) throw error;
        if ((error as NodeJS.ErrnoException).syscall) throw writeError(error, folder, UNPACKING);
        throw refused(`${file} can't be unpacked: ${(error as Error).message}`);
    } finally {
        zip.close();
    }
}

async function extractAll(
    zip: yauzl.ZipFile,
    entries: readonly yauzl.Entry[],
    folder: string,
): Promise<readonly Unzipped[]> {
    mkdirSync(folder, { recursive: true });
    const unzipped: Unzipped[] = [];
    for (const entry of entries) {
        if (entry.fileName.endsWith('/')) continue;
        const target = join(folder, ...entry.fileName.split('/'));
        if (!resolve(target).startsWith(resolve(folder) + sep)) throw refused(`${entry.fileName} leads out of it`);
        mkdirSync(dirname(target), { recursive: true });
        unzipped.push({ path: entry.fileName, ...(await extract(zip, entry, target)) });
    }
    return unzipped;
}

/** @throws RunError `output/there` where the folder is a file, or holds anything */
function requireFree(folder: string): void {
    const there = statSync(folder, { throwIfNoEntry: false });
    if (there && !there.isDirectory()) throw taken(`${folder} is a file`);
    if (there && readdirSync(folder).length > 0) throw taken(`${folder} is there and not empty`);
}

/** Gives what was unpacked its name: that of nothing, or of a folder that is still empty. */
async function takePlace(temporary: string, folder: string): Promise<void> {
    try {
        await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
            if (error.code !== 'ENOENT') throw error;
        });
        await rename(temporary, folder);
    } catch (error) {
        if (!TAKEN.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
        throw taken(`${folder} is not empty any more`);
    }
}

const TAKEN = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR']);

function taken(what: string): RunError {
    return new RunError('output/there', `Nothing was unpacked, because ${readable(what)}. Name a new folder.`);
}

function refused(why: string): RunError {
    return new RunError('input/unreadable', `Nothing was unpacked, because ${readable(why)}.`);
}

/** Judges the list of the archive's files before one of them is written. */
function check(entries: readonly yauzl.Entry[], limits: UnzipLimits): void {
    const seen = new Set<string>();
    let bytes = 0;
    for (const { fileName, externalFileAttributes, uncompressedSize } of entries) {
        const kind = (externalFileAttributes >>> 16) & 0o170000;
        if (kind === 0o120000) throw refused(`${fileName} is a link`);
        if (kind !== 0 && kind !== 0o100000 && kind !== 0o040000)
            throw refused(`${fileName} is neither a file nor a folder`);
        const parts = fileName.replace(/\/$/, '').split('/');
        if (parts.some((part) => part === '' || part === '.' || part === '..' || UNSAFE.test(part))) {
            throw refused(`${fileName} is no name that every system has`);
        }
        const name = fileName.toLowerCase();
        if (seen.has(name)) throw refused(`${fileName} occurs twice`);
        seen.add(name);
        bytes += uncompressedSize;
        if (bytes > limits.bytes) {
            throw refused(`it holds more than ${Math.round(limits.bytes / 2 ** 20)} MB: allow more with --limit`);
        }
    }
}

/** Characters that Windows has not, its devices, and names that it changes. */
const UNSAFE = /[\\:*?"<>|\p{Cc}]|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|[ .]$/iu;

async function extract(zip: yauzl.ZipFile, entry: yauzl.Entry, target: string): Promise<Omit<Unzipped, 'path'>> {
    const stream = await zip.openReadStreamPromise(entry);
    const hash = createHash('sha256');
    let bytes = 0;
    const handle = await open(target, 'wx');
    try {
        // The stream itself ends with an error where there is more than the archive's list says.
        for await (const chunk of stream) {
            hash.update(chunk as Buffer);
            bytes += (chunk as Buffer).length;
            await handle.writeFile(chunk as Buffer);
        }
        await handle.sync();
    } finally {
        await handle.close();
    }
    return { bytes, sha256: hash.digest('hex') };
}
