/** Memory of the processes that the editor's server starts. */
import { execFileSync } from 'node:child_process';
import { NODE, retry, SOON } from './editor.ts';
import { processesOf } from './processes.ts';

/** Resident memory in MB of what the editor's server started, by what it is. */
export function memory(server: number): ReadonlyMap<string, number> {
    const kinds = { runtime: 'dist/host.js', language: 'dist/server.js', extensions: 'type=extensionHost' };
    return new Map(
        Object.entries(kinds).map(([kind, word]) => [
            kind,
            Math.round(processesOf(server, word).reduce((sum, { rss }) => sum + rss, 0) / 1024),
        ]),
    );
}

/** Megabytes in the heaps of these processes after a collection: what is really held. Without those that can't be asked. */
export async function held(server: number): Promise<ReadonlyMap<string, number>> {
    const sizes = new Map<string, number>();
    for (const [kind, word] of [
        ['held by the extensions', 'type=extensionHost'],
        ['held by the language server', 'dist/server.js'],
    ] as const) {
        const [host] = processesOf(server, word);
        const bytes = host && (await collectedHeap(host.pid).catch(() => undefined));
        if (bytes !== undefined) sizes.set(kind, bytes / 2 ** 20);
    }
    return sizes;
}

/** Opens the process's inspector, collects what is not used, returns the bytes in use, and leaves the port to the next one. */
async function collectedHeap(pid: number): Promise<number> {
    process.kill(pid, 'SIGUSR1');
    // The editor's own Node has the socket that older ones lack.
    const asked = () => execFileSync(NODE, ['--input-type=module', '--eval', ASK_HEAP], { encoding: 'utf8' });
    return Number(await retry(async () => asked(), SOON));
}

const ASK_HEAP = `
const [{ webSocketDebuggerUrl }] = await (await fetch('http://127.0.0.1:9229/json')).json();
const socket = new WebSocket(webSocketDebuggerUrl);
await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
const ask = (id, method, params) => new Promise((resolve) => {
    socket.addEventListener('message', ({ data }) => {
        const answer = JSON.parse(data);
        if (answer.id === id) resolve(answer.result);
    });
    socket.send(JSON.stringify({ id, method, params }));
});
await ask(1, 'HeapProfiler.collectGarbage');
console.log((await ask(2, 'Runtime.getHeapUsage')).usedSize);
await ask(3, 'Runtime.evaluate', { expression: 'setTimeout(() => process.getBuiltinModule("inspector").close(), 50)' });
socket.close();
await new Promise((resolve) => setTimeout(resolve, 200));
`;
