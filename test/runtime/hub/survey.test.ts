/** What a download would bring is reported before anything comes, and tokens go to the hub that they are for. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HubModel } from '../../../src/plan/model-names.ts';
import { fetchModel } from '../../../src/runtime/hub/fetch-model.ts';
import { surveyModel } from '../../../src/runtime/hub/survey.ts';
import { onlyThisMachine } from './contacts.ts';
import { COMMIT, filesIn, NANO, REPOSITORY, startHub } from './hub-server.ts';

onlyThisMachine();

const UNET = 'unet/diffusion_pytorch_model.safetensors';
const SHORT: HubModel = { kind: 'hub', repository: REPOSITORY, revision: '451f4fe' };
const nano = filesIn(NANO);
const BYTES = Object.values(nano).reduce((sum, { length }) => sum + length, 0);

let home = '';
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'sdspec-hub-'));
    for (const name of ['SDSPEC_MODELS', 'HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_TOKEN', 'HF_ENDPOINT'])
        vi.stubEnv(name, '');
    vi.stubEnv('HF_HUB_OFFLINE', '');
    vi.stubEnv('HF_HOME', home);
});
afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true, force: true });
});

describe('a survey', () => {
    it('reports what is to come, and brings nothing', async () => {
        const { endpoint, requests } = await startHub({ files: nano });
        const full = { files: Object.keys(nano).length, bytes: BYTES, begunBytes: 0, hereBytes: 0 };
        expect(await surveyModel(SHORT, { access: { endpoint } })).toEqual({ endpoint, full });
        expect(requests.filter((request) => request.includes('/resolve/'))).toEqual([]);
        expect(existsSync(join(home, 'hub'))).toBe(false);
    });

    it('reports weights of 16 bits where there are some', async () => {
        const small = Buffer.from('half');
        const halves = Object.keys(nano).flatMap((path) =>
            path.endsWith('.safetensors') ? [[path.replace('.safetensors', '.fp16.safetensors'), small] as const] : [],
        );
        const { endpoint } = await startHub({ files: { ...nano, ...Object.fromEntries(halves) } });
        const { full, half } = await surveyModel(SHORT, { access: { endpoint } });
        const weights = Object.entries(nano).filter(([path]) => path.endsWith('.safetensors'));
        const saved = weights.reduce((sum, [, { length }]) => sum + length - small.length, 0);
        expect(full.bytes).toBe(BYTES);
        expect(half).toEqual({ ...full, bytes: BYTES - saved });
    });

    it('counts what an earlier download left, and asks no one where all is here', async () => {
        const hub = await startHub({ files: nano, stuck: { [UNET]: 1_000_000 } });
        const access = { endpoint: hub.endpoint };
        const stop = new AbortController();
        const cut = fetchModel(SHORT, {
            access,
            signal: stop.signal,
            onProgress: (one) =>
                one.kind === 'bytes' && one.path === UNET && one.fileDone > 0 && setTimeout(() => stop.abort(), 50),
        });
        await expect(cut).rejects.toMatchObject({ name: 'AbortError' });
        const { full } = await surveyModel(SHORT, { access });
        expect(full).toMatchObject({ files: 1, bytes: nano[UNET]!.length, hereBytes: BYTES - nano[UNET]!.length });
        expect(full.begunBytes).toBeGreaterThan(0);
        expect(full.begunBytes).toBeLessThanOrEqual(1_000_000);

        hub.behave({ files: nano });
        await fetchModel(SHORT, { access });
        hub.requests.length = 0;
        const here = await surveyModel({ ...SHORT, revision: COMMIT }, { access });
        expect(here.full).toMatchObject({ files: 0, bytes: 0 });
        expect(hub.requests).toEqual([]);
    });
});

describe('a token', () => {
    const survey = (endpoint: string, token?: string) =>
        surveyModel(SHORT, { access: { endpoint, asker: 'editor', ...(token ? { token } : {}) } });

    it('of the environment goes to the hub of the environment and to no other', async () => {
        const { endpoint } = await startHub({ token: 'mine-1' });
        vi.stubEnv('HF_TOKEN', 'mine-1');
        await expect(survey(endpoint)).rejects.toMatchObject({ code: 'hub/denied' });
        writeFileSync(join(home, 'token'), 'mine-1');
        await expect(survey(endpoint)).rejects.toMatchObject({ code: 'hub/denied' });
        vi.stubEnv('HF_ENDPOINT', `${endpoint}/`);
        expect((await survey(endpoint)).full.files).toBeGreaterThan(0);
    });

    it('that is given goes before that of the environment', async () => {
        const { endpoint } = await startHub({ token: 'mine-1' });
        vi.stubEnv('HF_ENDPOINT', endpoint);
        vi.stubEnv('HF_TOKEN', 'other');
        expect((await survey(endpoint, 'mine-1')).full.files).toBeGreaterThan(0);
    });

    it('that can be none is refused without being shown', async () => {
        const { endpoint, requests } = await startHub();
        const refused: Error = await survey(endpoint, 'my\nsecret').catch((error) => error);
        expect(refused).toMatchObject({ code: 'hub/denied' });
        expect(refused.message).not.toContain('secret');
        expect(requests).toEqual([]);
    });

    it('that lacks is asked for in the words of who asks', async () => {
        const { endpoint } = await startHub({ gated: true });
        await expect(survey(endpoint)).rejects.toThrow('Give a token by the command “SDSpec: Set Hub Token…”');
        await expect(surveyModel(SHORT, { access: { endpoint } })).rejects.toThrow('Put a token into HF_TOKEN');
        await expect(survey('huggingface')).rejects.toThrow('the setting sdspec.hub.endpoint wants one such as');
    });
});

it('nothing of a stopped survey stays', async () => {
    const { endpoint } = await startHub();
    const signal = AbortSignal.abort();
    await expect(surveyModel(SHORT, { access: { endpoint }, signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(readdirSync(home)).toEqual([]);
});
