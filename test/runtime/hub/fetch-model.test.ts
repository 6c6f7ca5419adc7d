/** Fetching models from a hub on this machine: what comes, what goes wrong, and what is in the cache afterwards. */
import { createHash } from 'node:crypto';
import {
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HubModel } from '../../../src/plan/model-names.ts';
import { type FetchOptions, type FetchProgress, fetchModel } from '../../../src/runtime/hub/fetch-model.ts';
import { modelPath } from '../../../src/runtime/run/inputs/model-path.ts';
import { failureOf } from '../../../src/runtime/run-error.ts';
import { openCheckpoint } from '../../../src/runtime/weights/checkpoint.ts';
import { onlyThisMachine } from './contacts.ts';
import { type Behaviour, COMMIT, filesIn, type Hub, NANO, REPOSITORY, startHub } from './hub-server.ts';

onlyThisMachine();

const UNET = 'unet/diffusion_pytorch_model.safetensors';
const SHORT: HubModel = { kind: 'hub', repository: REPOSITORY, revision: '451f4fe' };
const MAIN: HubModel = { ...SHORT, revision: 'main' };

let home = '';
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'sdspec-hub-'));
    for (const name of ['SDSPEC_MODELS', 'HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_TOKEN', 'HF_HUB_OFFLINE'])
        vi.stubEnv(name, '');
    vi.stubEnv('HF_HOME', home);
});
afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true, force: true });
});

async function hubThat(behaviour: Behaviour = {}): Promise<Hub> {
    const hub = await startHub(behaviour);
    vi.stubEnv('HF_ENDPOINT', hub.endpoint);
    return hub;
}

function fetched(ref: HubModel = SHORT, options: FetchOptions = {}) {
    return fetchModel(ref, { pause: 1, ...options });
}

function thrownBy(action: () => unknown): unknown {
    try {
        return action();
    } catch (error) {
        return error;
    }
}

/** Digest of every file by its path. */
function digestsIn(place: string): Readonly<Record<string, string>> {
    const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    return Object.fromEntries(Object.entries(filesIn(place)).map(([path, bytes]) => [path, digest(bytes)]));
}

const folder = () => join(home, 'hub', 'models--tiny--nano-sd15');
const blobs = () => readdirSync(join(folder(), 'blobs'));

