/** Digests of files, read here or in a thread. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hashOfFile } from '../../src/runtime/file-hash.ts';

const IN_THREAD = { threadFrom: 1 };

function fileOf(bytes: Uint8Array): string {
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-hash-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'weights');
    writeFileSync(file, bytes);
    return file;
}

test('a thread finds the digest that is found here, of the whole file and from a place on', async () => {
    // More than the thread reads at once, and not a multiple of it.
    const bytes = Buffer.alloc(9_000_001, 'weights ');
    const file = fileOf(bytes);
    for (const start of [0, 8, 5_000_000]) {
        const expected = createHash('sha256').update(bytes.subarray(start)).digest('hex');
        expect(await hashOfFile(file, { start, ...IN_THREAD })).toBe(expected);
        expect(await hashOfFile(file, { start })).toBe(expected);
    }
});

test('a file that can not be read is an error of the file system', async () => {
    const missing = join(tmpdir(), 'sdspec-no-such-file');
    await expect(hashOfFile(missing, IN_THREAD)).rejects.toMatchObject({ code: 'ENOENT' });
});
