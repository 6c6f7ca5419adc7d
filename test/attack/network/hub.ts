/** A hub that answers falsely: names that lead elsewhere, wrong bytes and sizes, answers that are none, claims and damage in the cache. */
import { createHash } from 'node:crypto';
import {
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    readlinkSync,
    rmSync,
    writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchModel } from '../../../src/runtime/hub/fetch-model.ts';
import { failureOf } from '../../../src/runtime/run-error.ts';
import { random } from '../../language/fuzz/edits.ts';
import { COMMIT, filesIn, NANO, openHub, REPOSITORY } from '../../runtime/hub/local-hub.ts';
import { badMessage, pick, portion, type Scale, Tally } from '../kit.ts';

const REF = { kind: 'hub', repository: REPOSITORY, revision: 'main' } as const;
const UNET = 'unet/diffusion_pytorch_model.safetensors';

export async function lyingHub(scale: Scale): Promise<Tally> {
    const tally = new Tally('hub (names, bytes, sizes, answers, claims, damaged cache)');
    const next = random(scale.seed);
    const good = filesIn(NANO);
    // Each kind at least once: they are quick.
    const count = Math.max(portion(240, scale), ATTACKS.length);
    for (let i = 0; i < count; i++) {
        const home = mkdtempSync(join(tmpdir(), 'sdspec-attack-'));
        const outside = join(home, 'outside');
        mkdirSync(outside);
        // What must not be replaced, continued or removed.
        for (const name of ['x', 'x.json', 'x.incomplete', 'x.safetensors']) writeFileSync(join(outside, name), 'mine');
        const restore = environment({
            HF_HOME: join(home, 'home'),
            SDSPEC_MODELS: '',
            HF_HUB_CACHE: '',
            HUGGINGFACE_HUB_CACHE: '',
            HF_TOKEN: '',
            HF_HUB_OFFLINE: '',
        });
        const before = contents(home, join(home, 'home'));
        const attack = ATTACKS[i % ATTACKS.length]!;
        let what = attack.name;
        await tally.try(what, async () => {
            const server = attack.hub ? await attack.hub(next) : await openHub();
            process.env['HF_ENDPOINT'] = server.endpoint;
            try {
                what += await (attack.cache?.(join(home, 'home'), next) ?? '');
                // Wrong bytes are removed, so that the next try is right.
                const first = await fetched();
                const message = first !== undefined && attack.heals ? await fetched() : first;
                if (server.requests.length === 0) return `the hub was not asked: ${message}`;
                if (contents(home, join(home, 'home')) !== before || existsSync('/etc/x.json'))
                    return `written outside of the cache after: ${message}`;
                const odd = oddNames(join(home, 'home'), good);
                if (odd.length > 0) return `in the cache after “${message}”: ${odd.join(', ').slice(0, 500)}`;
                if (message !== undefined) return attack.heals ? `it was not fetched: ${message}` : badMessage(message);
                return isWhole(join(home, 'home'), good);
            } finally {
                server.close();
            }
        });
        restore();
        rmSync(home, { recursive: true, force: true });
    }
    return tally;
}

/** The sentence of the failure; undefined where the model is there. A failure without a sentence is thrown. */
async function fetched(): Promise<string | undefined> {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(new Error('no end')), 60_000);
    try {
        await fetchModel(REF, { pause: 1, signal: control.signal });
        return undefined;
    } catch (error) {
        const { code, message } = failureOf(error);
        if (code === 'internal') throw error;
        return message;
    } finally {
        clearTimeout(timer);
    }
}

/** What is wrong with a model that counts as fetched. */
function isWhole(home: string, good: Readonly<Record<string, Buffer>>): string | undefined {
    const snapshots = join(home, 'hub', 'models--tiny--nano-sd15', 'snapshots');
    const [commit] = readdirSync(snapshots);
    for (const [name, bytes] of Object.entries(filesIn(join(snapshots, commit!)))) {
        if (good[name] && !good[name].equals(bytes)) return `${name} is not what the hub has`;
    }
    return existsSync(join(snapshots, commit!, UNET)) ? undefined : 'the U-Net is missing';
}

function environment(values: Readonly<Record<string, string>>): () => void {
    const before = Object.fromEntries([...Object.keys(values), 'HF_ENDPOINT'].map((name) => [name, process.env[name]]));
    Object.assign(process.env, values);
    return () => {
        for (const [name, value] of Object.entries(before)) {
            if (value === undefined) delete process.env[name];
            else process.env[name] = value;
        }
    };
}