describe('a model', () => {
    it('is found nowhere before it is fetched, and the message names the command', () => {
        const message = `hf:${REPOSITORY}@451f4fe is not on this machine. Download it: sdspec models fetch hf:${REPOSITORY}@451f4fe`;
        expect(() => modelPath(SHORT, '/')).toThrow(message);
        const failure = { code: 'model/not-found', message, missing: SHORT };
        expect(failureOf(thrownBy(() => modelPath(SHORT, '/')))).toEqual(failure);
        expect(failureOf(thrownBy(() => modelPath({ kind: 'file', path: 'none' }, '/')))).not.toHaveProperty('missing');
    });

    it('is fetched with what is needed and nothing else, and opens from the cache without network', async () => {
        const hub = await hubThat();
        const { folder: place, files, bytes } = await fetched();
        const nano = filesIn(NANO);
        expect(digestsIn(place)).toEqual(digestsIn(NANO));
        expect(files).toBe(Object.keys(nano).length);
        expect(bytes).toBe(Object.values(nano).reduce((sum, { length }) => sum + length, 0));
        expect(place).toBe(join(folder(), 'snapshots', COMMIT));
        expect(lstatSync(join(place, UNET)).isSymbolicLink()).toBe(true);
        expect(readdirSync(folder()).sort()).toEqual(['blobs', 'snapshots']);

        const count = hub.requests.length;
        expect(modelPath(SHORT, '/')).toBe(place);
        expect(modelPath({ ...SHORT, revision: COMMIT }, '/')).toBe(place);
        expect(await openCheckpoint(place).digests()).toEqual(await openCheckpoint(NANO).digests());
        expect(await fetched()).toEqual({ folder: place, files: 0, bytes: 0 });
        expect(hub.requests).toHaveLength(count);
    });

    it('reports its size before the first file, then how much came, in all and of each file', async () => {
        await hubThat();
        const told: FetchProgress[] = [];
        const { bytes, files } = await fetched(SHORT, { onProgress: (progress) => told.push(progress) });
        expect(told[0]).toEqual({ kind: 'planned', files, bytes, hereBytes: 0 });
        const whole = told.filter(({ kind }) => kind === 'file');
        expect(whole).toHaveLength(files);
        expect(whole.at(-1)).toMatchObject({ path: UNET });
        const moments = told.flatMap((one) => (one.kind === 'bytes' ? [one] : []));
        expect(moments.length).toBeGreaterThan(0);
        for (const { fileDone, fileBytes, done, bytes: all } of moments) {
            expect(fileDone).toBeLessThanOrEqual(fileBytes);
            expect(done).toBeLessThanOrEqual(all);
        }
    });

    it('fetched by a branch is found by the branch, and only then by a commit', async () => {
        await hubThat();
        const { folder: place } = await fetched(MAIN);
        expect(readFileSync(join(folder(), 'refs', 'main'), 'utf8')).toBe(COMMIT);
        expect(modelPath(MAIN, '/')).toBe(place);
        await fetched({ ...SHORT, revision: 'refs/pr/1' });
        expect(modelPath({ ...SHORT, revision: 'refs/pr/1' }, '/')).toBe(place);
    });

    it('is found by the first digits of its commit on a hub that knows whole commits only', async () => {
        const hub = await hubThat({ longCommitsOnly: true });
        await fetched();
        expect(hub.requests.some((request) => request.includes('/commits/main'))).toBe(true);
    });

    it('comes with weights of 16 bits where they are asked for', async () => {
        const nano = filesIn(NANO);
        const halves = Object.entries(nano).map(([path, bytes]) => [
            path.replace('.safetensors', '.fp16.safetensors'),
            bytes,
        ]);
        await hubThat({ files: { ...nano, ...Object.fromEntries(halves) } });
        const { folder: place } = await fetched(SHORT, { half: true });
        expect(readdirSync(join(place, 'unet'))).toEqual(['config.json', 'diffusion_pytorch_model.fp16.safetensors']);
        expect(openCheckpoint(modelPath(SHORT, '/')).unet.weights.source).toContain('.fp16.');
    });

    it('of which another tool left a part is no whole model, and only the rest is fetched', async () => {
        const hub = await hubThat();
        const { folder: place } = await fetched();
        rmSync(join(place, 'vae'), { recursive: true });
        expect(() => modelPath(SHORT, '/')).toThrow('lacks vae on this machine');
        rmSync(join(place, 'unet', 'config.json'));
        hub.requests.length = 0;
        expect((await fetched()).files).toBe(3);
        // The blobs are still there: they are linked, not downloaded.
        expect(hub.requests.filter((request) => request.includes('/resolve/'))).toEqual([]);
    });
});

