/** Downloads through a process of their own: progress, stopping and continuing, and runs that are running beside them. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { HubModel } from '../../../src/plan/model-names.ts';
import type { FetchProgress } from '../../../src/runtime/hub/fetch-model.ts';
import { type RuntimeOptions, startChild } from '../../../src/runtime/process/child.ts';
import { createRuntime } from '../../../src/runtime/process/client.ts';
import { createDownloads, type DownloadHandle, type Downloads } from '../../../src/runtime/process/downloads.ts';
import { CancelMessage, FetchMessage, QueueMessage, RunMessage } from '../../../src/runtime/process/protocol.ts';
import type { RunRequest } from '../../../src/runtime/run/request.ts';
import { watchedEnvironment } from '../hub/contacts.ts';
import { type Behaviour, COMMIT, filesIn, type Hub, NANO, REPOSITORY, startHub } from '../hub/hub-server.ts';
import { specFolder } from '../run/carry.ts';
import { PLAN } from '../run/fake-workshop.ts';

const UNET = 'unet/diffusion_pytorch_model.safetensors';
const MODEL: HubModel = { kind: 'hub', repository: REPOSITORY, revision: '451f4fe' };

let home = '';
let lines: string[] = [];
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'sdspec-downloads-'));
    lines = [];
    const made = home;
    onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

/** The host with a workshop without models, which keeps the real rules of runs and downloads. */
function options(): RuntimeOptions {
    const none = { SDSPEC_MODELS: '', HF_HUB_CACHE: '', HUGGINGFACE_HUB_CACHE: '', HF_HUB_OFFLINE: '', HF_TOKEN: '' };
    return {
        host: join(import.meta.dirname, 'fake-host.ts'),
        nodeArguments: ['--import', pathToFileURL(join(process.cwd(), 'node_modules/tsx/dist/loader.mjs')).href],
        env: { ...none, ...watchedEnvironment(), HF_HOME: home },
        log: (line) => lines.push(line),
        graceMilliseconds: 2000,
    };
}

function downloads(): Downloads {
    const made = createDownloads(options());
    onTestFinished(() => made.stop());
    return made;
}

function access({ endpoint }: Hub, token?: string) {
    return { endpoint, asker: 'editor' as const, ...(token ? { token } : {}) };
}

/** A download that gets nowhere, as soon as a part of the largest file has come. */
async function stuck(all: Downloads, hub: Hub): Promise<DownloadHandle<unknown>> {
    let handle: DownloadHandle<unknown> | undefined;
    await new Promise<void>((resolve) => {
        handle = all.fetch({ model: MODEL, access: access(hub) }, (one) => {
            if (one.kind === 'bytes' && one.path === UNET && one.fileDone > 0) resolve();
        });
    });
    return handle!;
}

const HALF_WAY: Behaviour = { stuck: { [UNET]: 1_000_000 } };
const folder = () => join(home, 'hub', 'models--tiny--nano-sd15');
const snapshot = () => join(folder(), 'snapshots', COMMIT);
const parts = () => readdirSync(join(folder(), 'blobs')).filter((name) => name.endsWith('.incomplete'));

function digestsIn(place: string): Readonly<Record<string, string>> {
    const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    return Object.fromEntries(Object.entries(filesIn(place)).map(([path, bytes]) => [path, digest(bytes)]));
}

function request(prompt: string): RunRequest {
    const conditioning = { kind: 'prompt', prompt: { phrases: [{ text: prompt, weight: 1 }] } } as const;
    const work = { ...PLAN, seeds: [1, 2], conditioning };
    return { id: prompt, run: { name: prompt, work, expect: [] }, base: specFolder() };
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
}

