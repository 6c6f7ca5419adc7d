/** Writing files whole or not at all: to a temporary name, flushed to the disk, then renamed. */
import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync, rmSync } from 'node:fs';
import { constants, copyFile, link, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isAlive } from './claim.ts';
import { RunError } from './run-error.ts';

/** Ends the names of files that are not whole yet. */
export const PART = '.part';

/** Files and folders that are being written now: removed where the process ends before they are whole. */
const writing = new Set<string>();

/** Removes what is not whole yet, before the process ends by itself. */
export function removeUnfinished(): void {
    for (const path of writing) {
        try {
            rmSync(path, { recursive: true, force: true });
        } catch {
            // What can't be removed now is removed as a leftover later.
        }
    }
    writing.clear();
}

/**
 * Does the work with a temporary name beside `file`, for a file or a folder. Whatever happens, also a signal that ends
 * the process, nothing with that name is left.
 */
export async function withTemporary<Result>(
    file: string,
    work: (temporary: string) => Promise<Result>,
): Promise<Result> {
    const temporary = temporaryName(file);
    writing.add(temporary);
    try {
        return await work(temporary);
    } finally {
        await remove(temporary);
        writing.delete(temporary);
    }
}

/** Removes a temporary file or folder. What can't be removed stays: no writing fails for it. */
async function remove(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true }).catch(() => {});
}

/** A name beside `file` under which it is written first; unique, so that two processes don't meet. */
export function temporaryName(file: string): string {
    return join(dirname(file), `.${basename(file)}.${HERE}-${process.pid}-${randomBytes(4).toString('hex')}${PART}`);
}

/** Where this process has its number: on a machine, or in a container of it. */
const HERE = createHash('sha256').update(`${hostname()} ${processNumbers()}`).digest('hex').slice(0, 6);

/** The name space of process numbers on Linux. */
function processNumbers(): string {
    try {
        return readlinkSync('/proc/self/ns/pid');
    } catch {
        return '';
    }
}

/**
 * Puts bytes or text under the name, in place of what was there, making the folder where needed. Whatever fails, what
 * was there stays, nothing half-written has the name and no temporary file is left.
 * @throws RunError `output/full` or `output/unwritable`, with what to do; other errors pass unchanged.
 */
export async function writeWhole(file: string, content: Uint8Array | string, advice?: WriteAdvice): Promise<void> {
    await writeBeside(file, content, (temporary) => rename(temporary, file), advice);
}

/** Writes to a temporary name, flushed to the disk; then `place` gives it the name. No temporary file is left. */
async function writeBeside<Result>(
    file: string,
    content: Uint8Array | string,
    place: (temporary: string) => Promise<Result>,
    advice?: WriteAdvice,
): Promise<Result> {
    try {
        await makeFolder(dirname(file));
        await removeLeftovers(dirname(file));
        return await withTemporary(file, async (temporary) => {
            const handle = await open(temporary, 'wx');
            try {
                await handle.writeFile(content);
                await handle.sync();
            } finally {
                await handle.close();
            }
            return place(temporary);
        });
    } catch (error) {
        throw writeError(error, file, advice);
    }
}

/** Folders whose leftovers this process has removed; when there are many it begins again, which costs a look at each. */
const cleaned = new Set<string>();
const MAX_CLEANED = 1000;

/** Removes, once per folder, what processes that were killed while they wrote have left there. */
export async function removeLeftovers(folder: string): Promise<void> {
    if (cleaned.has(folder)) return;
    if (cleaned.size >= MAX_CLEANED) cleaned.clear();
    cleaned.add(folder);
    for (const name of await readdir(folder).catch(() => [])) {
        const [, place, owner] = LEFTOVER.exec(name) ?? [];
        if (!owner) continue;
        const path = join(folder, name);
        if (place === HERE) {
            if (!isAlive(Number(owner))) await remove(path);
            continue;
        }
        // Where machines share a folder, nothing is known of the process: its file is young.
        const found = await lstat(path).catch(() => undefined);
        const waits = found?.isDirectory() ? LEFT_FOLDER_MS : LEFT_MS;
        if (found && Date.now() - found.mtimeMs > waits) await remove(path);
    }
}

