/** The command line with models of the hub: a run names the fetch, the fetch brings the model, the run makes pictures. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { builtSdspec, folderWith } from '../../cli/sdspec.ts';
import { watchedEnvironment } from './contacts.ts';
import { COMMIT, NANO, REPOSITORY, startHub } from './hub-server.ts';

const sdspec = builtSdspec();
const NAME = `hf:${REPOSITORY}@451f4fe`;

function spec(model: string): string {
    return `model nano = ${model}

generate turtle {
    use     nano
    prompt  "a turtle"
    size    64x64
    steps   2
    seed    1
}
generate again extends turtle {
    seed    2
}
`;
}

it('a model is fetched when it is asked for, and pictures are those of the same files elsewhere', async () => {
    const hub = await startHub({ token: 'mine' });
    const home = mkdtempSync(join(tmpdir(), 'sdspec-hub-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const cwd = folderWith({
        'a.sdspec': spec(`"hf:${REPOSITORY}" revision "451f4fe"`),
        'b.sdspec': spec(JSON.stringify(NANO.replaceAll('\\', '/'))),
    });
    const clean = { SDSPEC_MODELS: '', HF_HUB_CACHE: '', HUGGINGFACE_HUB_CACHE: '', HF_HUB_OFFLINE: '' };
    const env = { ...clean, ...watchedEnvironment(), HF_HOME: home, HF_ENDPOINT: hub.endpoint, HF_TOKEN: 'mine' };
    const call = (...args: readonly string[]) => sdspec(args, { cwd, env });

    const early = await call('run', 'a.sdspec', '--device', 'cpu');
    expect(early).toMatchObject({ code: 1, stdout: '' });
    expect(early.stderr.split(`Download it: sdspec models fetch ${NAME}`)).toHaveLength(2);
    expect(early.stderr).not.toContain('CONTACT');
    expect(hub.requests).toEqual([]);

    const fetched = await call('models', 'fetch', 'a.sdspec');
    expect(fetched.stderr).toContain(`${NAME}: 4 MB in 12 files`);
    expect(fetched.stderr).toContain(`${NAME}: 4 MB downloaded`);
    expect(fetched.stdout.trim()).toBe(join(home, 'hub', 'models--tiny--nano-sd15', 'snapshots', COMMIT));
    expect(fetched.code).toBe(0);
    const contacts = [...fetched.stderr.matchAll(/CONTACT (.*)/g)].map(([, host]) => host);
    expect(new Set(contacts)).toEqual(new Set(['127.0.0.1']));

    expect((await call('models', 'fetch', NAME)).stderr).toContain('is here already');
    expect((await call('models')).stdout).toContain(`"hf:${REPOSITORY}" revision "${COMMIT}"`);

    const count = hub.requests.length;
    const own = await call('run', 'a.sdspec', 'turtle', '--device', 'cpu');
    const other = await call('run', 'b.sdspec', 'turtle', '--device', 'cpu', '--out', 'other');
    expect([own.code, other.code]).toEqual([0, 0]);
    expect(own.stderr).not.toContain('CONTACT');
    expect(hub.requests).toHaveLength(count);
    const record = ({ stdout }: { readonly stdout: string }) =>
        JSON.parse(readFileSync(join(cwd, stdout.trim().split('\n')[0]!, '..', 'record.json'), 'utf8'));
    const [mine, theirs] = [record(own), record(other)];
    expect(mine.models[0].name).toBe(NAME);
    expect(mine.models[0].files).toEqual(theirs.models[0].files);
    expect(mine.pictures[0].sha256).toBe(theirs.pictures[0].sha256);
});

it.each([
    [['models', 'fetch'], 'Which model?'],
    [['models', 'fetch', 'hf:nothing'], '"hf:nothing" is no name of a hub model'],
    [['models', '--fp16'], '--fp16 belongs to sdspec models fetch.'],
])('%j is refused with what is wrong', async (args, message) => {
    const { code, stderr } = await sdspec(args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
});
