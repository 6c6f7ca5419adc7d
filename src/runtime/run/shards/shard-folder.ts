/** The folder through which workers share a run: who works, what is claimed, what is finished. Files are the contract. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../../plan/digest.ts';
import type { Failure } from '../../run-error.ts';
import type { RecordedDevice, RecordedFailure, RecordedFile, RecordedPicture } from '../record.ts';
import { isBeating, type Worker } from './worker.ts';

/**
 * What all workers of a run must agree on. Work of other inputs, versions or weights has a folder of its own, so that it
 * is never mixed.
 */
export interface ShardHead {
    readonly name: string;
    readonly digest: string;
    readonly kind: 'picture' | 'sweep' | 'mosaic';
    readonly spec?: string;
    readonly cells: number;
    readonly versions: Readonly<Record<string, string>>;
    readonly inputs: readonly RecordedFile[];
    /** Files of the models with their sizes: hashing gigabytes is left to who gathers. */
    readonly weights: readonly { readonly path: string; readonly bytes: number }[];
}

/** A finished picture, and who made it where. */
export interface SharedCell {
    readonly picture: RecordedPicture;
    readonly worker: string;
    readonly host: string;
    readonly device: RecordedDevice;
    readonly notices: readonly string[];
}

export interface SharedFailure extends RecordedFailure {
    readonly worker: string;
    /** ISO 8601. */
    readonly at: string;
}

const SHARDS = 'shards';

/** The folder of one head within a run's folder: `shards/<first digits of its digest>/`. */
export function shardFolder(folder: string, head: ShardHead): string {
    const { spec: _, ...decisive } = head;
    const { node: __, ...versions } = head.versions;
    const digest = createHash('sha256')
        .update(canonicalJson({ ...decisive, versions }))
        .digest('hex');
    return join(folder, SHARDS, digest.slice(0, 8));
}

export const cellFile = (shard: string, cell: number) => join(shard, 'cells', `${cell}.json`);
export const failureFile = (shard: string, cell: number) => join(shard, 'failed', `${cell}.json`);
export const claimsFolder = (shard: string) => join(shard, 'claims');
export const headFile = (shard: string) => join(shard, 'head.json');
export const deviceFile = (shard: string) => join(shard, 'device.json');

/** The finished pictures whose files are there, in the order of the plan. */
export function readCells(folder: string, shard: string): readonly SharedCell[] {
    return jsonIn<SharedCell>(join(shard, 'cells'))
        .filter(({ picture }) => existsSync(join(folder, picture.file)))
        .sort((a, b) => a.picture.cell - b.picture.cell);
}

export function readFailures(shard: string): readonly SharedFailure[] {
    return [...jsonIn<SharedFailure>(join(shard, 'failed'))].sort((a, b) => a.cell - b.cell);
}

/** Whether a picture is made and its file is still there. */
export function isFinished(folder: string, shard: string, cell: number): boolean {
    const made = jsonOf<SharedCell>(cellFile(shard, cell));
    return made !== undefined && existsSync(join(folder, made.picture.file));
}

/** Workers that have written to the folder, the living ones by the clock of the file system that they share. */
export function readWorkers(shard: string, now = Date.now()): readonly (Worker & { readonly isAlive: boolean })[] {
    const folder = join(shard, 'workers');
    return jsonIn<Worker>(folder).map((worker) => {
        const changed = statSync(join(folder, `${worker.id}.json`), { throwIfNoEntry: false })?.mtimeMs ?? 0;
        return { ...worker, isAlive: isBeating(worker, changed, now) };
    });
}

/** The latest shard folder of a run's folder with its head; undefined where no workers share it. */
export function latestShard(folder: string): { readonly shard: string; readonly head: ShardHead } | undefined {
    const shards = namesIn(join(folder, SHARDS)).flatMap((name) => {
        const shard = join(folder, SHARDS, name);
        const head = jsonOf<ShardHead>(headFile(shard));
        return head ? [{ shard, head, at: statSync(headFile(shard)).mtimeMs }] : [];
    });
    return shards.sort((a, b) => b.at - a.at)[0];
}

/** What a worker says of a picture that it could not make. */
export function failureOfCell(
    { cell, seed, labels }: Pick<RecordedFailure, 'cell' | 'seed' | 'labels'>,
    failure: Failure,
    worker: string,
): SharedFailure {
    return { cell, seed, ...(labels ? { labels } : {}), ...failure, worker, at: new Date().toISOString() };
}

export function jsonOf<Value>(file: string): Value | undefined {
    try {
        return JSON.parse(readFileSync(file, 'utf8')) as Value;
    } catch {
        // Gone, or written half by a file system that lost its power.
        return undefined;
    }
}

function jsonIn<Value>(folder: string): readonly Value[] {
    return namesIn(folder)
        .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
        .flatMap((name) => jsonOf<Value>(join(folder, name)) ?? []);
}

export function namesIn(folder: string): readonly string[] {
    try {
        return readdirSync(folder);
    } catch {
        return [];
    }
}