/** A file that no one has written to for so long is left over. */
const LEFT_MS = 60_000;
/** A folder does not change while files deep in it are written. */
const LEFT_FOLDER_MS = 24 * 60 * 60_000;
const LEFTOVER = /^\..*\.(?:([0-9a-f]{6})-)?(\d+)-[0-9a-f]{8}\.part$/;

/**
 * Puts a file under a name that is free, whole or not at all, and says whether it did: of several processes, on one machine
 * or on many that share the folder, exactly one succeeds.
 */
export function writeOnce(file: string, content: Uint8Array | string): Promise<boolean> {
    return writeBeside(file, content, (temporary) => placeOnce(temporary, file));
}

/** Gives a temporary file a name, unless something has that name; whether it did. The temporary file stays. */
export async function placeOnce(temporary: string, file: string): Promise<boolean> {
    try {
        await link(temporary, file);
        return true;
    } catch (error) {
        const { code = '' } = error as NodeJS.ErrnoException;
        // A network file system may do it and lose the answer: then the temporary file has two names.
        if (code === 'EEXIST') return (await stat(temporary)).nlink === 2;
        if (!NO_LINKS.has(code)) throw error;
        return copyFile(temporary, file, constants.COPYFILE_EXCL).then(
            () => true,
            (failed: NodeJS.ErrnoException) => {
                if (failed.code === 'EEXIST') return false;
                throw failed;
            },
        );
    }
}

/** Answers of file systems without hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Makes a folder with those above it. Node's own recursion never ends where a file system makes no folders at all, such as
 * /proc on Linux.
 */
export async function makeFolder(folder: string): Promise<void> {
    try {
        await mkdir(folder);
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
        if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
        await makeFolder(dirname(folder));
        await mkdir(folder).catch(async (again: NodeJS.ErrnoException) => {
            // Another process was faster.
            if (again.code !== 'EEXIST') throw again;
        });
    }
}

/** What to do where a file can't be written. */
export interface WriteAdvice {
    readonly full: string;
    readonly unwritable: string;
}

const OF_A_RUN: WriteAdvice = {
    full: 'Finished pictures are kept: make room and run again to continue.',
    unwritable: 'Choose another folder with --out, or change its permissions.',
};

/** Of a file that is the user's own, beside no run. */
export const OF_A_FILE: WriteAdvice = {
    full: 'Make room, and try again.',
    unwritable: 'Change its permissions, or those of its folder.',
};

/** An error of the file system while `file` was written, as a message for the user. Others pass unchanged. */
export function writeError(error: unknown, file: string, { full, unwritable }: WriteAdvice = OF_A_RUN): unknown {
    const { code = '', syscall } = error as NodeJS.ErrnoException;
    if (FULL.has(code)) {
        const message = `No space is left to write ${file}. ${full}`;
        return new RunError('output/full', message, { cause: error });
    }
    // Node reports ENOENT where a folder can't be made on a file system that is read-only.
    if (UNWRITABLE.has(code) || (code === 'ENOENT' && syscall === 'mkdir')) {
        const message = `${file} can't be written (${code}). ${unwritable}`;
        return new RunError('output/unwritable', message, { cause: error });
    }
    return error;
}

/** A file beyond the user's limit of size (`ulimit -f`) is an error of writing, not the end of the process. */
export function survivesFileLimit(): void {
    if (process.platform !== 'win32') process.on('SIGXFSZ', () => {});
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const UNWRITABLE = new Set([
    'EACCES',
    'EPERM',
    'EROFS',
    'ENOTDIR',
    'EEXIST',
    'EISDIR',
    'ENAMETOOLONG',
    'EBUSY',
    'ELOOP',
]);