describe('a download', () => {
    it('continues where the connection was cut', async () => {
        const hub = await hubThat({ cuts: { [UNET]: { after: 1_000_000, times: 2 } } });
        const notices: string[] = [];
        const { folder: place } = await fetched(SHORT, {
            onProgress: (progress) => progress.kind === 'notice' && notices.push(progress.text),
        });
        expect(digestsIn(place)).toEqual(digestsIn(NANO));
        expect(notices).toEqual(Array(2).fill(`${UNET}: the connection was cut; trying again.`));
        const asked = hub.requests.filter((request) => request.includes(UNET));
        const [first, second, third, ...more] = asked.map((request) => Number(/bytes=(\d+)-/.exec(request)?.[1] ?? 0));
        // What was on its way when the connection was cut may be lost; what had arrived is never asked for again.
        expect(first).toBe(0);
        expect(second).toBeGreaterThan(0);
        expect(second).toBeLessThanOrEqual(1_000_000);
        expect(third).toBeGreaterThan(second!);
        expect(third).toBeLessThanOrEqual(second! + 1_000_000);
        expect(more).toEqual([]);
    });

    it('that was stopped continues later; until then nothing has its final name', async () => {
        const hub = await hubThat({ stuck: { [UNET]: 1_000_000 } });
        const stop = new AbortController();
        const onProgress = (progress: FetchProgress) => {
            if (progress.kind === 'bytes' && progress.path === UNET && progress.fileDone > 0)
                setTimeout(() => stop.abort(), 100);
        };
        await expect(fetched(SHORT, { signal: stop.signal, onProgress })).rejects.toMatchObject({ name: 'AbortError' });
        expect(() => modelPath(SHORT, '/')).toThrow('lacks unet');
        const [part] = blobs().filter((name) => name.endsWith('.incomplete'));
        const { size } = statSync(join(folder(), 'blobs', part!));
        expect(size).toBeGreaterThan(0);
        expect(size).toBeLessThanOrEqual(1_000_000);
        expect(existsSync(join(folder(), '.sdspec-fetch'))).toBe(false);

        hub.behave({});
        hub.requests.length = 0;
        const { files, folder: place } = await fetched();
        expect(files).toBe(1);
        expect(hub.requests.filter((request) => request.includes('/resolve/'))).toEqual([
            `GET /${REPOSITORY}/resolve/${COMMIT}/${UNET} bytes=${size}-`,
        ]);
        expect(digestsIn(place)).toEqual(digestsIn(NANO));
        expect(blobs().filter((name) => name.endsWith('.incomplete'))).toEqual([]);
    });

    it('begins again where the server knows no ranges', async () => {
        await hubThat({ noRanges: true, cuts: { [UNET]: { after: 1_000_000, times: 2 } } });
        expect(digestsIn((await fetched()).folder)).toEqual(digestsIn(NANO));
    });

    it('gives up when nothing comes any more, and keeps what came', async () => {
        await hubThat({ cuts: { [UNET]: { after: 0, times: 99 } } });
        await expect(fetched()).rejects.toMatchObject({
            code: 'hub/cut',
            message: expect.stringContaining('run it again to continue'),
        });
    });

    it('with wrong bytes is removed, and said so', async () => {
        await hubThat({ wrong: { [UNET]: 1 } });
        await expect(fetched()).rejects.toMatchObject({
            code: 'hub/digest',
            message: expect.stringContaining(`${UNET} did not arrive as the hub describes it`),
        });
        const unet = filesIn(NANO)[UNET]!.length;
        for (const name of blobs()) expect(statSync(join(folder(), 'blobs', name)).size).not.toBe(unet);
        expect(blobs().filter((name) => name.endsWith('.incomplete'))).toEqual([]);
        expect(() => modelPath(SHORT, '/')).toThrow('lacks unet');
        await fetched();
        modelPath(SHORT, '/');
    });

    it.each(['unet/config.json', 'tokenizer/vocab.json'])('checks small files too: %s', async (path) => {
        await hubThat({ wrong: { [path]: 1 } });
        await expect(fetched()).rejects.toMatchObject({ code: 'hub/digest', message: expect.stringContaining(path) });
    });

    it('whose beginning is from elsewhere is asked for once more', async () => {
        await hubThat();
        const place = (await fetched()).folder;
        const blob = readdirSync(join(folder(), 'blobs')).find(
            (name) => statSync(join(folder(), 'blobs', name)).size === filesIn(NANO)[UNET]!.length,
        )!;
        rmSync(join(place, UNET));
        rmSync(join(folder(), 'blobs', blob));
        writeFileSync(join(folder(), 'blobs', `${blob}.incomplete`), 'something else');
        await fetched();
        expect(digestsIn(place)).toEqual(digestsIn(NANO));
    });

    it('is refused before the first file where the disk is too small', async () => {
        const hub = await hubThat({ sizes: { [UNET]: 1e18 } });
        await expect(fetched()).rejects.toMatchObject({
            code: 'hub/full',
            message: expect.stringMatching(/^The model needs 1000000000\.0 GB more, and .* has room for /),
        });
        expect(hub.requests.filter((request) => request.includes('/resolve/'))).toEqual([]);
    });

    it('of the same model is begun once, unless the one that began is dead', async () => {
        await hubThat();
        mkdirSync(folder(), { recursive: true });
        const claim = join(folder(), '.sdspec-fetch');
        writeFileSync(claim, String(process.ppid));
        await expect(fetched()).rejects.toMatchObject({ code: 'hub/locked' });
        writeFileSync(claim, '999999999');
        await fetched();
        expect(existsSync(claim)).toBe(false);
    });
});

