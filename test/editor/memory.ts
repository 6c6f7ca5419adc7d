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

/** Megabytes in the heap of the extensions' process after a collection: what is really held. Undefined where it can't be asked. */
export async function heldByExtensions(server: number): Promise<number | undefined> {
    const [host] = processesOf(server, 'type=extensionHost');
    const bytes = host && (await collectedHeap(host.pid).catch(() => undefined));
    return bytes === undefined ? undefined : bytes / 2 ** 20;
}

/** Opens the process's inspector, which stays open, collects what is not used and returns the bytes in use. */
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
const ask = (id, method) => new Promise((resolve) => {
    socket.addEventListener('message', ({ data }) => {
        const answer = JSON.parse(data);
        if (answer.id === id) resolve(answer.result);
    });
    socket.send(JSON.stringify({ id, method }));
});
await ask(1, 'HeapProfiler.collectGarbage');
console.log((await ask(2, 'Runtime.getHeapUsage')).usedSize);
socket.close();
`;
