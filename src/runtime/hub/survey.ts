/** What a download would bring: asked of the hub before anybody decides about it. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type HubModel, hubName, isCommit, isHubModel } from '../../plan/model-names.ts';
import { type Access, endpointOf } from './access.ts';
import { isCached, repositoryFolder } from './cache.ts';
import { type Connection, connect } from './connection.ts';
import { HubError } from './hub-error.ts';
import { type HubFile, type Listing, listModel } from './listing.ts';
import { type Choice, neededFiles } from './needed.ts';

export interface Survey {
    /** The hub that was asked. */
    readonly endpoint: string;
    readonly full: Extent;
    /** With weights of 16 bits, where the model has some. */
    readonly half?: Extent;
}

/** How much is to come, in files and bytes. */
export interface Extent {
    /** Files that are not whole here. */
    readonly files: number;
    /** Their bytes, */
    readonly bytes: number;
    /** and how many of these an earlier download left here. */
    readonly begunBytes: number;
    /** Bytes of needed files that are here. */
    readonly hereBytes: number;
}

export interface SurveyOptions {
    readonly signal?: AbortSignal;
    readonly access?: Access;
}

const NOTHING: Extent = { files: 0, bytes: 0, begunBytes: 0, hereBytes: 0 };

/** Asks the hub and brings nothing. Throws `HubError`, or the reason of the signal. */
export async function surveyModel(ref: HubModel, options: SurveyOptions = {}): Promise<Survey> {
    checkName(ref);
    if (isHereForGood(ref)) return { endpoint: endpointOf(options.access), full: NOTHING };
    const connection = connect(ref, options);
    try {
        return surveyOf(await listModel(ref, connection), ref, connection);
    } catch (error) {
        options.signal?.throwIfAborted();
        throw error;
    }
}

function surveyOf(listing: Listing, ref: HubModel, { endpoint }: Connection): Survey {
    const full = wanted(listing, ref);
    const half = wanted(listing, ref, { half: true });
    const isSame = full.needed.every((file) => half.needed.includes(file));
    return { endpoint, full: extentOf(full, ref), ...(isSame ? {} : { half: extentOf(half, ref) }) };
}

/** The files of a model that are needed, those among them that are missing, and where they go. */
export interface Wanted {
    /** The folder of the commit in the cache. */
    readonly snapshot: string;
    readonly needed: readonly HubFile[];
    readonly missing: readonly HubFile[];
}

export function wanted(listing: Listing, ref: HubModel, choice: Choice = {}): Wanted {
    const needed = neededFiles(listing, ref, choice);
    const snapshot = join(repositoryFolder(ref.repository), 'snapshots', listing.commit);
    return { snapshot, needed, missing: needed.filter((file) => !isWholeFile(join(snapshot, file.path), file)) };
}

export function extentOf({ needed, missing }: Wanted, { repository }: HubModel): Extent {
    const bytes = sum(missing);
    const begunBytes = missing.reduce((total, file) => total + begunOf(file, repository), 0);
    return { files: missing.length, bytes, begunBytes, hereBytes: sum(needed) - bytes };
}

/** Whether a model is here and can't change: then there is nothing to ask. */
export function isHereForGood(ref: HubModel): boolean {
    return isCommit(ref.revision) && isCached(ref);
}

export function isWholeFile(path: string, { bytes }: HubFile): boolean {
    return sizeOf(path) === bytes;
}

/** Throws `HubError` that says how models are named. */
export function checkName(ref: HubModel): void {
    if (isHubModel(ref)) return;
    const message = `${hubName(ref)} is no name of a hub model: write hf:owner/name or hf:owner/name@revision.`;
    throw new HubError('hub/not-found', message);
}

/** Bytes of a file that are here: as a blob that is not linked yet, or as the beginning of one. */
function begunOf({ digest }: HubFile, repository: string): number {
    const blob = join(repositoryFolder(repository), 'blobs', digest.hex);
    return sizeOf(blob) ?? sizeOf(`${blob}.incomplete`) ?? 0;
}

function sizeOf(path: string): number | undefined {
    return statSync(path, { throwIfNoEntry: false })?.size;
}

function sum(files: readonly HubFile[]): number {
    return files.reduce((total, { bytes }) => total + bytes, 0);
}