describe('the hub', () => {
    it('sees the token; the host of the files does not', async () => {
        const hub = await hubThat({ token: 'mine-1' });
        await expect(fetched()).rejects.toMatchObject({
            code: 'hub/denied',
            message: `There is no public model hf:${REPOSITORY}. Check the name; for a private model put a token into HF_TOKEN (${hub.endpoint}/settings/tokens).`,
        });
        vi.stubEnv('HF_TOKEN', 'other');
        await expect(fetched()).rejects.toMatchObject({
            code: 'hub/denied',
            message: expect.stringContaining('does not let your token read'),
        });
        vi.stubEnv('HF_TOKEN', '');
        writeFileSync(join(home, 'token'), 'mine-1\n');
        await fetched();
        expect(hub.seenByFileHost).toHaveLength(3);
        expect(hub.seenByFileHost.filter(Boolean)).toEqual([]);
    });

    it('that wants terms to be accepted is understood', async () => {
        const hub = await hubThat({ gated: true });
        const page = `${hub.endpoint}/${REPOSITORY}`;
        await expect(fetched()).rejects.toThrow(`open ${page} and agree there. Put a token into HF_TOKEN`);
        vi.stubEnv('HF_TOKEN', 'x');
        await expect(fetched()).rejects.toThrow('The token that you use must be allowed to read it.');
    });

    it.each([
        [{ ...MAIN, repository: 'tiny/none' }, 'hub/not-found', /There is nothing at http.*tiny\/none/],
        [{ ...MAIN, revision: 'v9' }, 'hub/no-revision', /has no revision v9/],
        [{ ...MAIN, revision: 'abcdef0' }, 'hub/no-revision', /has no revision abcdef0/],
        [{ ...MAIN, repository: '../..' }, 'hub/not-found', /is no name of a hub model/],
        [{ ...MAIN, revision: '../x' }, 'hub/not-found', /is no name of a hub model/],
    ] as const)('%o is answered by %s', async (ref, code, message) => {
        await hubThat();
        await expect(fetched(ref)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    });

    it('that is not there is said to be out of reach', async () => {
        vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1');
        await expect(fetched()).rejects.toMatchObject({
            code: 'hub/offline',
            message: expect.stringMatching(/^127\.0\.0\.1:1 can't be reached \(.+\)\. Check the network/),
        });
    });

    it('is not asked while HF_HUB_OFFLINE is set', async () => {
        const hub = await hubThat();
        vi.stubEnv('HF_HUB_OFFLINE', '1');
        await expect(fetched()).rejects.toMatchObject({ code: 'hub/offline' });
        expect(hub.requests).toEqual([]);
    });

    it.each([
        ['README.md', 'is no diffusers model: it has no model_index.json'],
        ['v1-5.safetensors', 'holds single files. Download one (such as v1-5.safetensors)'],
    ])('with nothing but %s has no model for sdspec', async (name, message) => {
        await hubThat({ files: { [name]: Buffer.from('x') } });
        await expect(fetched()).rejects.toThrow(message);
    });

    it('with pickles only is refused before anything is downloaded', async () => {
        const { [UNET]: unet, ...rest } = filesIn(NANO);
        const hub = await hubThat({ files: { ...rest, 'unet/diffusion_pytorch_model.bin': unet! } });
        await expect(fetched()).rejects.toThrow('has its unet as a Python pickle only');
        expect(hub.requests.filter((request) => request.includes('/resolve/'))).toEqual([]);
    });

    it('with a model of another kind is refused before its weights come', async () => {
        const index = Buffer.from(JSON.stringify({ _class_name: 'StableDiffusionXLPipeline' }));
        const hub = await hubThat({ files: { ...filesIn(NANO), 'model_index.json': index } });
        await expect(fetched()).rejects.toThrow('is an SDXL model');
        expect(hub.requests.filter((request) => request.includes('.safetensors'))).toEqual([]);
    });
});
