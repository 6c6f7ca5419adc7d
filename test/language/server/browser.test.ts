/** The server as a browser's worker: the same language, no files, no Node. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from './session.ts';

interface Message {
    readonly id?: number;
    readonly method?: string;
    readonly result?: unknown;
    readonly params?: { readonly diagnostics?: readonly { readonly code?: string }[] };
}

let folder: string;
let code: string;
const received: Message[] = [];
let send: (message: object) => void;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sdspec-browser-'));
    await build(['server-browser'], folder);
    code = readFileSync(join(folder, 'server-browser.js'), 'utf8');
    // What a worker has, and nothing of Node: a global `require` or `process` would hide what is missing in a browser.
    const worker: Record<string, unknown> = {
        postMessage: (message: Message) => received.push(message),
        addEventListener: () => {},
        TextEncoder,
        TextDecoder,
        setTimeout,
        clearTimeout,
        setImmediate: undefined,
        console,
        performance,
        URL,
    };
    worker['self'] = worker;
    new Script(code).runInContext(createContext(worker));
    send = (message) => {
        const scope = worker as { onmessage?: (event: object) => void };
        scope.onmessage?.({ data: { jsonrpc: '2.0', ...message } });
    };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('it has at most 1.15 MB and asks for nothing of Node', () => {
    expect(code.length).toBeLessThanOrEqual(1_150_000);
    expect(code).not.toMatch(/["']node:/);
});

test('it initializes, reports problems and completes', async () => {
    send({
        id: 1,
        method: 'initialize',
        params: { processId: null, rootUri: null, capabilities: {}, workspaceFolders: null },
    });
    await until((message) => message.id === 1);
    send({ method: 'initialized', params: {} });
    const uri = 'untitled:a.sdspec';
    const text = 'model m = "builtin:sketch"\ngenerate g { use nothing }\n';
    send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'sdspec', version: 1, text } } });
    const { params } = await until(({ method }) => method === 'textDocument/publishDiagnostics');
    expect(params?.diagnostics?.map((one) => one.code)).toContain('name/unknown');
    send({
        id: 2,
        method: 'textDocument/completion',
        params: { textDocument: { uri }, position: { line: 1, character: 17 } },
    });
    const { result } = await until((message) => message.id === 2);
    expect(JSON.stringify(result)).toContain('"label":"m"');
});

async function until(fits: (message: Message) => boolean): Promise<Message> {
    for (let waited = 0; waited < 1000; waited++) {
        const found = received.find(fits);
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`The worker did not answer: ${JSON.stringify(received)}`);
}
