/** Archives that are not trusted: nothing is unpacked from one that leads out of its folder. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { unzip, writeZip } from '../../../src/cli/pack/zip.ts';
import { removeUnfinished } from '../../../src/runtime/write-whole.ts';
import { folderWith } from '../sdspec.ts';

const LIMITS = { bytes: 1000, files: 5 };

/** An archive whose bytes are changed after it was written. */
async function archive(
    files: readonly { readonly name: string; readonly text?: string; readonly mode?: number }[],
    change: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Promise<{ readonly file: string; readonly folder: string; readonly cwd: string }> {
    const zip = new yazl.ZipFile();
    for (const { name, text = 'hello', mode = 0o100644 } of files) {
        zip.addBuffer(Buffer.from(text), name, { compress: false, mode, mtime: new Date(0) });
    }
    zip.end();
    const chunks: Buffer[] = [];
    for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
    const cwd = folderWith({});
    const file = join(cwd, 'a.zip');
    writeFileSync(file, change(Buffer.concat(chunks)));
    return { file, cwd, folder: join(cwd, 'out') };
}

const replaced = (from: string, to: string) => (bytes: Buffer) =>
    Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');

describe('zip', () => {
    it('writes and reads files, equal contents as equal bytes', async () => {
        const cwd = folderWith({ 'a b.txt': 'one' });
        const entries = [
            { path: 'deep/a b.txt', from: { file: join(cwd, 'a b.txt') } },
            { path: 'ü.json', from: { text: '{}' } },
        ];
        await writeZip(join(cwd, '1.zip'), entries);
        await writeZip(join(cwd, '2.zip'), entries);
        expect(readFileSync(join(cwd, '1.zip')).equals(readFileSync(join(cwd, '2.zip')))).toBe(true);
        const found = await unzip(join(cwd, '1.zip'), join(cwd, 'out'), LIMITS);
        expect(found.map(({ path, bytes }) => [path, bytes])).toEqual([
            ['deep/a b.txt', 3],
            ['ü.json', 2],
        ]);
        expect(readFileSync(join(cwd, 'out', 'deep', 'a b.txt'), 'utf8')).toBe('one');
    });

    it.each<[string, Parameters<typeof archive>, RegExp]>([
        ['a path upwards', [[{ name: 'xx/evil.txt' }], replaced('xx/evil', '../evil')], /invalid relative path/],
        ['an absolute path', [[{ name: 'xtmp/evil.txt' }], replaced('xtmp/evil', '/tmp/evil')], /absolute path/],
        [
            'a drive of Windows',
            [[{ name: 'Cx/evil.txt' }], replaced('Cx/evil', 'C:/evil')],
            /absolute path|no name that every system has/,
        ],
        ['a backslash', [[{ name: 'a-evil.txt' }], replaced('a-evil', 'a\\evil')], /invalid characters/],
        ['a device of Windows', [[{ name: 'sub/nul.txt' }]], /no name that every system has/],
        ['a link', [[{ name: 'link', text: '/etc/passwd', mode: 0o120777 }]], /link is a link/],
        ['a device', [[{ name: 'tty', mode: 0o020666 }]], /neither a file nor a folder/],
        ['a name twice', [[{ name: 'a.txt' }, { name: 'A.txt' }]], /A\.txt occurs twice/],
        [
            'too many bytes',
            [
                [
                    { name: 'a.txt', text: 'x'.repeat(600) },
                    { name: 'b.txt', text: 'x'.repeat(600) },
                ],
            ],
            /more than 0 MB: allow more/,
        ],
        ['too many files', [[1, 2, 3, 4, 5, 6].map((k) => ({ name: `${k}.txt` }))], /more than 5 files/],
        [
            'no zip',
            [[{ name: 'a.txt' }], () => Buffer.from('no archive at all, but long enough to be one')],
            /can't be read/,
        ],
    ])('refuses %s, and writes nothing', async (_, [files, change], message) => {
        const { file, folder, cwd } = await archive(files, change);
        await expect(unzip(file, folder, LIMITS)).rejects.toThrow(message);
        expect(existsSync(folder)).toBe(false);
        expect(readdirSync(cwd)).toEqual(['a.zip']);
    });

    it('does not write into a folder that is used, nor over a file', async () => {
        const { file, cwd } = await archive([{ name: 'a.txt' }]);
        await expect(unzip(file, cwd, LIMITS)).rejects.toThrow(/is there and not empty\. Name a new folder/);
        await expect(unzip(file, file, LIMITS)).rejects.toThrow(/a\.zip is a file\. Name a new folder/);
    });

    it('keeps what came into the folder while it unpacked, and an archive that came to have the name', async () => {
        const { file, folder, cwd } = await archive([{ name: 'a.txt' }]);
        mkdirSync(folder);
        const unzipping = unzip(file, folder, LIMITS);
        writeFileSync(join(folder, 'notes.txt'), 'mine');
        await expect(unzipping).rejects.toThrow(/out is not empty any more\. Name a new folder/);
        expect(readdirSync(folder)).toEqual(['notes.txt']);
        const zipping = writeZip(join(cwd, 'b.zip'), [{ path: 'a.txt', from: { text: 'a' } }]);
        writeFileSync(join(cwd, 'b.zip'), 'mine');
        await expect(zipping).rejects.toMatchObject({ code: 'output/there' });
        expect(readFileSync(join(cwd, 'b.zip'), 'utf8')).toBe('mine');
        expect(readdirSync(cwd).sort()).toEqual(['a.zip', 'b.zip', 'out']);
    });

    it('leaves nothing where a signal ends it', async () => {
        const names = Array.from({ length: 5 }, (_, k) => ({ name: `deep/${k}.txt` }));
        const { file, folder, cwd } = await archive(names);
        const unzipping = unzip(file, folder, LIMITS).catch(() => {});
        const parts = () => readdirSync(cwd).filter((name) => name.endsWith('.part'));
        while (parts().length === 0) await new Promise((resolve) => setImmediate(resolve));
        removeUnfinished();
        expect(parts()).toEqual([]);
        await unzipping;
    });

    it('a file that is gone is an error, and no half archive is left', async () => {
        const cwd = folderWith({});
        const zipping = writeZip(join(cwd, 'a.zip'), [{ path: 'a', from: { file: join(cwd, 'gone') } }]);
        await expect(zipping).rejects.toThrow(/Nothing was packed, because .*ENOENT.*gone.*Run the spec again/);
        expect(readdirSync(cwd)).toEqual([]);
    });
});
