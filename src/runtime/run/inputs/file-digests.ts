/** sha256 of files, remembered by path, size, time and inode, so that gigabytes are read once. */
import { createHash } from 'node:crypto';
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { hashOfFile } from '../../file-hash.ts';
import { writeWhole } from '../../write-whole.ts';

export interface FileDigests {
    /** Hex sha256 of a file's bytes. Rejects as the file system does where it can't be read. */
    of(path: string): Promise<string>;
    /** Hex sha256 of a safetensors file's tensors: all that is behind its header. */
    ofTensors(path: string): Promise<string>;
    /** What is said of a picture's pixels, as `read` finds it where it is not remembered. */
    ofPixels(path: string, read: (file: string) => Promise<string>): Promise<string>;
    /** Writes what was learned; failing to is no failure of the run. */
    save(): Promise<void>;
}

/** Files of a model folder that decide its results. */
const MODEL_FILES = new Set(['.safetensors', '.json', '.txt']);

/** Digests remembered in `cacheFile`. */
export async function fileDigests(cacheFile: string): Promise<FileDigests> {
    const known = new Map<string, string>(await readCache(cacheFile));
    const underway = new Map<string, Promise<string>>();
    let learned = false;

    async function remember(path: string, hashOf: (file: string) => Promise<string>, kind = ''): Promise<string> {
        const file = await realpath(path);
        const { size, mtimeNs, ino } = await stat(file, { bigint: true });
        const key = `${file}${kind}|${size}|${mtimeNs}|${ino}`;
        const remembered = known.get(key);
        if (remembered) return remembered;
        // What is being read for one caller is not read again for another.
        const reading = underway.get(key) ?? hashOf(file).finally(() => underway.delete(key));
        underway.set(key, reading);
        const sha256 = await reading;
        for (const old of known.keys()) if (old.startsWith(`${file}${kind}|`)) known.delete(old);
        known.set(key, sha256);
        learned = true;
        return sha256;
    }

    return {
        of: (path) => remember(path, (file) => hashOfFile(file)),
        ofTensors: (path) => remember(path, hashTensors, '#tensors'),
        ofPixels: (path, read) => remember(path, read, '#seen'),
        async save() {
            if (learned) await writeWhole(cacheFile, `${JSON.stringify([...known], null, 1)}\n`).catch(() => {});
            learned = false;
        },
    };
}

/** One digest for a file; for a folder the digest of the names and digests of what a model is made of. */
export async function digestOfPath(digests: FileDigests, path: string): Promise<string> {
    if (!(await stat(path)).isDirectory()) return digests.of(path);
    const hash = createHash('sha256');
    for (const file of (await filesOf(path)).sort()) {
        hash.update(`${await digests.of(file)}  ${relative(path, file).split(sep).join('/')}\n`);
    }
    return hash.digest('hex');
}

async function filesOf(folder: string): Promise<string[]> {
    const found: string[] = [];
    for (const entry of await readdir(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) found.push(...(await filesOf(path)));
        else if (MODEL_FILES.has(extname(entry.name)) && !entry.name.startsWith('.')) found.push(path);
    }
    return found;
}

/** The header's length is in the first eight bytes, little end first. */
async function hashTensors(file: string): Promise<string> {
    const handle = await open(file);
    try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
        const start = bytesRead < 8 ? 0n : buffer.readBigUInt64LE(0) + 8n;
        const { size } = await handle.stat();
        return await hashOfFile(file, { start: start > BigInt(size) ? 0 : Number(start) });
    } finally {
        await handle.close();
    }
}

/** A broken or missing cache is an empty one. */
async function readCache(file: string): Promise<readonly (readonly [string, string])[]> {
    try {
        const entries: unknown = JSON.parse(await readFile(file, 'utf8'));
        return Array.isArray(entries)
            ? entries.filter((e) => typeof e?.[0] === 'string' && typeof e?.[1] === 'string')
            : [];
    } catch {
        return [];
    }
}
