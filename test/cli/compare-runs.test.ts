/** `verify --rerun` and `--against`: a verdict for each picture, the first step that differs, and causes. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pixelsSha256 } from '../../src/runtime/pictures/compare.ts';
import { loadPicture } from '../../src/runtime/pictures/load.ts';
import { encodePng } from '../../src/runtime/pictures/save.ts';
import type { RecordedPicture, RunRecord } from '../../src/runtime/run/record.ts';
import { builtSdspec, folderWith, specBuild } from './sdspec.ts';

const sdspec = builtSdspec();

const SPEC = `model sketch = "builtin:sketch"
generate turtle {
    use     sketch
    prompt  "plain"
    size    64x64
    steps   4
    seed    1, 2
}
`;

async function made(text = SPEC) {
    const cwd = folderWith({ 'a.sdspec': text });
    const call = (...args: string[]) => sdspec(args, { cwd, fake: true });
    expect((await call('run', 'a.sdspec')).code).toBe(0);
    const runs = join(cwd, '.sdspec', 'runs', 'turtle');
    const folder = join(runs, readdirSync(runs)[0]!);
    const other = join(cwd, 'other');
    cpSync(folder, other, { recursive: true });
    return { cwd, call, folder, other };
}

/** Changes the record of a run. */
function change(folder: string, to: (record: RunRecord) => Partial<RunRecord>): void {
    const file = join(folder, 'record.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as RunRecord;
    writeFileSync(file, JSON.stringify({ ...record, ...to(record) }));
}

/** Another picture in place of the run's first: some levels brighter, parting after a step. */
async function otherPicture(folder: string, levels: number, parts: number): Promise<void> {
    const file = join(folder, '1.png');
    const picture = await loadPicture(file);
    const data = picture.data.map((value) => Math.min(255, value + levels));
    writeFileSync(file, await encodePng({ ...picture, data }));
    const sha256 = pixelsSha256({ ...picture, data });
    change(folder, ({ pictures: [first, ...rest] }) => {
        const latents = first!.latents!.split(' ').map((digest, k) => (k < parts ? digest : digest.toLowerCase()));
        return { pictures: [{ ...(first as RecordedPicture), sha256, latents: latents.join(' ') }, ...rest] };
    });
}

describe('verify --rerun', () => {
    it('finds pictures that are made again identical, and leaves nothing behind', async () => {
        const { cwd, call, folder } = await made();
        const before = readFileSync(join(folder, 'record.json'), 'utf8');
        const { code, stdout } = await call('verify', 'a.sdspec', '--rerun');
        expect([code, stdout]).toEqual([0, 'identical         turtle: 2 pictures\n']);
        expect(readFileSync(join(folder, 'record.json'), 'utf8')).toBe(before);
        expect(readdirSync(join(cwd, '.sdspec', 'verify'))).toEqual([]);
        // A device that is asked for is that of the rerun alone.
        const onCpu = await call('verify', 'a.sdspec', '--rerun', '--device', 'cpu');
        expect([onCpu.code, onCpu.stdout]).toEqual([0, stdout]);
        expect(JSON.parse(readFileSync(join(folder, 'record.json'), 'utf8')).device.asked).toBe('auto');
    });

    it('keeps what differs, and fails where nothing explains it', async () => {
        const { cwd, call, folder } = await made();
        await otherPicture(folder, 1, 3);
        const { code, stdout } = await call('verify', 'a.sdspec', '--rerun');
        expect(code).toBe(1);
        expect(stdout).toContain(
            // One level everywhere: 20 log10 255 = 48.1 dB.
            'looks the same    turtle: picture 1 (1.png), PSNR 48.1 dB, at most 1 of 255 levels apart, phash 0 of 64: their latents differ first after step 3 of 4; nothing that is recorded differs, so the pixels should be the same\n',
        );
        expect(stdout).toContain('identical         turtle: 1 picture\n');
        const [kept] = /the pictures made again are kept in (.+)/.exec(stdout)!.slice(1);
        expect(kept!.startsWith(join(cwd, '.sdspec', 'verify'))).toBe(true);
        expect(existsSync(join(kept!, '1.png'))).toBe(true);
        expect(readdirSync(join(cwd, '.sdspec', 'verify'))).toEqual(['turtle']);
        // The next rerun takes its place; one that finds no difference removes it.
        writeFileSync(join(kept!, 'marker'), '');
        await call('verify', 'a.sdspec', '--rerun');
        expect(existsSync(join(kept!, '1.png'))).toBe(true);
        expect(existsSync(join(kept!, 'marker'))).toBe(false);
        await call('run', 'a.sdspec', '--force');
        expect((await call('verify', 'a.sdspec', '--rerun')).code).toBe(0);
        expect(existsSync(kept!)).toBe(false);
    });

    it('keeps the last rerun while the next one is made, and leaves nothing of one that is stopped', async () => {
        const { cwd, call, folder } = await made(SPEC.replace('plain', 'slow').replace('1, 2', '1'));
        await otherPicture(folder, 1, 3);
        const first = await call('verify', 'a.sdspec', '--rerun');
        const [kept] = /the pictures made again are kept in (.+)/.exec(first.stdout)!.slice(1);
        const verify = join(cwd, '.sdspec', 'verify');
        const { cli, env } = specBuild();
        const child = spawn(process.execPath, [cli, 'verify', 'a.sdspec', '--rerun'], { cwd, env, stdio: 'ignore' });
        const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
        while (readdirSync(verify).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
        expect(existsSync(join(kept!, '1.png'))).toBe(true);
        child.kill();
        expect(await ended).toBe(143);
        expect(readdirSync(verify)).toEqual(['turtle']);
        expect(existsSync(join(kept!, '1.png'))).toBe(true);
    });

    it('makes the pictures again that pictures are made of', async () => {
        const more = SPEC.replace('generate turtle', 'generate base');
        const text = `${more}generate turtle {\n    use     sketch\n    prompt  "plain"\n    size    64x64\n    steps   4\n    start from base with seed 1 strength 0.5\n}\n`;
        const { cwd, call } = await made(text);
        for (const _ of ['first', 'second']) {
            const { code, stdout, stderr } = await call('verify', 'a.sdspec', 'turtle', '--rerun');
            expect([code, stdout]).toEqual([0, 'identical         turtle: 1 picture\n']);
            expect(stderr).toContain('Making base first.');
            expect(readdirSync(join(cwd, '.sdspec', 'verify'))).toEqual([]);
        }
    });

    it('deletes nothing through a link', async () => {
        const { cwd, call, folder } = await made();
        const elsewhere = join(cwd, 'elsewhere');
        const aim = join(elsewhere, 'turtle', basename(folder));
        mkdirSync(aim, { recursive: true });
        writeFileSync(join(aim, 'mine.txt'), 'mine');
        symlinkSync(elsewhere, join(cwd, '.sdspec', 'verify'), 'junction');
        const { code, stderr } = await call('verify', 'a.sdspec', '--rerun');
        expect([code, stderr]).toEqual([1, expect.stringMatching(/verify is a link, .* Remove the link/)]);
        expect(readdirSync(aim)).toEqual(['mine.txt']);
    });
});

describe('verify --against', () => {
    it('names the causes, and passes where another environment explains it', async () => {
        const { call, folder, other } = await made();
        await otherPicture(other, 1, 0);
        change(folder, ({ device }) => ({ device: { ...device, used: 'cpu' } }));
        change(other, ({ device, versions }) => ({
            device: { ...device, used: 'webgpu' },
            versions: { ...versions, onnxruntime: '1.29.0' },
        }));
        const { code, stdout } = await call('verify', 'a.sdspec', '--against', other);
        expect(code).toBe(0);
        expect(stdout).toMatch(
            /^looks the same {4}turtle: picture 1 .* before the first step: another start, or other noise$/m,
        );
        expect(stdout).toMatch(/^ {18}turtle: It ran on cpu here, webgpu there\.$/m);
        expect(stdout).toMatch(/^ {18}turtle: onnxruntime \S+ here, 1\.29\.0 there\.$/m);
    });

    it('takes a record alone, a folder of runs and the folder of a spec', async () => {
        const { cwd, call, other } = await made();
        for (const name of readdirSync(other))
            if (name !== 'record.json') rmSync(join(other, name), { recursive: true });
        const same = 'identical         turtle: 2 pictures\n';
        for (const path of [join(other, 'record.json'), other, join(cwd, '.sdspec', 'runs'), cwd]) {
            const { code, stdout } = await call('verify', 'a.sdspec', '--against', path);
            expect([path, code, stdout]).toEqual([path, 0, same]);
        }
    });

    it('reports pictures that only one run has, and damaged ones', async () => {
        const { call, other, folder } = await made();
        change(other, ({ pictures }) => ({ pictures: [pictures[0]!, { ...pictures[1]!, cell: 7 }] }));
        writeFileSync(join(folder, '1.png'), 'no picture');
        const { stdout } = await call('verify', 'a.sdspec', '--against', other, '--json');
        // The run makes the damaged picture again first.
        expect(JSON.parse(stdout).runs[0].findings).toMatchObject([
            { cell: 0, verdict: 'identical' },
            { cell: 1, verdict: 'not compared', because: 'the other run has no such picture' },
            { cell: 7, verdict: 'not compared', because: 'only the other run has it' },
        ]);
    });

    it.each([
        [['--against', 'nowhere'], 'there is no file or folder nowhere'],
        [['--against', 'empty'], 'has no run of turtle'],
        [['--against', '.', '--rerun'], 'give one of them'],
    ])('%j is a mistake with a sentence', async (args, message) => {
        const cwd = folderWith({ 'a.sdspec': SPEC });
        mkdirSync(join(cwd, 'empty'));
        const { code, stderr } = await sdspec(['verify', 'a.sdspec', ...args], { cwd, fake: true });
        expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    });
});
