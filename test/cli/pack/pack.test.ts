/** `pack` and `unpack`: the archive is an RO-Crate, and reruns in a fresh folder to the same pictures. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeZip } from '../../../src/cli/pack/zip.ts';
import { encodePng } from '../../../src/runtime/pictures/save.ts';
import { builtSdspec, folderWith, specBuild } from '../sdspec.ts';

const sdspec = builtSdspec();

const LIBRARY = 'model sketch = "builtin:sketch"\nprompt calm = "plain"\n';
const SPEC = `import { sketch, calm } from "../library.sdspec"

image pip = "../pictures/pip.png"

/** Two pictures. */
generate turtle {
    use     sketch
    prompt  calm
    start from pip strength 0.5
    size    64x64
    steps   4
    seed    1, 2
}
`;

async function study() {
    const cwd = folderWith({ 'library.sdspec': LIBRARY });
    for (const folder of ['specs', 'pictures']) mkdirSync(join(cwd, folder));
    writeFileSync(join(cwd, 'specs', 'a.sdspec'), SPEC);
    const pip = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(90) };
    writeFileSync(join(cwd, 'pictures', 'pip.png'), await encodePng(pip));
    const call = (...args: string[]) => sdspec(args, { cwd, fake: true });
    return { cwd, call };
}

type Entity = Record<string, unknown> & { '@id': string };

describe('pack', () => {
    it('an archive reruns in a fresh folder to the same pictures', async () => {
        const { cwd, call } = await study();
        await call('lock', 'specs/a.sdspec');
        const packed = await call('pack', 'specs/a.sdspec', '--author', 'A. Turing');
        expect([packed.code, packed.stdout]).toEqual([0, 'a.zip\n']);
        const elsewhere = folderWith({});
        cpSync(join(cwd, 'a.zip'), join(elsewhere, 'a.zip'));
        const there = (...args: string[]) => sdspec(args, { cwd: elsewhere, fake: true });
        const unpacked = await there('unpack', 'a.zip');
        expect([unpacked.code, unpacked.stdout]).toEqual([0, 'a\n']);
        expect(unpacked.stderr).toContain('each with the digest that the archive states');
        expect(unpacked.stderr).toContain('sdspec verify a/specs/a.sdspec --rerun');
        expect(existsSync(join(elsewhere, 'a', 'specs', 'sdspec.lock'))).toBe(true);
        const run = await there('run', 'a/specs/a.sdspec');
        expect([run.code, run.stderr]).toEqual([0, expect.stringContaining('turtle: up to date')]);
        const again = await there('verify', 'a/specs/a.sdspec', '--rerun');
        expect([again.code, again.stdout]).toEqual([0, 'identical         turtle: 2 pictures\n']);
        // Equal contents are equal bytes; what is there already is not overwritten.
        await call('pack', 'specs/a.sdspec', '--author', 'A. Turing', '--to', 'b.zip');
        expect(readFileSync(join(cwd, 'b.zip')).equals(readFileSync(join(cwd, 'a.zip')))).toBe(true);
        const twice = await call('pack', 'specs/a.sdspec');
        expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('is there already')]);
    });

    it('describes itself as a Process Run Crate 0.5', async () => {
        const { cwd, call } = await study();
        const who = ['--author', 'A. Turing', '--organization', 'NPL https://www.npl.co.uk'];
        await call('pack', 'specs/a.sdspec', ...who, '--license', 'https://spdx.org/licenses/CC-BY-4.0');
        await call('unpack', 'a.zip', 'out');
        const crate = JSON.parse(readFileSync(join(cwd, 'out', 'ro-crate-metadata.json'), 'utf8'));
        const graph = crate['@graph'] as readonly Entity[];
        const entity = (id: string) => graph.find((one) => one['@id'] === id);
        expect(crate['@context']).toContain('https://w3id.org/ro/crate/1.1/context');
        expect(new Set(graph.map((one) => one['@id'])).size).toBe(graph.length);
        // RO-Crate 1.1: the descriptor, and a root with a type, name, description, date and licence.
        expect(entity('ro-crate-metadata.json')).toEqual({
            '@id': 'ro-crate-metadata.json',
            '@type': 'CreativeWork',
            conformsTo: { '@id': 'https://w3id.org/ro/crate/1.1' },
            about: { '@id': './' },
        });
        const root = entity('./')!;
        expect(root).toMatchObject({ '@type': 'Dataset', name: 'a', license: { '@id': expect.any(String) } });
        expect(Number.isNaN(Date.parse(root['datePublished'] as string))).toBe(false);
        // Process Run Crate: the profile is stated and described; actions are mentioned, and have what they need.
        const profile = 'https://w3id.org/ro/wfrun/process/0.5';
        expect(root['conformsTo']).toEqual({ '@id': profile });
        expect(entity(profile)).toMatchObject({ '@type': 'CreativeWork', version: '0.5' });
        const actions = graph.filter((one) => one['@type'] === 'CreateAction');
        expect(root['mentions']).toEqual(actions.map((one) => ({ '@id': one['@id'] })));
        expect(actions).toHaveLength(1);
        const [action] = actions as [Entity];
        const tool = entity((action['instrument'] as Entity)['@id'])!;
        expect(tool).toMatchObject({
            '@type': 'SoftwareApplication',
            name: 'sdspec',
            softwareVersion: expect.any(String),
        });
        expect([root['author'], root['publisher'], action['agent']].map((one) => (one as Entity)['@id'])).toEqual([
            '#author',
            'https://www.npl.co.uk',
            '#author',
        ]);
        expect(entity('#author')).toMatchObject({ name: 'A. Turing', affiliation: { '@id': 'https://www.npl.co.uk' } });
        expect(entity('https://www.npl.co.uk')).toEqual({
            '@id': 'https://www.npl.co.uk',
            '@type': 'Organization',
            name: 'NPL',
            url: 'https://www.npl.co.uk',
        });
        // The pattern of the profile's published shapes, which know no `Z`.
        const time = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(\.\d{3})?\+\d{2}:\d{2})?$/;
        expect(action['startTime']).toMatch(time);
        expect(action['endTime']).toMatch(time);
        expect(Date.parse(action['endTime'] as string)).toBeGreaterThanOrEqual(
            Date.parse(action['startTime'] as string),
        );
        const used = (action['object'] as Entity[]).map((one) => one['@id']);
        expect(used).toEqual(['specs/a.sdspec', 'library.sdspec', 'pictures/pip.png']);
        const results = (action['result'] as Entity[]).map((one) => one['@id'].split('/').at(-1));
        expect(results).toEqual(['1.png', '2.png']);
        // Every reference leads to an entity, every file on disk is a part, and every part is a file on disk.
        const refs = JSON.stringify(graph).matchAll(/\{"@id":"([^"]+)"\}/g);
        for (const [, id] of refs)
            if (!/^https:\/\/w3id\.org\/ro\/crate/.test(id!))
                expect([id, entity(id!)]).toEqual([id, expect.anything()]);
        const onDisk = readdirSync(join(cwd, 'out'), { recursive: true, withFileTypes: true })
            .filter((one) => one.isFile() && one.name !== 'ro-crate-metadata.json')
            .map((one) => join(one.parentPath, one.name).slice(join(cwd, 'out').length + 1));
        expect((root['hasPart'] as Entity[]).map((one) => one['@id']).sort()).toEqual(onDisk.sort());
    });

    it('unpack finds files that are not what was packed', async () => {
        const { cwd, call } = await study();
        await call('pack', 'specs/a.sdspec');
        const bytes = readFileSync(join(cwd, 'a.zip'));
        // Pictures are stored, so a changed byte is one of the picture's.
        const at = bytes.indexOf(Buffer.from('IDAT'));
        bytes[at + 10]! ^= 1;
        writeFileSync(join(cwd, 'a.zip'), bytes);
        const { code, stderr } = await call('unpack', 'a.zip', 'out');
        expect([code, stderr]).toEqual([
            1,
            expect.stringMatching(/pip\.png is not the file that was packed: get the archive again/),
        ]);
    });

    it.each([
        ['.', 2, /is the one that you are in\. Name a new one: sdspec unpack a\.zip study/],
        ['library.sdspec', 1, /library\.sdspec is a file\. Name a new folder/],
    ])('unpack into %s is a mistake with what to write', async (to, code, says) => {
        const cwd = folderWith({ 'library.sdspec': LIBRARY });
        await writeZip(join(cwd, 'a.zip'), [{ path: 'a.txt', from: { text: 'a' } }]);
        const ended = await sdspec(['unpack', 'a.zip', to], { cwd });
        expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(says)]);
        expect(readdirSync(cwd).sort()).toEqual(['a.zip', 'library.sdspec']);
    });

    // A limit of the size of files is what a full disk is, for a test.
    it.runIf(process.platform === 'linux')('a full disk is named, with what to do', async () => {
        const cwd = folderWith({ 'a.sdspec': 'model sketch = "builtin:sketch"\n' });
        await writeZip(join(cwd, 'a.zip'), [{ path: 'big.png', from: { text: 'x'.repeat(100_000) } }]);
        const { cli, env } = specBuild();
        const command = `ulimit -f 8; "${process.execPath}" "${cli}" unpack a.zip out`;
        const { status, stderr } = spawnSync('bash', ['-c', command], { cwd, env, encoding: 'utf8' });
        expect([status, stderr]).toEqual([
            1,
            'sdspec: No space is left to write out. Nothing was unpacked: make room and unpack again, or name a folder on another disk.\n',
        ]);
        expect(readdirSync(cwd).sort()).toEqual(['a.sdspec', 'a.zip']);
        const inFile = join(cwd, 'a.sdspec', 'b.zip');
        await expect(writeZip(inFile, [])).rejects.toThrow(
            /b\.zip can't be written \(\w+\)\. Name an archive in another folder with --to/,
        );
    });

    it('an absolute path is a mistake with a sentence', async () => {
        const { cwd, call } = await study();
        const file = join(cwd, 'specs', 'a.sdspec');
        writeFileSync(file, SPEC.replace('../pictures/pip.png', join(cwd, 'pictures', 'pip.png')));
        const { code, stderr } = await call('pack', 'specs/a.sdspec');
        expect([code, stderr]).toEqual([2, expect.stringContaining('is an absolute path, which no other machine has')]);
    });
});