describe('a download', () => {
    it('reports its size first, then its progress, and brings the files of the hub', async () => {
        const hub = await startHub();
        const all = downloads();
        const survey = await all.survey({ model: MODEL, access: access(hub) }).outcome;
        const told: FetchProgress[] = [];
        const handle = all.fetch({ model: MODEL, access: access(hub) }, (progress) => told.push(progress));
        const outcome = await handle.outcome;
        expect(outcome).toMatchObject({ kind: 'done', answer: { folder: snapshot() } });
        const [planned] = told;
        expect(planned).toMatchObject({ kind: 'planned', hereBytes: 0 });
        if (planned?.kind !== 'planned') return;
        const { files, bytes } = planned;
        const full = { files, bytes, hereBytes: 0, begunBytes: 0 };
        expect(survey).toMatchObject({ kind: 'done', answer: { endpoint: hub.endpoint, full } });
        expect(told.filter(({ kind }) => kind === 'file')).toHaveLength(files);
        const done = told.flatMap((one) => (one.kind === 'bytes' ? [one.done] : []));
        expect(done.length).toBeGreaterThan(0);
        expect(done).toEqual(done.toSorted((a, b) => a - b));
        expect(digestsIn(snapshot())).toEqual(digestsIn(NANO));
        const contacts = lines.filter((line) => line.startsWith('CONTACT'));
        expect(new Set(contacts)).toEqual(new Set(['CONTACT 127.0.0.1']));
        await expect.poll(() => isAlive(handle.pid!)).toBe(false);
    });

    it('that is stopped leaves a part and nothing under a final name, and continues from there', async () => {
        const hub = await startHub(HALF_WAY);
        const all = downloads();
        const handle = await stuck(all, hub);
        handle.cancel();
        expect(await handle.outcome).toEqual({ kind: 'cancelled' });
        expect(existsSync(join(snapshot(), UNET))).toBe(false);
        expect(existsSync(join(folder(), '.sdspec-fetch'))).toBe(false);
        const [part, ...more] = parts();
        expect(more).toEqual([]);
        const { size } = statSync(join(folder(), 'blobs', part!));
        expect(size).toBeGreaterThan(0);

        hub.behave({});
        hub.requests.length = 0;
        expect(await all.fetch({ model: MODEL, access: access(hub) }).outcome).toMatchObject({ answer: { files: 1 } });
        const range = `GET /${REPOSITORY}/resolve/${COMMIT}/${UNET} bytes=${size}-`;
        expect(hub.requests.filter((one) => one.includes('/resolve/'))).toEqual([range]);
        expect(digestsIn(snapshot())).toEqual(digestsIn(NANO));
        expect(parts()).toEqual([]);
    });

    it('whose process is killed continues as well', async () => {
        const hub = await startHub(HALF_WAY);
        const all = downloads();
        const handle = await stuck(all, hub);
        process.kill(handle.pid!, 'SIGKILL');
        const failure = {
            code: 'runtime/ended',
            message: expect.stringContaining('The part already downloaded is kept'),
        };
        expect(await handle.outcome).toMatchObject({ kind: 'failed', failure });
        expect(existsSync(join(snapshot(), UNET))).toBe(false);
        hub.behave({});
        expect((await all.fetch({ model: MODEL, access: access(hub) }).outcome).kind).toBe('done');
        expect(digestsIn(snapshot())).toEqual(digestsIn(NANO));
    });

    it('with wrong bytes is refused, and nothing of it stays', async () => {
        const hub = await startHub({ wrong: { [UNET]: 1 } });
        const outcome = await downloads().fetch({ model: MODEL, access: access(hub) }).outcome;
        const message = expect.stringContaining(`${UNET} did not arrive as the hub describes it`);
        expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'hub/digest', message } });
        expect(existsSync(join(snapshot(), UNET))).toBe(false);
        expect(parts()).toEqual([]);
    });

    it('takes the token that it is given, and gives it to no one', async () => {
        const hub = await startHub({ token: 'hf_secret' });
        const all = downloads();
        const refused = await all.survey({ model: MODEL, access: access(hub) }).outcome;
        const message = expect.stringContaining('SDSpec: Set Hub Token…');
        expect(refused).toMatchObject({ kind: 'failed', failure: { code: 'hub/denied', message } });
        const fetched = await all.fetch({ model: MODEL, access: access(hub, 'hf_secret') }).outcome;
        expect(fetched.kind).toBe('done');
        expect([...new Set(hub.seenByFileHost)]).toEqual([undefined]);
        expect(lines.filter((line) => line.includes('hf_secret'))).toEqual([]);
    });
});

