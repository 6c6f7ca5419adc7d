/** A small hub on this machine: listing, commits and files, with ranges, cuts, wrong bytes and refusals on demand. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export const NANO = join(import.meta.dirname, '..', '..', 'goldens', 'models', 'nano-sd15');
export const REPOSITORY = 'tiny/nano-sd15';
export const COMMIT = '451f4fe16113bff5a5d2269ed5ad43b0592e9a14';

export interface Behaviour {
    /** Path in the repository → bytes; default: the nano model, with things around it that are not needed. */
    readonly files?: Readonly<Record<string, Buffer>>;
    /** Answers for a path end after so many bytes, the first n times. */
    readonly cuts?: Readonly<Record<string, { readonly after: number; readonly times: number }>>;
    /** This path arrives with one bit flipped, the first n times. */
    readonly wrong?: Readonly<Record<string, number>>;
    /** This path never answers more than so many bytes, and leaves the connection open. */
    readonly stuck?: Readonly<Record<string, number>>;
    /** Asks for this token. */
    readonly token?: string;
    /** Answers 403 to everybody who has a token. */
    readonly gated?: true;
    /** Ranges are ignored: every answer is the whole file. */
    readonly noRanges?: true;
    /** Only whole commits are known to the listing. */
    readonly longCommitsOnly?: true;
    /** Sizes in the listing that are not those of the files. */
    readonly sizes?: Readonly<Record<string, number>>;
}

export interface Hub {
    readonly endpoint: string;
    /** Every request: method, path, and the range that was asked for. */
    readonly requests: string[];
    /** Headers of authorization that the file host saw, which is another origin than the hub. */
    readonly seenByFileHost: (string | undefined)[];
    behave(behaviour: Behaviour): void;
    close(): void;
}

/** Large files live on another origin, as the public hub's do. */
export async function openHub(behaviour: Behaviour = {}): Promise<Hub> {
    const requests: string[] = [];
    const seenByFileHost: (string | undefined)[] = [];
    let state = stateOf(behaviour);
    const fileHost = createServer((request, response) => {
        seenByFileHost.push(request.headers.authorization);
        const path = decodeURIComponent(request.url!.slice(1));
        sendFile(state, path, request, response);
    });
    const fileOrigin = await listen(fileHost);
    const hub = createServer((request, response) => {
        requests.push([request.method, request.url, request.headers.range].filter(Boolean).join(' '));
        answer(state, { endpoint, fileOrigin }, request, response);
    });
    const endpoint = await listen(hub);
    const close = () => {
        for (const server of [hub, fileHost]) {
            server.closeAllConnections();
            server.close();
        }
    };
    const behave = (next: Behaviour) => {
        state = stateOf(next);
    };
    return { endpoint, requests, seenByFileHost, behave, close };
}

/** Every file below a folder, by its path with forward slashes. */
export function filesIn(folder: string): Record<string, Buffer> {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => statSync(join(folder, name)).isFile());
    return Object.fromEntries(files.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(folder, name))]));
}

/** What is in a repository besides the needed files. */
export const BALLAST: Readonly<Record<string, Buffer>> = Object.fromEntries(
    [
        'README.md',
        'nano-v1.ckpt',
        'nano-v1.safetensors',
        'feature_extractor/preprocessor_config.json',
        'safety_checker/config.json',
        'safety_checker/model.safetensors',
        'text_encoder/model.fp16.safetensors',
        'text_encoder/pytorch_model.bin',
        'unet/diffusion_pytorch_model.bin',
        'unet/diffusion_pytorch_model.fp16.safetensors',
        'unet/diffusion_pytorch_model.non_ema.safetensors',
        'unet/flax_model.msgpack',
        'vae/diffusion_pytorch_model.fp16.safetensors',
        'vae_1_0/config.json',
    ].map((name) => [name, Buffer.from(`ballast ${name}`)]),
);

interface State extends Behaviour {
    readonly files: Readonly<Record<string, Buffer>>;
    /** How often a path was cut or spoiled. */
    readonly counts: Map<string, number>;
}

function stateOf(behaviour: Behaviour): State {
    return { ...behaviour, files: behaviour.files ?? { ...filesIn(NANO), ...BALLAST }, counts: new Map() };
}

