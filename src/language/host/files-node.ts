/** Files on disk, for hosts on Node. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Size } from '../../plan/plan.ts';
import type { FileAccess } from './files.ts';
import { filesLike } from './glob-node.ts';
import { modelHead } from './model-head-node.ts';
import { pictureSize, tiffDirectory, tiffSize } from './picture-size.ts';

/** The head of a picture file is read, never more. */
const HEAD = 256 * 1024;
/** Configs are small; anything larger is none. */
const LARGEST_TEXT = 1024 * 1024;

export const nodeFiles: FileAccess = {
    kindOf(uri) {
        const stats = onDisk(uri, (path) => statSync(path, { throwIfNoEntry: false }));
        return stats?.isFile() ? 'file' : stats?.isDirectory() ? 'folder' : undefined;
    },
    glob(folder, pattern) {
        if (!folder.startsWith('file:')) return [];
        return onDisk(folder, (cwd) => filesLike(cwd, pattern));
    },
    pictureSize(uri) {
        return onDisk(uri, (path): Size | undefined => {
            const bytes = head(path);
            const directory = tiffDirectory(bytes);
            if (directory === undefined) return pictureSize(bytes);
            // A TIFF's directory may be at the end of the file.
            return tiffSize(head(path, directory), bytes[0] === 0x49);
        });
    },
    modelHead(uri) {
        return onDisk(uri, modelHead);
    },
    readText(uri) {
        return onDisk(uri, (path) => (statSync(path).size <= LARGEST_TEXT ? readFileSync(path, 'utf8') : undefined));
    },
};

/** What can't be read is not there: the checks say so. */
function onDisk<Value>(uri: string, read: (path: string) => Value): Value | undefined {
    if (!uri.startsWith('file:')) return undefined;
    try {
        return read(fileURLToPath(uri));
    } catch {
        return undefined;
    }
}

function head(path: string, from = 0): Uint8Array {
    const file = openSync(path, 'r');
    try {
        const bytes = new Uint8Array(HEAD);
        return bytes.subarray(0, readSync(file, bytes, 0, HEAD, from));
    } finally {
        closeSync(file);
    }
}
