/** `verify` and `lock`: pictures are read from the disk, and what was not compared is reported. */
import { cpSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../../src/runtime/pictures/save.ts';
import { builtSdspec, folderWith } from './sdspec.ts';

const sdspec = builtSdspec();

function spec(prompt: string, { seed = '1, 2', name = 'turtle', more = '' } = {}): string {
    return `model sketch = "builtin:sketch"

generate ${name} {
    use     sketch
    prompt  "${prompt}"
    size    128x128
    steps   4
    seed    ${seed}
    ${more}
}
`;
}

/** A folder with a locked spec, and the functions that every test needs. */
async function locked(text = spec('plain')) {
    const cwd = folderWith({ 'a.sdspec': text });
    const call = (...args: string[]) => sdspec(args, { cwd, fake: true });
    expect((await call('lock', 'a.sdspec')).code).toBe(0);
    const file = join(cwd, 'sdspec.lock');
    const runs = join(cwd, '.sdspec', 'runs', 'turtle');
    const folder = join(runs, readdirSync(runs)[0]!);
    return { cwd, call, file, folder, text: readFileSync(file, 'utf8') };
}

const ZERO = '0'.repeat(64);

describe('lock', () => {
    it('writes sorted lines once, and says what it wrote', async () => {
        const { call, file, text } = await locked();
        expect(text.split('\n').slice(1, -1)).toHaveLength(2);
        expect((await call('lock', 'a.sdspec')).stdout).toBe('sdspec.lock holds 2 lines, 0 of them new or changed.\n');
        expect(readFileSync(file, 'utf8')).toBe(text);
        writeFileSync(file, `${text}<<<<<<< ours\n`);
        const { stdout, stderr } = await call('lock', 'a.sdspec', '--json');
        expect(JSON.parse(stdout)).toEqual({
            lines: 2,
            written: [],
            unreadable: [{ line: 4, text: '<<<<<<< ours' }],
            failed: [],
        });
        expect(stderr).toContain("sdspec.lock line 4 can't be read and is left out: <<<<<<< ours");
        expect(readFileSync(file, 'utf8')).toBe(text);
    });

    it('keeps the lines of two specs of a folder', async () => {
        const { cwd, call, file } = await locked();
        writeFileSync(join(cwd, 'b.sdspec'), spec('plain', { seed: '3' }));
        await call('lock', 'b.sdspec');
        const lines = readFileSync(file, 'utf8').match(/^output \S+ turtle /gm);
        expect(lines).toEqual(['output a.sdspec turtle ', 'output a.sdspec turtle ', 'output b.sdspec turtle ']);
        for (const one of ['a.sdspec', 'b.sdspec']) expect((await call('verify', one, '--frozen')).code).toBe(0);
    });
});

describe('verify', () => {
    it('judges expectations, which are enough where nothing is locked', async () => {
        const expecting = (clause: string) => spec('plain', { more: `expect { ${clause} }` });
        const cwd = folderWith({
            'a.sdspec': expecting('time <= 60s'),
            'b.sdspec': expecting('image phash:00000000000000f0 within 4'),
        });
        const good = await sdspec(['verify', 'a.sdspec', '--frozen'], { cwd, fake: true });
        expect([good.code, good.stdout]).toEqual([0, expect.stringMatching(/^met {15}turtle: The run took/)]);
        expect(good.stdout).toContain(
            'not compared      turtle: pictures 1 to 2 (1.png, 2.png), because there is no sdspec.lock',
        );
        const bad = await sdspec(['verify', 'b.sdspec'], { cwd, fake: true });
        expect([bad.code, bad.stdout]).toEqual([1, expect.stringMatching(/^missed {12}turtle: /)]);
    });

    it('of a spec that the lock of its folder knows nothing of fails, unless it expects something', async () => {
        const { cwd, call } = await locked();
        writeFileSync(join(cwd, 'b.sdspec'), spec('plain', { seed: '3' }));
        const { code, stdout, stderr } = await call('verify', 'b.sdspec');
        expect([code, stdout]).toEqual([
            1,
            expect.stringContaining('not compared      sdspec.lock: lines of b.sdspec, because there are none\n'),
        ]);
        expect(stderr).toContain('Write what is not locked: sdspec lock b.sdspec');
        writeFileSync(join(cwd, 'b.sdspec'), spec('plain', { seed: '3', more: 'expect { time <= 60s }' }));
        expect((await call('verify', 'b.sdspec')).code).toBe(0);
    });

    it('reads equal pictures as identical', async () => {
        const { call } = await locked();
        const { code, stdout } = await call('verify', 'a.sdspec', '--frozen');
        expect([code, stdout]).toEqual([0, 'identical         turtle: 2 pictures\n']);
    });

    it.each<[string, (folder: string) => void | Promise<void>, RegExp]>([
        [
            'replaced',
            (folder) => cpSync(join(folder, '2.png'), join(folder, '1.png')),
            /is not the picture that the run made/,
        ],
        ['cut off', (folder) => truncateSync(join(folder, '1.png'), 40), /1\.png/],
        ['not a picture', (folder) => writeFileSync(join(folder, '1.png'), 'hello'), /1\.png/],
        [
            'of another size',
            async (folder) =>
                writeFileSync(
                    join(folder, '1.png'),
                    await encodePng({ width: 8, height: 8, data: new Uint8Array(192) }),
                ),
            /is not the picture that the run made/,
        ],
    ])('a picture that was %s is different, and stays there to be looked at', async (_, spoil, why) => {
        const { call, folder } = await locked();
        await spoil(folder);
        const before = readFileSync(join(folder, '1.png'));
        const { code, stdout } = await call('verify', 'a.sdspec');
        expect(code).toBe(1);
        expect(stdout).toMatch(/^different {9}turtle: picture 1 \(1\.png\).*`sdspec run` makes it again\n/);
        expect(stdout).toMatch(why);
        expect(stdout).toContain('identical         turtle: 1 picture\n');
        expect(readFileSync(join(folder, '1.png')).equals(before)).toBe(true);
    });

    it('a learnt file is equal to its line, or different: relearnt otherwise, or replaced on disk', async () => {
        const learn = 'learn pip {\n    word  like "animal"\n    from  turtle "a <pip>"\n    steps 5\n}\n';
        const { cwd, call, file, text } = await locked(`${spec('plain', { seed: '1' })}\n${learn}`);
        const line = /^learnt a\.sdspec pip [0-9a-f]{16} sha256:([0-9a-f]{64}) on .+$/m.exec(text)!;
        const equal = await call('verify', 'a.sdspec', '--frozen');
        expect([equal.code, equal.stdout]).toEqual([0, expect.stringContaining('identical         pip: 1 result\n')]);
        writeFileSync(file, text.replace(line[1]!, ZERO));
        const other = await call('verify', 'a.sdspec', 'pip');
        expect(other.code).toBe(1);
        expect(other.stdout).toContain(
            `different         pip: pip.safetensors, because it is sha256:${line[1]}, in sdspec.lock sha256:${ZERO}\n`,
        );
        writeFileSync(file, text.replace(line[1]!, ZERO).replace(/(?<=^learnt .* on ).+$/m, 'other-machine'));
        const elsewhere = await call('verify', 'a.sdspec', 'pip');
        expect([elsewhere.code, elsewhere.stdout]).toEqual([
            0,
            expect.stringMatching(/^not compared .*last bits differ/m),
        ]);
        writeFileSync(file, text);
        const runs = join(cwd, '.sdspec', 'runs', 'pip');
        writeFileSync(join(runs, readdirSync(runs)[0]!, 'pip.safetensors'), 'another');
        const replaced = await call('verify', 'a.sdspec', 'pip');
        expect([replaced.code, replaced.stdout]).toEqual([
            1,
            expect.stringContaining('it is not the file that the run wrote'),
        ]);
    });

    it('a plan.json that is not the plan is different', async () => {
        const { call, folder } = await locked();
        for (const text of ['garbage', '42', '{}', 'null']) {
            writeFileSync(join(folder, 'plan.json'), text);
            const { code, stdout } = await call('verify', 'a.sdspec');
            expect([code, stdout]).toEqual([1, expect.stringContaining('it is not the plan that the spec makes')]);
        }
    });

    it('a spec that has changed since is not compared with its old lines', async () => {
        const { cwd, call } = await locked();
        writeFileSync(join(cwd, 'a.sdspec'), spec('plain', { seed: '3' }));
        const { code, stdout, stderr } = await call('verify', 'a.sdspec');
        expect([code, stdout]).toEqual([
            0,
            'not compared      turtle: picture 1 (3.png), because sdspec.lock is about another plan: the spec has changed since\n',
        ]);
        expect(stderr).toContain('Write what is not locked: sdspec lock a.sdspec');
        expect((await call('verify', 'a.sdspec', '--frozen')).code).toBe(1);
    });

    it('pictures of another machine are alike or different, by their perceptual hashes', async () => {
        const { call, file, text } = await locked();
        const elsewhere = text
            .replaceAll(/ on .*/g, ' on other-machine')
            .replaceAll(/sha256:\w{64}/g, `sha256:${ZERO}`);
        writeFileSync(file, elsewhere);
        const alike = await call('verify', 'a.sdspec', '--frozen');
        expect([alike.code, alike.stdout]).toEqual([
            0,
            expect.stringMatching(
                /^looks the same {4}turtle: pictures 1 to 2 \(1\.png, 2\.png\), phash 0 of 64: .* on "other-machine"/,
            ),
        ]);
        writeFileSync(file, elsewhere.replace(/phash:\w{16}/, 'phash:ffffffffffffff00'));
        const { code, stdout } = await call('verify', 'a.sdspec');
        expect([code, stdout]).toEqual([
            1,
            expect.stringMatching(/^different {9}turtle: picture 1 \(1\.png\), phash 64 of 64/),
        ]);
    });

    it('a changed digest is different', async () => {
        const { call, file, text } = await locked();
        writeFileSync(file, text.replace(/sha256:[0-9a-f]{64}/, `sha256:${ZERO}`));
        const { code, stdout } = await call('verify', 'a.sdspec');
        expect([code, stdout]).toEqual([1, expect.stringContaining(`in sdspec.lock sha256:${ZERO}`)]);
    });

    it.each<[string, (text: string) => string, RegExp]>([
        [
            'a removed line',
            (text) => text.replace(/^output.*\n/m, ''),
            /not compared {6}turtle: picture 1 .*has no line for it/,
        ],
        ['words', () => 'hello world\n', /not compared {6}sdspec\.lock: line 1, because it can't be read/],
        ['nothing', () => '', /not compared {6}sdspec\.lock: all lines, because it has none/],
        [
            'marks of a merge',
            (text) => `${text}=======\n`,
            /line 4, because it is a mark of a merge that is not finished/,
        ],
        [
            'a picture too many',
            (text) => text + text.match(/^output.*\n/m)![0].replace(/ 0 sha/, ' 7 sha'),
            /picture 8 of sdspec\.lock, because the spec makes 2/,
        ],
        [
            'a name that is gone',
            (text) => text + text.match(/^output.*\n/m)![0].replace(' turtle ', ' giraffe '),
            /lines of giraffe, because a\.sdspec has no giraffe/,
        ],
    ])('a lock with %s is reported, and a failure with --frozen', async (_, change, says) => {
        const { call, file, text } = await locked();
        writeFileSync(file, change(text));
        const { code, stdout } = await call('verify', 'a.sdspec', '--frozen');
        expect([code, stdout]).toEqual([1, expect.stringMatching(says)]);
        expect(stdout).not.toMatch(/^different/m);
    });

    it('without a lock and an expectation says so, and fails with --frozen', async () => {
        const cwd = folderWith({ 'a.sdspec': spec('plain') });
        const { code, stdout } = await sdspec(['verify', 'a.sdspec'], { cwd, fake: true });
        expect([code, stdout]).toEqual([0, expect.stringContaining('because there is no sdspec.lock')]);
        expect((await sdspec(['verify', 'a.sdspec', '--frozen'], { cwd, fake: true })).code).toBe(1);
    });

    it('a lock that is a folder is an error with a sentence', async () => {
        const cwd = folderWith({ 'a.sdspec': spec('plain') });
        mkdirSync(join(cwd, 'sdspec.lock'));
        const { code, stderr } = await sdspec(['verify', 'a.sdspec'], { cwd, fake: true });
        expect([code, stderr]).toEqual([1, expect.stringContaining("can't be read (EISDIR): it must be a text file.")]);
    });

    it('--json writes every finding', async () => {
        const { call, folder } = await locked();
        cpSync(join(folder, '2.png'), join(folder, '1.png'));
        const { code, stdout } = await call('verify', 'a.sdspec', '--json');
        expect(code).toBe(1);
        expect(JSON.parse(stdout)).toMatchObject({
            spec: 'a.sdspec',
            passed: false,
            lock: [],
            runs: [
                {
                    name: 'turtle',
                    outcome: 'done',
                    findings: [
                        { what: 'picture', name: '1.png', cell: 0, verdict: 'different', distance: 0 },
                        { what: 'picture', name: '2.png', cell: 1, verdict: 'identical' },
                    ],
                },
            ],
        });
    });

    it.each([[['verify', 'a.sdspec', '--frozen', '--update']]])('%j is a contradiction', async (args) => {
        const cwd = folderWith({ 'a.sdspec': spec('plain') });
        const { code, stderr } = await sdspec(args, { cwd, fake: true });
        expect([code, stderr]).toEqual([2, expect.stringContaining('--frozen compares with sdspec.lock')]);
    });
});
