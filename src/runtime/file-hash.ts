/** SHA-256 of files; large ones are read in a thread of their own, so that the loop of the U-Net need not wait for them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

/** From so many bytes on a file is hashed in a thread. */
export const LARGE_FILE = 256 * 2 ** 20;

/** Hex SHA-256 of a file's bytes from `start` on. Rejects as the file system does where it can't be read. */
export async function hashOfFile(file: string, { start = 0, threadFrom = LARGE_FILE } = {}): Promise<string> {
    const { size } = await stat(file);
    // A process that gets no more threads reads it as a small file, and meets the same errors of the file system.
    if (size - start >= threadFrom) return hashInThread(file, start).catch(() => hashHere(file, start));
    return hashHere(file, start);
}

async function hashHere(file: string, start: number): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, start })) hash.update(chunk);
    return hash.digest('hex');
}

/** As text: bundles have no file that a thread could begin with. */
const THREAD = `
const { createHash } = require('node:crypto');
const { closeSync, openSync, readSync } = require('node:fs');
const { parentPort, workerData: { file, start } } = require('node:worker_threads');
const hash = createHash('sha256');
const chunk = Buffer.alloc(1 << 22);
const handle = openSync(file);
try {
    for (let at = start, read; (read = readSync(handle, chunk, 0, chunk.length, at)) > 0; at += read)
        hash.update(chunk.subarray(0, read));
} finally {
    closeSync(handle);
}
parentPort.postMessage(hash.digest('hex'));
`;

function hashInThread(file: string, start: number): Promise<string> {
    return new Promise((resolve, reject) => {
        const worker = new Worker(THREAD, { eval: true, workerData: { file, start } });
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.once('exit', () => reject(new Error(`Reading ${file} was stopped.`)));
    });
}
