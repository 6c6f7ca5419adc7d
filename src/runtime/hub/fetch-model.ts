/** Fetches a model from the hub into the cache: only what is needed, only what is missing. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { copyFile, mkdir, readlink, rename, rm, statfs, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { checkPipeline } from '../weights/diffusers-folder.ts';
import { cachedModel, hubCache, isCached, repositoryFolder } from './cache.ts';
import { claimed } from './claim.ts';
import { type Connection, connect } from './connection.ts';
import { download } from './download.ts';
import { HubError } from './hub-error.ts';
import { type HubFile, listModel } from './listing.ts';
import { type HubModel, hubName, isCommit, isHubModel } from './names.ts';
import { type Choice, isWeights, neededFiles } from './needed.ts';

export interface FetchOptions extends Choice {
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: FetchProgress) => void;
    /** See `Download`. */
    readonly pause?: number;
}

export type FetchProgress =
    /** Told once, before the first byte: what is to come, and what lies here already. */
    | { readonly kind: 'planned'; readonly files: number; readonly bytes: number; readonly hereBytes: number }
    /** `done` of `bytes` have come in all, `fileDone` of `fileBytes` of this file. */
    | {
          readonly kind: 'bytes';
          readonly path: string;
          readonly fileDone: number;
          readonly fileBytes: number;
          readonly done: number;
          readonly bytes: number;
      }
    /** A file is whole, and its digest right. */
    | { readonly kind: 'file'; readonly path: string; readonly bytes: number }
    | { readonly kind: 'notice'; readonly text: string };

export interface Fetched {
    /** The model's folder in the cache. */
    readonly folder: string;
    /** Files and bytes that were downloaded now; none where all was here. */
    readonly files: number;
    readonly bytes: number;
}

/** The one place that uses the network. Throws `HubError` or `ModelError`, or the reason of the signal. */
export async function fetchModel(ref: HubModel, options: FetchOptions = {}): Promise<Fetched> {
    if (!isHubModel(ref)) {
        const message = `${hubName(ref)} is no name of a hub model: write hf:owner/name or hf:owner/name@revision.`;
        throw new HubError('hub/not-found', message);
    }
    // A commit never changes: there is nothing to ask.
    if (isCommit(ref.revision) && isCached(ref)) return { folder: cachedModel(ref), files: 0, bytes: 0 };
    const connection = connect(ref, options.signal);
    try {
        return await claimed(repositoryFolder(ref.repository), hubName(ref), () => bring(ref, connection, options));
    } catch (error) {
        options.signal?.throwIfAborted();
        throw isFull(error) ? full(error) : error;
    }
}

async function bring(ref: HubModel, connection: Connection, options: FetchOptions): Promise<Fetched> {
    const { onProgress, signal, pause } = options;
    const listing = await listModel(ref, connection);
    const needed = neededFiles(listing, ref, options);
    const folder = repositoryFolder(ref.repository);
    const snapshot = join(folder, 'snapshots', listing.commit);
    const missing = needed.filter((file) => !isWhole(join(snapshot, file.path), file));
    const bytes = sum(missing);
    onProgress?.({ kind: 'planned', files: missing.length, bytes, hereBytes: sum(needed) - bytes });
    await checkRoom(missing, folder);

    let done = 0;
    for (const file of missing) {
        // Models of another kind are refused before their weights come.
        if (isWeights(file)) checkPipeline(snapshot);
        const blob = join(folder, 'blobs', file.digest.hex);
        if (!isWhole(blob, file)) {
            await rm(blob, { force: true });
            mkdirSync(dirname(blob), { recursive: true });
            const tell = (fileDone: number) =>
                onProgress?.({
                    kind: 'bytes',
                    path: file.path,
                    fileDone,
                    fileBytes: file.bytes,
                    done: done + fileDone,
                    bytes,
                });
            await download({
                file,
                url: `${connection.endpoint}/${ref.repository}/resolve/${listing.commit}/${file.path}`,
                to: blob,
                connection,
                onBytes: atMostEvery(100, tell),
                onRetry: (reason) => onProgress?.({ kind: 'notice', text: `${file.path}: ${reason}; trying again.` }),
                ...(signal ? { signal } : {}),
                ...(pause === undefined ? {} : { pause }),
            });
        }
        await link(blob, join(snapshot, file.path));
        done += file.bytes;
        onProgress?.({ kind: 'file', path: file.path, bytes: file.bytes });
    }
    checkPipeline(snapshot);
    // Last: until then a branch means the commit that was fetched before.
    if (!isCommit(ref.revision)) await writeRef(join(folder, 'refs', ref.revision), listing.commit);
    return { folder: snapshot, files: missing.length, bytes };
}

function isWhole(path: string, { bytes }: HubFile): boolean {
    return statSync(path, { throwIfNoEntry: false })?.size === bytes;
}

/** Snapshots link to blobs, relative to themselves, so that the cache can be moved; where there are no links, by copy. */
async function link(blob: string, path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await rm(path, { force: true });
    try {
        await symlink(relative(dirname(path), blob), path);
    } catch (error) {
        if (existsSync(path) && (await readlink(path).catch(() => undefined)) !== undefined) return;
        if (isFull(error)) throw error;
        await copyFile(blob, `${path}.incomplete`);
        await rename(`${path}.incomplete`, path);
    }
}

async function writeRef(path: string, commit: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.incomplete`, commit);
    await rename(`${path}.incomplete`, path);
}

/** Says before the first byte that the disk is too small, where that can be known. */
async function checkRoom(missing: readonly HubFile[], folder: string): Promise<void> {
    const disk = await statfs(folder).catch(() => undefined);
    if (!disk) return;
    const begun = missing.map(({ digest }) => {
        const blob = join(folder, 'blobs', digest.hex);
        return (
            statSync(blob, { throwIfNoEntry: false })?.size ??
            statSync(`${blob}.incomplete`, { throwIfNoEntry: false })?.size ??
            0
        );
    });
    const wanted = sum(missing) - begun.reduce((total, size) => total + size, 0);
    const room = disk.bavail * disk.bsize;
    if (wanted <= room) return;
    const message = `The model needs ${gigabytes(wanted)} more, and ${hubCache()} has room for ${gigabytes(room)}. Make room, or set HF_HUB_CACHE to a folder on a larger disk.`;
    throw new HubError('hub/full', message);
}

function isFull(error: unknown): boolean {
    return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function full(cause: unknown): HubError {
    const message = `No space is left in ${hubCache()}. What came is kept: make room and run it again to go on, or set HF_HUB_CACHE to a folder on a larger disk.`;
    return new HubError('hub/full', message, { cause });
}

function gigabytes(bytes: number): string {
    return bytes < 1e8 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

function sum(files: readonly HubFile[]): number {
    return files.reduce((total, { bytes }) => total + bytes, 0);
}

function atMostEvery(milliseconds: number, tell: (value: number) => void): (value: number) => void {
    let last = -Infinity;
    return (value) => {
        if (performance.now() - last < milliseconds) return;
        last = performance.now();
        tell(value);
    };
}
