/** Writing and reading archives: zip files, the latter with distrust. */
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import yazl from 'yazl';
import { readable } from '../../plan/problem.ts';
import { RunError } from '../../runtime/run-error.ts';
import { temporaryName } from '../../runtime/write-whole.ts';

export interface ZipEntry {
    /** With `/`. */
    readonly path: string;
    /** A file on disk, or the text itself. */
    readonly from: { readonly file: string } | { readonly text: string };
}

/** The same for every file, so that equal contents are equal bytes. */
const TIME = new Date('2000-01-01T12:00:00Z');
const STORED = /\.(png|jpe?g|webp|gif|avif|mp4|safetensors|zip)$/i;

/** Writes an archive as a whole; what is compressed already is stored as it is. */
export async function writeZip(file: string, entries: readonly ZipEntry[]): Promise<void> {
    const zip = new yazl.ZipFile();
    for (const { path, from } of entries) {
        const options = { mtime: TIME, mode: 0o100644, compress: !STORED.test(path) };
        if ('file' in from) zip.addFile(from.file, path, options);
        else zip.addBuffer(Buffer.from(from.text), path, options);
    }
    zip.end();
    mkdirSync(dirname(file), { recursive: true });
    const temporary = temporaryName(file);
    try {
        await pipeline(zip.outputStream, createWriteStream(temporary));
        renameSync(temporary, file);
    } finally {
        rmSync(temporary, { force: true });
    }
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
 * @throws RunError `input/unreadable`
 */
export async function unzip(file: string, folder: string, limits: UnzipLimits): Promise<readonly Unzipped[]> {
    if (existsSync(folder) && readdirSync(folder).length > 0) {
        throw refused(`${folder} is there and not empty: name another folder`);
    }
    const zip = await yauzl
        .openPromise(file, { autoClose: false, lazyEntries: true, strictFileNames: true })
        .catch((cause) => {
            throw refused(`${file} can't be read: ${(cause as Error).message}`);
        });
    const temporary = temporaryName(resolve(folder));
    const unzipped: Unzipped[] = [];
    try {
        const entries: yauzl.Entry[] = [];
        for await (const entry of zip.eachEntry()) {
            entries.push(entry);
            if (entries.length > limits.files) throw refused(`it holds more than ${limits.files} files`);
        }
        check(entries, limits);
        for (const entry of entries) {
            if (entry.fileName.endsWith('/')) continue;
            const target = join(temporary, ...entry.fileName.split('/'));
            if (!resolve(target).startsWith(resolve(temporary) + sep))
                throw refused(`${entry.fileName} leads out of it`);
            mkdirSync(dirname(target), { recursive: true });
            unzipped.push({ path: entry.fileName, ...(await extract(zip, entry, target)) });
        }
        mkdirSync(temporary, { recursive: true });
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(dirname(resolve(folder)), { recursive: true });
        renameSync(temporary, folder);
        return unzipped;
    } catch (error) {
        if (error instanceof RunError || (error as NodeJS.ErrnoException).syscall) throw error;
        throw refused(`${file} can't be unpacked: ${(error as Error).message}`);
    } finally {
        zip.close();
        rmSync(temporary, { recursive: true, force: true });
    }
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