describe('a download that can not be', () => {
    it.each([
        ['of a name that is none', {}, { repository: 'tiny/none' }, 'hub/not-found', 'check owner and name'],
        ['of a revision that is none', {}, { revision: 'v9' }, 'hub/no-revision', 'Its commits are listed at'],
        ['whose terms are not accepted', { gated: true }, {}, 'hub/denied', 'agree there. Give a token by the command'],
        ['with no space', { sizes: { [UNET]: 1e18 } }, {}, 'hub/full', 'Make room, or set sdspec.models.folder'],
    ] as const)('%s says what to do', async (_, behaviour, other, code, message) => {
        const hub = await startHub(behaviour);
        const outcome = await downloads().fetch({ model: { ...MODEL, ...other }, access: access(hub) }).outcome;
        const failure = { code, message: expect.stringContaining(message) };
        expect(outcome).toMatchObject({ kind: 'failed', failure });
        expect(hub.requests.filter((one) => one.includes('/resolve/'))).toEqual([]);
    });

    it('without network says so', async () => {
        const nowhere = { endpoint: 'http://127.0.0.1:1', asker: 'editor' } as const;
        const outcome = await downloads().fetch({ model: MODEL, access: nowhere }).outcome;
        const failure = { code: 'hub/offline', message: expect.stringContaining('Check the network and try again') };
        expect(outcome).toMatchObject({ kind: 'failed', failure });
    });
});

describe('a run', () => {
    it('continues while a download is under way, and the other way round', async () => {
        const hub = await startHub(HALF_WAY);
        const all = downloads();
        const runtime = createRuntime(options());
        onTestFinished(() => runtime.stop());
        const waits = await stuck(all, hub);
        expect((await runtime.run(request('plain')).outcome).kind).toBe('done');
        waits.cancel();
        await waits.outcome;

        // A step that never ends, as one of a large model may seem to: its process answers nothing.
        hub.behave({});
        let pictures = 0;
        const step = runtime.run(request('stuck'), ({ kind }) => void (kind === 'picture' && pictures++));
        await expect.poll(() => pictures, { timeout: 20_000 }).toBe(1);
        expect((await all.fetch({ model: MODEL, access: access(hub) }).outcome).kind).toBe('done');
        expect(runtime.queue.map(({ name, state }) => `${name} ${state}`)).toEqual(['stuck running']);
        step.cancel();
        expect((await step.outcome).kind).toBe('cancelled');
    });

    it('and a download of one process do not wait for each other either', async () => {
        const hub = await startHub();
        const { child, connection, ended } = startChild(options(), '');
        onTestFinished(async () => {
            // It leaves signals that ask it to end to its parent.
            child.kill('SIGKILL');
            await ended;
        });
        const run = connection.sendRequest(RunMessage, request('patient'));
        await expect.poll(() => connection.sendRequest(QueueMessage)).toHaveLength(1);
        const fetched = await connection.sendRequest(FetchMessage, { id: 'd', model: MODEL, access: access(hub) });
        expect(fetched).toMatchObject({ kind: 'done', answer: { folder: snapshot() } });
        expect(await connection.sendRequest(QueueMessage)).toMatchObject([{ name: 'patient', state: 'running' }]);
        await connection.sendNotification(CancelMessage, { id: 'patient' });
        expect((await run).kind).toBe('cancelled');
    });
});

it('all downloads can be stopped at once', async () => {
    const hub = await startHub(HALF_WAY);
    const all = downloads();
    const handle = await stuck(all, hub);
    const { pid } = handle;
    await all.stop();
    expect(await handle.outcome).toEqual({ kind: 'cancelled' });
    await expect.poll(() => isAlive(pid!)).toBe(false);
    expect(parts()).toHaveLength(1);
});