async function listen(server: Server): Promise<string> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Origins {
    readonly endpoint: string;
    readonly fileOrigin: string;
}

function answer(state: State, { endpoint, fileOrigin }: Origins, request: IncomingMessage, response: ServerResponse) {
    const given = request.headers.authorization;
    if (state.token && given !== `Bearer ${state.token}`) return refuse(response, 401, given ? '' : 'RepoNotFound');
    if (state.gated) return refuse(response, given ? 403 : 401, 'GatedRepo');
    const url = new URL(request.url!, endpoint);
    const api = `/api/models/${REPOSITORY}/`;
    if (url.pathname.startsWith(`${api}revision/`)) {
        const revision = decodeURIComponent(url.pathname.slice(`${api}revision/`.length));
        const isKnown = ['main', 'refs/pr/1', COMMIT].includes(revision);
        const isShort = !state.longCommitsOnly && COMMIT.startsWith(revision);
        if (!isKnown && !isShort) return refuse(response, 404, 'RevisionNotFound');
        return json(response, { _id: 'x', id: REPOSITORY, sha: COMMIT, lastModified: '2026-01-01T00:00:00.000Z' });
    }
    if (url.pathname === `${api}tree/${COMMIT}`) {
        // In two pages, as long listings come.
        const entries = Object.entries(state.files).map(([path, bytes]) => entryOf(path, bytes, state.sizes?.[path]));
        const half = Math.ceil(entries.length / 2);
        if (url.searchParams.has('cursor')) return json(response, entries.slice(half));
        url.searchParams.set('cursor', 'next');
        response.setHeader('Link', `<${url}>; rel="next"`);
        return json(response, entries.slice(0, half));
    }
    if (url.pathname === `${api}commits/main`) {
        const ids = ['a'.repeat(40), COMMIT];
        return json(
            response,
            ids.map((id) => ({ id, title: 't', message: '', authors: [], date: '2026-01-01T00:00:00.000Z' })),
        );
    }
    const resolve = `/${REPOSITORY}/resolve/${COMMIT}/`;
    const path = decodeURIComponent(url.pathname.slice(resolve.length));
    if (!url.pathname.startsWith(resolve)) return refuse(response, 404, 'RepoNotFound');
    if (!state.files[path]) return refuse(response, 404, 'EntryNotFound');
    if (!isLarge(path)) return sendFile(state, path, request, response);
    response.writeHead(302, { Location: `${fileOrigin}/${encodeURIComponent(path)}` }).end();
}

function isLarge(path: string): boolean {
    return /\.(safetensors|bin|ckpt|msgpack)$/.test(path);
}

function entryOf(path: string, bytes: Buffer, size = bytes.length): unknown {
    const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    const entry = { type: 'file', path, size, oid };
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return isLarge(path) ? { ...entry, oid: 'f'.repeat(40), lfs: { oid: sha256, size, pointerSize: 134 } } : entry;
}

function sendFile(state: State, path: string, request: IncomingMessage, response: ServerResponse): void {
    const whole = Buffer.from(state.files[path] ?? '');
    if (takes(state, `wrong ${path}`, state.wrong?.[path])) whole[whole.length - 1]! ^= 1;
    const start = state.noRanges ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (start >= whole.length && start > 0) return void response.writeHead(416).end();
    const body = whole.subarray(start);
    const range = start > 0 ? { 'Content-Range': `bytes ${start}-${whole.length - 1}/${whole.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { 'Content-Length': body.length, ...range });
    const cut = state.cuts?.[path];
    if (cut && takes(state, `cut ${path}`, cut.times)) {
        response.write(body.subarray(0, cut.after), () => setTimeout(() => response.destroy(), 20));
        return;
    }
    const stuck = state.stuck?.[path];
    if (stuck !== undefined) return void response.write(body.subarray(0, stuck));
    response.end(body);
}

function takes({ counts }: State, what: string, times = 0): boolean {
    const count = (counts.get(what) ?? 0) + 1;
    counts.set(what, count);
    return count <= times;
}

function refuse(response: ServerResponse, status: number, kind: string): void {
    response.writeHead(status, { 'X-Error-Code': kind, 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: 'refused' }));
}

function json(response: ServerResponse, value: unknown): void {
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(value));
}
