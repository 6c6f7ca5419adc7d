/** A claim: a file that says which process works on something, so that no other does at the same time. */
import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

export interface ClaimOptions {
    /** How long to wait for another process, in milliseconds; 0 fails at once. */
    readonly waitMs: number;
    /** What to throw where the other process, by its number, still works after that. */
    readonly busy: (owner: number) => Error;
    /** Ends the waiting; what is thrown is its reason. */
    readonly signal?: AbortSignal;
    /** Called once when another process, by its number, has to be waited for. */
    readonly onWait?: (owner: number) => void;
}

/** Waiting for long does not look often. */
const MAX_PAUSE_MS = 500;

/** Claims of this process: a file with its number that is not among them was left by an earlier one of that number. */
const held = new Set<string>();

/** A file older than this is no longer being written, nor is a stale claim still being removed. */
const SETTLED_MS = 10_000;

/**
 * Does the work while `file` is claimed, and removes the claim afterwards. A claim whose process is gone counts for
 * nothing. Throws what `busy` returns; errors of the file system pass unchanged.
 */
export async function withClaim<Result>(
    file: string,
    { waitMs, busy, signal, onWait }: ClaimOptions,
    work: () => Result | Promise<Result>,
): Promise<Result> {
    const until = Date.now() + waitMs;
    let pause = 5;
    let told = false;
    while (!take(file)) {
        signal?.throwIfAborted();
        const owner = ownerOf(file);
        if (isStale(file, owner)) {
            removeStale(file);
        } else if (owner !== undefined && Date.now() >= until) {
            throw busy(owner);
        } else if (owner !== undefined && !told) {
            told = true;
            onWait?.(owner);
        }
        await new Promise((resolve) => setTimeout(resolve, pause + Math.random() * 40));
        pause = Math.min(MAX_PAUSE_MS, pause * 1.2);
    }
    held.add(file);
    try {
        return await work();
    } finally {
        held.delete(file);
        rmSync(file, { force: true });
    }
}

/** Removes the claims of this process before it ends by itself. */
export function releaseClaims(): void {
    for (const file of held) rmSync(file, { force: true });
    held.clear();
}

/** Whether a process of this number runs on this machine. */
export function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        // Another user's process lives, too.
        return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
}

function take(file: string): boolean {
    try {
        writeFileSync(file, String(process.pid), { flag: 'wx' });
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
    }
}

/**
 * One process at a time removes a stale claim, and looks again before: between a look and the removal, the claim may have
 * become that of a living process.
 */
function removeStale(file: string): void {
    const guard = `${file}.removing`;
    if (!take(guard)) {
        if (isOld(guard)) rmSync(guard, { force: true });
        return;
    }
    try {
        if (isStale(file, ownerOf(file))) rmSync(file, { force: true });
    } finally {
        rmSync(guard, { force: true });
    }
}

/** An empty claim is one that is being written, unless it is old. A link is none: no claim is written as one. */
function isStale(file: string, owner: number | undefined): boolean {
    if (owner === undefined) return isOld(file);
    return owner === process.pid ? !held.has(file) : !isAlive(owner);
}

function isOld(file: string): boolean {
    const status = lstatSync(file, { throwIfNoEntry: false });
    return status !== undefined && (!status.isFile() || Date.now() - status.mtimeMs > SETTLED_MS);
}

/** The process that a claim names. What is behind a link is not read: it may have no end. */
function ownerOf(file: string): number | undefined {
    try {
        return lstatSync(file).isFile() ? Number(readFileSync(file, 'utf8')) || undefined : undefined;
    } catch {
        return undefined;
    }
}
