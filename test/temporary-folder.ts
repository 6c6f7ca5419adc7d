/** One folder for the temporary files of all tests, removed when they have ended: also what a test that failed has left. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setUp(): () => void {
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-tests-'));
    // Read by `tmpdir()` in every process that tests start: TMPDIR everywhere but on Windows.
    for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder;
    return () => rmSync(folder, { recursive: true, force: true });
}
