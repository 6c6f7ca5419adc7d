/** A claim on a folder: two processes never write the same download. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HubError } from './hub-error.ts';

/** Does the work while the folder is claimed. A claim that its process did not live to give up counts for nothing. */
export async function claimed<Result>(folder: string, what: string, work: () => Promise<Result>): Promise<Result> {
    const file = join(folder, '.sdspec-fetch');
    mkdirSync(folder, { recursive: true });
    for (let attempts = 0; ; attempts++) {
        try {
            writeFileSync(file, String(process.pid), { flag: 'wx' });
            break;
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempts > 2) throw error;
            const owner = ownerOf(file);
            if (owner !== undefined && isAlive(owner)) {
                const message = `${what} is being downloaded already, by process ${owner}. Wait for it, or stop it first.`;
                throw new HubError('hub/locked', message);
            }
            rmSync(file, { force: true });
        }
    }
    try {
        return await work();
    } finally {
        rmSync(file, { force: true });
    }
}

function ownerOf(file: string): number | undefined {
    try {
        return Number(readFileSync(file, 'utf8')) || undefined;
    } catch {
        return undefined;
    }
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
}
