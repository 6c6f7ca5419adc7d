/** Fetches a model from the hub into the cache: only what is needed, only what is missing. */
import { existsSync, mkdirSync } from 'node:fs';
import { copyFile, mkdir, readlink, rename, rm, statfs, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { sizeWords } from '../../plan/amounts.ts';
import { type HubModel, hubName, isCommit } from '../../plan/model-names.ts';
import { hubCache } from '../models-folder.ts';
import { checkPipeline } from '../weights/diffusers-folder.ts';
import type { Access, Words } from './access.ts';
import { cachedModel, repositoryFolder } from './cache.ts';
import { claimed } from './claim.ts';
import { type Connection, connect } from './connection.ts';
import { download } from './download.ts';
import { HubError } from './hub-error.ts';
import { listModel } from './listing.ts';
import { type Choice, isWeights } from './needed.ts';
import { checkName, type Extent, extentOf, isHereForGood, isWholeFile, wanted } from './survey.ts';
import { removeDamaged } from './verify-blobs.ts';

export interface FetchOptions extends Choice {
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: FetchProgress) => void;
    readonly access?: Access;
    /** See `Download`. */
    readonly pause?: number;
}

export type FetchProgress =
    /** Called once, before the first byte: what is to come, and what is here already. */
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

/** With `surveyModel` the one place that uses the network. Throws `HubError` or `ModelError`, or the reason of the signal. */
export async function fetchModel(ref: HubModel, options: FetchOptions = {}): Promise<Fetched> {
    checkName(ref);
    const repository = repositoryFolder(ref.repository);
    if (isHereForGood(ref)) {
        const folder = cachedModel(ref);
        if ((await removeDamaged(repository, folder)).length === 0) return { folder, files: 0, bytes: 0 };
    }
    const connection = connect(ref, options);
    try {
        return await claimed(repository, hubName(ref), () => bring(ref, connection, options));
    } catch (error) {
        options.signal?.throwIfAborted();
        throw isFull(error) ? full(error, connection.words) : error;
    }
}

async function bring(ref: HubModel, connection: Connection, options: FetchOptions): Promise<Fetched> {
    const { onProgress, signal, pause } = options;
    const listing = await listModel(ref, connection);
    const folder = repositoryFolder(ref.repository);
    await removeDamaged(folder, wanted(listing, ref, options).snapshot);
    const all = wanted(listing, ref, options);
    const { snapshot, missing } = all;
    const extent = extentOf(all, ref);
    const { files, bytes, hereBytes } = extent;
    onProgress?.({ kind: 'planned', files, bytes, hereBytes });
    await checkRoom(extent, folder, connection.words);

    let done = 0;
    for (const file of missing) {
        // Models of another kind are refused before their weights come.
        if (isWeights(file)) checkPipeline(snapshot);
        const blob = join(folder, 'blobs', file.digest.hex);
        if (!isWholeFile(blob, file)) {
            await rm(blob, { force: true });
            mkdirSync(dirname(blob), { recursive: true });
            const reportBytes = (fileDone: number) =>
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
                onBytes: atMostEvery(100, reportBytes),
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
    return { folder: snapshot, files, bytes };
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
async function checkRoom({ bytes, begunBytes }: Extent, folder: string, words: Words): Promise<void> {
    const disk = await statfs(folder).catch(() => undefined);
    if (!disk) return;
    const wanted = bytes - begunBytes;
    const room = disk.bavail * disk.bsize;
    if (wanted <= room) return;
    const message = `The model needs ${sizeWords(wanted)} more, and ${hubCache()} has room for ${sizeWords(room)}. Make room, or ${words.moveCache}.`;
    throw new HubError('hub/full', message);
}

function isFull(error: unknown): boolean {
    return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function full(cause: unknown, words: Words): HubError {
    const message = `No space is left in ${hubCache()}. The part already downloaded is kept: make room and ${words.again} to continue, or ${words.moveCache}.`;
    return new HubError('hub/full', message, { cause });
}

function atMostEvery(milliseconds: number, tell: (value: number) => void): (value: number) => void {
    let last = -Infinity;
    return (value) => {
        if (performance.now() - last < milliseconds) return;
        last = performance.now();
        tell(value);
    };
}