function contents(root: string, without: string): string {
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
        (name) => !join(root, name).startsWith(without),
    );
    return names
        .sort()
        .map((name) => {
            const status = lstatSync(join(root, name));
            if (status.isSymbolicLink()) return `${name} -> ${readlinkSync(join(root, name))}`;
            return status.isFile() ? `${name} ${readFileSync(join(root, name), 'hex')}` : name;
        })
        .join('\n');
}

/** Names in the cache that no hub may bring: all but blobs by their digests, the ref, and the model's files in snapshots. */
function oddNames(home: string, good: Readonly<Record<string, Buffer>>): readonly string[] {
    if (!existsSync(home)) return [];
    const names = readdirSync(home, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
    return names.filter((name) => {
        const inRepository = /^hub\/models--tiny--nano-sd15\/(.+)$/.exec(name)?.[1];
        if (inRepository === undefined) return !['hub', 'hub/models--tiny--nano-sd15'].includes(name);
        if (/^(blobs(\/([0-9a-f]{40}|[0-9a-f]{64})(\.incomplete)?)?|refs(\/main)?|snapshots)$/.test(inRepository))
            return false;
        if (inRepository === '.sdspec-verified.json') return false;
        const file = /^snapshots\/[0-9a-f]{40}(?:\/(.+))?$/.exec(inRepository);
        const inSnapshot = file?.[1];
        return !file || !(inSnapshot === undefined || Object.keys(good).some((one) => isAt(one, inSnapshot)));
    });
}

/** Whether a path is the file or one of the folders above it. */
function isAt(file: string, path: string): boolean {
    return file === path || file.startsWith(`${path}/`);
}

interface Server {
    readonly endpoint: string;
    /** What was asked. */
    readonly requests: readonly string[];
    close(): void;
}

interface HubAttack {
    readonly name: string;
    readonly hub?: (next: () => number) => Promise<Server>;
    /** Prepares the cache; returns more about it. */
    readonly cache?: (home: string, next: () => number) => string | Promise<string>;
    /** The model can be had all the same. */
    readonly heals?: true;
}

/** From a snapshot's folder to the one that has `outside`. */
const UP = '../'.repeat(5);

const NAMES = [
    `${UP}outside/x.json`,
    `${UP.replaceAll('/', '\\')}outside\\x.json`,
    '../x.json',
    '../../../x.json',
    '/etc/x.json',
    'C:\\x.json',
    `unet/../${UP}outside/x.json`,
    `tokenizer/../${UP}outside/x.json`,
    'unet/\u0000.json',
    'unet//x.json',
    '.',
    '..',
    '',
    'a:b',
    'unet/con\u001b[31m.json',
    'x'.repeat(5000),
    '//host/share/x.json',
    '\\\\host\\share\\x.json',
    './x.json',
    'unet/..',
    '__proto__',
    '\u202e.json',
];

const ATTACKS: readonly HubAttack[] = [
    {
        name: 'a name that leads elsewhere',
        hub: (next) => openHub({ files: { ...filesIn(NANO), [pick(NAMES, next)]: Buffer.from('{}') } }),
    },
    // Of what is fetched: without a refusal, these are the names under which it is written.
    { name: 'a weight that leads elsewhere', hub: () => elsewhere(UNET, `unet/../${UP}outside/x.safetensors`) },
    {
        name: 'a configuration that leads elsewhere',
        hub: () => elsewhere('unet/config.json', `unet/../${UP}outside/x.json`),
    },
    {
        name: 'a digest that leads elsewhere',
        hub: () => elsewhere(createHash('sha256').update(filesIn(NANO)[UNET]!).digest('hex'), '../../../../outside/x'),
    },
    { name: 'a commit that leads elsewhere', hub: () => elsewhere(COMMIT, '../../../../outside/y') },
    { name: 'a commit within the cache', hub: () => elsewhere(COMMIT, '../y') },
    { name: 'a listing that was changed', hub: changedListing },
    { name: 'an answer that is none', hub: (next) => oddServer(pick(ODD_ANSWERS, next)) },
    {
        name: 'one wrong byte, once',
        hub: (next) => openHub({ wrong: { [pick(Object.keys(filesIn(NANO)), next)]: 1 } }),
        heals: true,
    },
    {
        name: 'wrong bytes for ever',
        hub: (next) => openHub({ wrong: { [pick(Object.keys(filesIn(NANO)), next)]: 1000 } }),
    },
    {
        name: 'a wrong size',
        hub: (next) => openHub({ sizes: { [UNET]: pick([0, 1, -1, 1e15, 0.5, Number.NaN], next) } }),
    },
    {
        name: 'cut answers',
        hub: (next) => openHub({ cuts: { [UNET]: { after: Math.floor(next() * 100_000), times: 2 } } }),
        heals: true,
    },
    {
        name: 'a claim that was left behind',
        heals: true,
        cache(home, next) {
            const folder = join(home, 'hub', 'models--tiny--nano-sd15');
            mkdirSync(folder, { recursive: true });
            // Of this process, of one that is gone, and of none.
            const owner = pick([String(process.pid), '999999999', '1e3'], next);
            writeFileSync(join(folder, '.sdspec-fetch'), owner);
            return ` ${owner}`;
        },
    },
    {
        name: 'a blob with a flipped bit',
        heals: true,
        async cache(home, next) {
            await fetched();
            const blobs = join(home, 'hub', 'models--tiny--nano-sd15', 'blobs');
            const file = join(
                blobs,
                pick(
                    readdirSync(blobs).filter((name) => !name.startsWith('.')),
                    next,
                ),
            );
            const bytes = readFileSync(file);
            bytes[Math.floor(next() * bytes.length)]! ^= 1;
            writeFileSync(file, bytes);
            return ` ${file}`;
        },
    },
    {
        name: 'a half download that is another file',
        heals: true,
        cache(home) {
            const blobs = join(home, 'hub', 'models--tiny--nano-sd15', 'blobs');
            mkdirSync(blobs, { recursive: true });
            const digest = createHash('sha256').update(filesIn(NANO)[UNET]!).digest('hex');
            writeFileSync(join(blobs, `${digest}.incomplete`), Buffer.alloc(1000, 7));
            return '';
        },
    },
];

const ODD_ANSWERS: readonly string[] = [
    '',
    'null',
    '[]',
    '{}',
    '"x"',
    '[null]',
    '<html>',
    '['.repeat(100_000),
    '{"sha":null}',
    '{"sha":"\\u001b[31m"}',
    `{"sha":"${'a'.repeat(40)}"}`,
    '{"sha":"../../x"}',
    `{"sha":"${'9'.repeat(1_000_000)}"}`,
];

function oddServer(body: string): Promise<Server> {
    return serve((_, response) => void response.writeHead(200, { 'Content-Type': 'application/json' }).end(body));
}

/** The hub behind one that changes a value of its JSON answers. */
function changedListing(next: () => number): Promise<Server> {
    return changedHub((text) => changedJson(text, next));
}

/** A hub that names a file, digest or commit by a name that leads elsewhere, and brings it when it is asked for by that name. */
function elsewhere(name: string, other: string): Promise<Server> {
    // The parser of addresses takes the dots away.
    const end = other.replace(/^.*\.\.\//, '');
    const back = (asked: string): string => {
        const url = decodeURIComponent(asked);
        if (!url.includes(end)) return asked;
        if (/\/tree\/|\?/.test(url)) return `/api/models/${REPOSITORY}/tree/${COMMIT}${/\?.*/.exec(asked)?.[0] ?? ''}`;
        const behind = url.slice(url.indexOf(end) + end.length);
        const file = name === COMMIT ? behind : `/${name.includes('/') ? name : UNET}`;
        return `/${REPOSITORY}/resolve/${COMMIT}${file}`;
    };
    return changedHub((text) => text.replaceAll(JSON.stringify(name), JSON.stringify(other)), back);
}

async function changedHub(change: (json: string) => string, back = (url: string) => url): Promise<Server> {
    const hub = await openHub();
    const server = await serve(async (request, response) => {
        const answer = await fetch(`${hub.endpoint}${back(request.url!)}`, { redirect: 'manual' });
        const text = await answer.text();
        const isJson = answer.headers.get('content-type')?.includes('json');
        response.writeHead(
            answer.status,
            Object.fromEntries([...answer.headers].filter(([name]) => /^(location|link|content-type)$/.test(name))),
        );
        response.end(isJson ? change(text) : text);
    });
    return {
        ...server,
        close() {
            server.close();
            hub.close();
        },
    };
}

const VALUES = [
    'null',
    '1',
    '-1',
    '1e99',
    '""',
    '"\\u0000"',
    '"../../../../outside/x"',
    '"..\\\\..\\\\x"',
    '[]',
    '{}',
    'true',
    '"\\u001b[31m"',
    `"${'x'.repeat(2000)}"`,
];

/** One value of a JSON text is another one. */
function changedJson(text: string, next: () => number): string {
    const values = [...text.matchAll(/(?<=:)("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|null|true|false)/g)];
    const found = values[Math.floor(next() * values.length)];
    return found ? text.slice(0, found.index) + pick(VALUES, next) + text.slice(found.index + found[0].length) : text;
}

async function serve(
    answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
): Promise<Server> {
    const requests: string[] = [];
    const server = createServer((request, response) => {
        requests.push(request.url!);
        Promise.resolve(answer(request, response)).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        requests,
        close() {
            server.closeAllConnections();
            server.close();
        },
    };
}
