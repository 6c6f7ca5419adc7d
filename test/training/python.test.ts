/** Python is taken only where it runs: a name that starts nothing, or fails, is passed over. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findPython } from './python.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'sdspec-python-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

test('no names, no Python', () => {
    expect(findPython([])).toBeUndefined();
    expect(findPython(['', join(FOLDER, 'missing')])).toBeUndefined();
});

test('a stub that starts and fails, as of Windows, is none', () => {
    const stub = join(FOLDER, process.platform === 'win32' ? 'stub.cmd' : 'stub');
    writeFileSync(stub, process.platform === 'win32' ? '@exit /b 9009\r\n' : '#!/bin/sh\nexit 49\n');
    chmodSync(stub, 0o755);
    expect(findPython([stub])).toBeUndefined();
});
