/** The folder of prepared weights: what is listed, what goes when room is needed, and limits by the environment. */
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
    cachedFiles,
    cacheFolder,
    cacheLimit,
    makeRoomInCache,
    PREPARED,
    removeCached,
} from '../../../../src/runtime/weights/cache/cache-folder.ts';

let folder = '';
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sdspec-cache-'));
});
afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    vi.unstubAllEnvs();
});

function add(name: string, bytes: number, usedSecond: number): void {
    const file = join(folder, name + PREPARED);
    writeFileSync(file, new Uint8Array(bytes));
    utimesSync(file, usedSecond, usedSecond);
}

const names = () => cachedFiles(folder).map(({ path }) => basename(path, PREPARED));

test('files are listed by their last use; others in the folder are left alone', () => {
    add('old', 10, 1000);
    add('new', 20, 3000);
    add('middle', 30, 2000);
    writeFileSync(join(folder, 'index.json'), '{}');
    writeFileSync(join(folder, 'mine.safetensors'), 'mine');
    expect(names()).toEqual(['new', 'middle', 'old']);
    expect(cachedFiles(folder)[1]).toEqual({ path: join(folder, `middle${PREPARED}`), bytes: 30, usedMs: 2_000_000 });
    removeCached(cachedFiles(folder));
    expect(names()).toEqual([]);
    expect(existsSync(join(folder, 'mine.safetensors'))).toBe(true);
    expect(cachedFiles(join(folder, 'none'))).toEqual([]);
});

test('what was unused for longest goes where room is needed', () => {
    add('old', 10, 1000);
    add('new', 20, 3000);
    add('middle', 30, 2000);
    expect(makeRoomInCache(40, folder, 100)).toBe(true);
    expect(names()).toEqual(['new', 'middle', 'old']);
    expect(makeRoomInCache(45, folder, 100)).toBe(true);
    expect(names()).toEqual(['new', 'middle']);
    expect(makeRoomInCache(101, folder, 100)).toBe(false);
    expect(names()).toEqual(['new', 'middle']);
    expect(makeRoomInCache(100, folder, 100)).toBe(true);
    expect(names()).toEqual([]);
});

test('folder and limit come from the environment', () => {
    vi.stubEnv('SDSPEC_CACHE', folder);
    vi.stubEnv('SDSPEC_CACHE_GB', '');
    expect([cacheFolder(), cacheLimit()]).toEqual([folder, 16e9]);
    vi.stubEnv('SDSPEC_CACHE', '');
    vi.stubEnv('XDG_CACHE_HOME', folder);
    vi.stubEnv('SDSPEC_CACHE_GB', '0');
    expect([cacheFolder(), cacheLimit()]).toEqual([join(folder, 'sdspec'), 0]);
    vi.stubEnv('SDSPEC_CACHE_GB', '2.5');
    expect(cacheLimit()).toBe(2.5e9);
    vi.stubEnv('SDSPEC_CACHE_GB', 'much');
    expect(cacheLimit()).toBe(16e9);
});
