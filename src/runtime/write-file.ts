/** Writing files so that a final name always stands for a whole file. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RunError } from './run-error.ts';

/** Ends the names of files that are not whole yet. */
export const PART = '.part';

/** A name beside `file` under which it is written first; unique, so that two processes don't meet. */
export function temporaryName(file: string): string {
    return join(dirname(file), `.${basename(file)}.${process.pid}-${randomBytes(4).toString('hex')}${PART}`);
}

/**
 * Lets `write` make a file under a temporary name and renames it to `file`, making the folder where needed. When that
 * fails, nothing is left behind and the error says what to do.
 */
export async function writeWhole(file: string, write: (temporary: string) => Promise<void>): Promise<void> {
    const temporary = temporaryName(file);
    try {
        await mkdir(dirname(file), { recursive: true });
        await write(temporary);
        await rename(temporary, file);
    } catch (error) {
        await rm(temporary, { force: true }).catch(() => rmSync(temporary, { force: true }));
        throw writeError(error, file);
    }
}

/** Bytes or text as a whole file. */
export function writeWholeFile(file: string, content: string | Uint8Array): Promise<void> {
    return writeWhole(file, (temporary) => writeFile(temporary, content));
}

/** An error of the file system while `file` was written, as a message for the user. Others pass unchanged. */
export function writeError(error: unknown, file: string): unknown {
    const text = error instanceof Error ? `${(error as NodeJS.ErrnoException).code ?? ''} ${error.message}` : '';
    // sharp reports the operating system's message, not its code.
    if (/ENOSPC|EDQUOT|no space left|disk quota/i.test(text)) {
        const message = `No space is left to write ${file}. Finished pictures are kept: make room and run again to go on.`;
        return new RunError('output/full', message, { cause: error });
    }
    if (/EACCES|EPERM|EROFS|ENOTDIR|EEXIST|EISDIR|permission denied|read-only/i.test(text)) {
        const code = (error as NodeJS.ErrnoException).code ?? 'no permission';
        const message = `${file} can't be written (${code}). Choose another folder with --out, or change its permissions.`;
        return new RunError('output/unwritable', message, { cause: error });
    }
    return error;
}
