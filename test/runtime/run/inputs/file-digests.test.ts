/** Digests of files: remembered on disk, taken again where another file has the name. */
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileDigests } from '../../../../src/runtime/run/inputs/file-digests.ts';

let folder = '';
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sdspec-digests-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
    const file = join(folder, name);
    writeFileSync(file, text);
    utimesSync(file, 1000, 1000);
    return file;
}

test('a file put in the place of another is read again, also with its size and time', async () => {
    const cache = join(folder, 'digests.json');
    const file = write('weights', 'one');
    const digests = await fileDigests(cache);
    const first = await digests.of(file);
    await digests.save();
    const later = await fileDigests(cache);
    expect(await later.of(file)).toBe(first);
    renameSync(write('other', 'two'), file);
    expect(await later.of(file)).not.toBe(first);
});

test('what several callers ask for at once is read once', async () => {
    const file = write('picture', 'pixels');
    const digests = await fileDigests(join(folder, 'digests.json'));
    let reads = 0;
    const read = async () => {
        reads++;
        return 'seen';
    };
    expect(await Promise.all([1, 2, 3].map(() => digests.ofPixels(file, read)))).toEqual(['seen', 'seen', 'seen']);
    expect(reads).toBe(1);
});
