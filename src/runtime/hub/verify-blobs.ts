/** Files of the cache against their digests: a flipped bit has the right size. What was right is remembered by size and time. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { writeWhole } from '../write-whole.ts';

const MEMORY = '.sdspec-verified.json';

/**
 * Removes the blobs of a snapshot that are not what their names say, and returns the names of the files that are missing
 * now. Files that are no links to blobs have no digest to compare with.
 */
export async function removeDamaged(repository: string, snapshot: string): Promise<readonly string[]> {
    const memory = join(repository, MEMORY);
    const known = new Map(Object.entries(await readMemory(memory)));
    const damaged: string[] = [];
    let learned = false;
    for (const file of await readdir(snapshot, { recursive: true }).catch(() => [])) {
        const path = join(snapshot, file);
        const target = await readlink(path).catch(() => undefined);
        const blob = target && resolve(dirname(path), target);
        if (!blob || !DIGEST.test(basename(blob))) continue;
        const found = await stat(blob).catch(() => undefined);
        if (!found) continue;
        const state = `${found.size} ${found.mtimeMs}`;
        if (known.get(basename(blob)) === state) continue;
        if ((await digestOf(blob, found.size)) === basename(blob)) {
            known.set(basename(blob), state);
            learned = true;
        } else {
            await rm(blob, { force: true });
            damaged.push(file);
        }
    }
    if (learned) await writeWhole(memory, `${JSON.stringify(Object.fromEntries(known))}\n`).catch(() => {});
    return damaged;
}

/** The name of a blob: sha256 of large files, git's sha1 of others. */
const DIGEST = /^(?:[0-9a-f]{64}|[0-9a-f]{40})$/;

async function digestOf(blob: string, size: number): Promise<string> {
    const hash = basename(blob).length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
    for await (const chunk of createReadStream(blob, { highWaterMark: 1 << 22 })) hash.update(chunk);
    return hash.digest('hex');
}

async function readMemory(file: string): Promise<Readonly<Record<string, string>>> {
    try {
        const value: unknown = JSON.parse(await readFile(file, 'utf8'));
        return typeof value === 'object' && value !== null ? (value as Record<string, string>) : {};
    } catch {
        return {};
    }
}
