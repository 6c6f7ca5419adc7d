/** The suite of `suite/` in the extension host of the editor's server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSuite, runSuite } from './editor.ts';

test('the suite passes inside the extension host', async () => {
    const { code, output } = await runSuite(await buildSuite());
    console.log(output);
    const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(output) ?? [];
    // A host that dies ends with 0 as well: only a summary says that the tests were run.
    assert.ok(code === 0 && Number(passed) > 0 && Number(failed) === 0, `exit code ${code}`);
});
