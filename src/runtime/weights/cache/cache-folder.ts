/** The folder of weights that sdspec has prepared from models: where it is, what is in it, and how large it may become. */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface CachedFile {
    readonly path: string;
    readonly bytes: number;
    /** When a run last opened it, in milliseconds. */
    readonly usedMs: number;
}

/** Names of prepared weights end so; nothing else in the folder is listed or removed. */
export const PREPARED = '.prepared.safetensors';

/** SDSPEC_CACHE, or `sdspec` in the user's folder of caches. */
export function cacheFolder(): string {
    const { SDSPEC_CACHE, XDG_CACHE_HOME } = process.env;
    return SDSPEC_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'sdspec');
}

const DEFAULT_LIMIT_GB = 16;

/** Bytes that all prepared weights may take together: SDSPEC_CACHE_GB, or 16 GB; 0 means that none are made. */
export function cacheLimit(): number {
    const text = process.env['SDSPEC_CACHE_GB'] ?? '';
    const gigabytes = text.trim() === '' ? DEFAULT_LIMIT_GB : Number(text);
    return (gigabytes >= 0 ? gigabytes : DEFAULT_LIMIT_GB) * 1e9;
}

/** Prepared weights, the latest used first. */
export function cachedFiles(folder = cacheFolder()): readonly CachedFile[] {
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
        .filter((name) => name.endsWith(PREPARED))
        .flatMap((name) => {
            const path = join(folder, name);
            // Another process may have removed it since.
            const status = statSync(path, { throwIfNoEntry: false });
            return status ? [{ path, bytes: status.size, usedMs: status.mtimeMs }] : [];
        })
        .sort((a, b) => b.usedMs - a.usedMs || (a.path < b.path ? -1 : 1));
}

/** Removes prepared weights; they are made again when a run needs them. Throws where a file can't be removed. */
export function removeCached(files: readonly CachedFile[]): void {
    for (const { path } of files) rmSync(path, { force: true });
}

/** Removes what was not used for longest until so many more bytes fit. Returns whether they fit. */
export function makeRoomInCache(bytes: number, folder = cacheFolder(), limit = cacheLimit()): boolean {
    if (bytes > limit) return false;
    let left = limit - bytes;
    for (const file of cachedFiles(folder)) {
        left -= file.bytes;
        if (left < 0) removeCached([file]);
    }
    return true;
}
