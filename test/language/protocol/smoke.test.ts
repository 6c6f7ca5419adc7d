/** The bundled server, driven over stdio. */
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleServer, Session } from './session.ts';

let server: Awaited<ReturnType<typeof bundleServer>>;
beforeAll(async () => {
    server = await bundleServer();
});
afterAll(() => server.remove());

test('the bundle is small', () => expect(statSync(server.file).size).toBeLessThan(1_000_000));

test('initialize, open, complete, hover, shut down', async () => {
    const session = new Session(server.file, mkdtempSync(join(tmpdir(), 'sdspec-workspace-')));
    const begin = performance.now();
    const { capabilities } = await session.initialize();
    console.log(
        `initialize: ${(performance.now() - begin).toFixed(0)} ms`,
        Object.keys(capabilities).length,
        statSync(server.file).size,
    );
    const uri = session.uri('a.sdspec');
    await session.open(uri, 'model m = "builtin:sketch"\ngenerate a {\n    use m\n    seed 1\n    prompt nothing\n}\n');
    console.log(await session.diagnostics(uri));
    console.log(
        await session.request('textDocument/hover', { textDocument: { uri }, position: { line: 2, character: 5 } }),
    );
    console.log(
        (await session.request('textDocument/completion', {
            textDocument: { uri },
            position: { line: 2, character: 9 },
        })) as any,
    );
    console.log(session.errors);
    expect(await session.end()).toBe(0);
});
