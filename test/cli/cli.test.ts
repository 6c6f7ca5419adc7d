import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pngTexts } from '../../src/runtime/pictures/png-text.ts';
import { encodePng } from '../../src/runtime/pictures/save.ts';
import { readSafetensors } from '../../src/runtime/weights/safetensors.ts';
import { builtSdspec, folderWith } from './sdspec.ts';

const sdspec = builtSdspec();
const GREY = { width: 8, height: 8, data: new Uint8Array(192).fill(128) };
const windows = process.platform === 'win32';

/** Two quick pictures by the fake runtime, whose prompts say what happens. */
function spec(prompt: string, seed = '1, 2'): string {
    return `model sketch = "builtin:sketch"

generate turtle {
    use     sketch
    prompt  "${prompt}"
    size    128x128
    steps   4
    seed    ${seed}
}
`;
}

describe('help', () => {
    it('teaches, for the program and for every command', async () => {
        const { code, stdout } = await sdspec(['--help']);
        expect(code).toBe(0);
        const commands = [...stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name!);
        expect(commands).toEqual(
            'run submit jobs cancel gather check plan format import explain verify lock report pack unpack runs clean doctor models'.split(
                ' ',
            ),
        );
        for (const command of commands) {
            expect((await sdspec([command, '--help'])).stdout).toMatch(new RegExp(`^sdspec ${command}[^]*Options:`));
        }
    });

    it.each([
        [['fly'], 'There is no command "fly".'],
        [['rnu', 'a.sdspec'], 'Did you mean `sdspec run`?'],
        [['run', '--parm', 'a=1', 'a.sdspec'], "Unknown option '--parm'. Did you mean `--param`?"],
        [['check', 'a.sdspec', '--json', '--format', 'github'], '--json is --format json: leave one of them out.'],
        [['turtle.sdspec'], 'To run a spec: sdspec run turtle.sdspec'],
        [['run'], 'Which file?'],
        [['run', 'no.sdspec'], 'There is no file no.sdspec.'],
        [['run', 'src'], 'src is a folder'],
        [['run', '--fast', 'a.sdspec'], "Unknown option '--fast'."],
        [['check', '--param'], 'argument missing'],
    ])('%j is refused with what is wrong, with exit code 2', async (args, message) => {
        const { code, stdout, stderr } = await sdspec(args);
        expect([code, stdout]).toEqual([2, '']);
        expect(stderr).toContain(message);
    });
});

describe('import', () => {
    const parameters = 'a castle\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 512x512, Model: m, ENSD: 1';

    it('writes the spec of a picture on stdout, or as a new file', async () => {
        const cwd = folderWith({});
        writeFileSync(join(cwd, 'castle.png'), await encodePng(GREY, { parameters }));
        const { code, stdout } = await sdspec(['import', 'castle.png'], { cwd });
        expect(code).toBe(0);
        expect(stdout).toMatch(
            /^sdspec 1\n\n\/\/ From castle\.png[\s\S]*generate castle \{[\s\S]*seed +5[\s\S]*\/\/ ENSD: 1\n\}\n$/,
        );
        expect(await sdspec(['import', 'castle.png', '-o', 'new.sdspec'], { cwd })).toMatchObject({
            code: 0,
            stdout: '',
        });
        expect(readFileSync(join(cwd, 'new.sdspec'), 'utf8')).toBe(stdout);
        const again = await sdspec(['import', 'castle.png', '-o', 'new.sdspec'], { cwd });
        expect(again).toMatchObject({ code: 1, stderr: 'sdspec: new.sdspec is there already: choose another name.\n' });
        // No advice about runs where a file is written.
        const nowhere = await sdspec(['import', 'castle.png', '-o', 'castle.png/new.sdspec'], { cwd });
        expect([nowhere.code, nowhere.stderr]).toEqual([
            1,
            expect.stringContaining("can't be written (EEXIST). Change"),
        ]);
        expect(nowhere.stderr).not.toContain('--out');
    });
    it.each([
        ['no.png', 'There is no picture at no.png.'],
        ['a.txt', 'a.txt is no picture that can be read.'],
        ['plain.png', 'plain.png says nothing of how it was made'],
    ])('of %s is a sentence, with exit code 1', async (name, message) => {
        const cwd = folderWith({ 'a.txt': 'x' });
        writeFileSync(join(cwd, 'plain.png'), await encodePng(GREY));
        const { code, stdout, stderr } = await sdspec(['import', name], { cwd });
        expect([code, stdout]).toEqual([1, '']);
        expect(stderr).toContain(message);
    });
});

describe('run', () => {
    it('prints pictures on stdout and all else on stderr, then says that they are up to date', async () => {
        const cwd = folderWith({ 'a.sdspec': spec('plain') });
        const first = await sdspec(['run', 'a.sdspec'], { cwd, fake: true });
        expect(first.stderr).toContain('turtle: 2 pictures');
        expect(first.code).toBe(0);
        const files = first.stdout.trim().split('\n');
        expect(files).toHaveLength(2);
        for (const file of files) expect(existsSync(join(cwd, file))).toBe(true);
        const second = await sdspec(['run', 'a.sdspec'], { cwd, fake: true });
        expect(second.stderr).toContain('up to date');
        expect(second.stdout).toBe(first.stdout);
    });

    it.each([
        ['a syntax that can not be read', 'sweep layers over turtle { seed in 1..2 }', 'a word of the language'],
        ['a name that is taken', 'generate turtle { prompt "a crab" }', 'The name `turtle` is taken'],
    ])('makes nothing of a file with %s; a name alone is another matter', async (_, broken, message) => {
        const cwd = folderWith({ 'a.sdspec': `${spec('plain')}\n${broken}\n` });
        for (const command of ['run', 'plan', 'lock', 'verify']) {
            const { code, stdout, stderr } = await sdspec([command, 'a.sdspec'], { cwd, fake: true });
            expect([code, stdout]).toEqual([3, '']);
            expect(stderr).toContain(message);
        }
        expect((await sdspec(['run', 'a.sdspec', 'turtle'], { cwd, fake: true })).code).toBe(0);
    });

    it('writes JSON, one line a run', async () => {
        const cwd = folderWith({ 'a.sdspec': spec('plain') });
        const { stdout } = await sdspec(['run', 'a.sdspec', '--json', '--out', 'pictures'], { cwd, fake: true });
        const outcome = JSON.parse(stdout);
        expect(outcome).toMatchObject({
            name: 'turtle',
            kind: 'done',
            record: { spec: 'a.sdspec', state: 'complete' },
        });
        expect(outcome.folder.startsWith(join(cwd, 'pictures', 'turtle'))).toBe(true);
    });

    it('writes the progress of a learning as JSON, a line for ten steps', async () => {
        const learn = `${spec('plain', '1')}\nlearn pip {\n    word  like "animal"\n    from  turtle "a <pip>"\n    steps 25\n}\n`;
        const cwd = folderWith({ 'a.sdspec': learn });
        const { stdout } = await sdspec(['run', 'a.sdspec', 'pip', '--json'], { cwd, fake: true });
        const lines = stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line));
        expect(lines.map(({ kind, step }) => [kind, step])).toEqual([
            ['learn', 10],
            ['learn', 20],
            ['learn', 25],
            ['done', undefined],
        ]);
        expect(lines[0]).toMatchObject({ name: 'pip', steps: 25, loss: 0.1, lossByQuarter: [0.1, null, 0.1, 0.1] });
        expect(lines[3]).toMatchObject({ name: 'pip', record: { learnt: { step: 25 } } });
    });

    it.each([
        [['a.sdspec', 'tortoise'], 2, 'a.sdspec has no tortoise. It has turtle.'],
        [['a.sdspec', '--device', 'abacus'], 2, '--device is one of auto, cpu, webgpu, cuda, dml'],
        [['a.sdspec', '--save-tensors', 'a.safetensors', '--sites', 'IN99'], 2, 'There is no place "IN99"'],
        [['a.sdspec', '--param', 'style'], 2, '--param wants NAME=VALUE'],
        [['broken.sdspec'], 3, 'broken.sdspec:4:'],
    ])('%j', async (args, code, message) => {
        const cwd = folderWith({
            'a.sdspec': spec('plain'),
            'broken.sdspec': spec('plain').replace('use     sketch', 'use     skech'),
        });
        const ended = await sdspec(['run', ...args], { cwd, fake: true });
        expect(ended.stderr).toContain(message);
        expect(ended.code).toBe(code);
        expect(readdirSync(cwd).sort()).toEqual(['a.sdspec', 'broken.sdspec']);
    });

    it('reports when the runtime died, with its last words, and keeps what was finished', async () => {
        const cwd = folderWith({ 'a.sdspec': spec('exit') });
        const { code, stderr, stdout } = await sdspec(['run', 'a.sdspec'], { cwd, fake: true });
        expect(code).toBe(1);
        expect(stderr).toContain('The runtime ended with exit code 3.');
        expect(stderr).toContain('the driver gave up');
        expect(existsSync(join(cwd, stdout.trim()))).toBe(true);
    });

    it('keeps finished pictures when Ctrl-C stops it, says so, and continues from there', async (context) => {
        context.skip(windows, 'not on Windows');
        const cwd = folderWith({ 'a.sdspec': spec('slow') });
        let sent = false;
        const stopped = await sdspec(['run', 'a.sdspec'], {
            cwd,
            fake: true,
            watch(child, written) {
                if (sent || !written.includes('.png')) return;
                sent = true;
                child.kill('SIGINT');
            },
        });
        expect(stopped.stderr).toContain('finished pictures are kept');
        expect(stopped.stderr).toContain('The finished picture is kept in');
        expect(stopped.code).toBe(130);
        const again = await sdspec(['run', 'a.sdspec'], { cwd, fake: true });
        expect([again.code, again.stdout.trim().split('\n').length]).toEqual([0, 1]);
    });

    it('a second Ctrl-C stops at once', async (context) => {
        context.skip(windows, 'not on Windows');
        const cwd = folderWith({ 'a.sdspec': spec('stuck') });
        let sent = 0;
        const { code, stderr } = await sdspec(['run', 'a.sdspec'], {
            cwd,
            fake: true,
            watch(child, written) {
                if (sent === 0 && written.includes('.png')) {
                    sent++;
                    child.kill('SIGINT');
                } else if (sent === 1 && written.includes('Ctrl-C once more')) {
                    sent++;
                    child.kill('SIGINT');
                }
            },
        });
        expect([code, stderr.includes('The finished picture is kept')]).toEqual([130, true]);
    });

    it('makes a real picture with the built-in model, which carries its plan, and its tensors', async () => {
        const cwd = folderWith({ 'a.sdspec': spec('a photo of a turtle', '42') });
        const args = ['run', 'a.sdspec', '--save-tensors', 'all.safetensors', '--sites', 'OUT04,mid'];
        const { code, stdout, stderr } = await sdspec(args, { cwd });
        expect([code, stderr]).toEqual([0, expect.stringContaining('turtle: picture in')]);
        const texts = pngTexts(readFileSync(join(cwd, stdout.trim())));
        expect(texts['parameters']).toContain('a photo of a turtle');
        expect(JSON.parse(texts['sdspec']!).plan.seeds).toEqual([42]);
        const names = [...readSafetensors(join(cwd, 'all.safetensors')).tensors.keys()];
        const wanted = [
            'noise.0',
            'start',
            'embeddings',
            'latents.3',
            'predictions.3',
            'features.OUT04.0',
            'features.M00.0',
        ];
        expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
    });
});

describe('a model that is not whole', () => {
    it.each([
        ['nothing', {}, 'There is no'],
        ['own', { own: 'not a model' }, 'own'],
    ])('%s: one clear message, exit code, nothing written', async (_, files, message) => {
        const text = spec('plain').replace('builtin:sketch', './own');
        const cwd = folderWith({ 'a.sdspec': text, ...files });
        const { code, stderr } = await sdspec(['run', 'a.sdspec'], { cwd });
        expect(code).toBeGreaterThan(0);
        expect(code).not.toBe(70);
        expect(stderr).toContain(message);
        expect(readdirSync(cwd, { recursive: true }).filter((file) => /png|part$/.test(String(file)))).toEqual([]);
    });
});

describe('check, plan, format', () => {
    it('check is quiet about a good spec and points at what is wrong in a bad one', async () => {
        const cwd = folderWith({
            'a.sdspec': spec('plain'),
            'b.sdspec': spec('plain').replace('use     sketch', 'use     skech'),
        });
        expect(await sdspec(['check', 'a.sdspec'], { cwd })).toMatchObject({
            code: 0,
            stdout: '',
            stderr: 'No problems.\n',
        });
        const bad = await sdspec(['check', 'a.sdspec', 'b.sdspec'], { cwd });
        expect(bad.code).toBe(3);
        expect(bad.stdout).toMatch(
            /^b\.sdspec:1:7 hint name\/unused[\s\S]*^b\.sdspec:4:\d+ error [\w/-]+: .+\n.+skech\n +\^{5}\n/m,
        );
        const json = JSON.parse((await sdspec(['check', 'b.sdspec', '--json'], { cwd })).stdout);
        expect(json[1]).toMatchObject({ severity: 'error', where: { start: { line: 3 } } });
    });

    it('plan spells everything out, the same each time', async () => {
        const cwd = folderWith({ 'a.sdspec': spec('plain') });
        const { stdout } = await sdspec(['plan', 'a.sdspec', 'turtle'], { cwd });
        expect(JSON.parse(stdout)).toMatchObject({
            name: 'turtle',
            work: { kind: 'picture', steps: 4, seeds: [1, 2] },
            pictures: 2,
        });
        const digests = await sdspec(['plan', 'a.sdspec', '--digest'], { cwd });
        expect(digests.stdout).toBe(`${JSON.parse(stdout).digest}  turtle\n`);
    });

    it('plan --spec writes one file that runs to the same digest', async () => {
        const cwd = folderWith({ 'a.sdspec': `param style = "photo"\n${spec('{style} of a turtle')}` });
        const args = ['plan', 'a.sdspec', 'turtle', '--param', 'style=drawing'];
        const { code, stdout } = await sdspec([...args, '--spec'], { cwd });
        expect([code, stdout]).toEqual([
            0,
            expect.stringMatching(/^\/\/ turtle of a\.sdspec, .*\n\/\/ Plan [0-9a-f]{64}\.\n/),
        ]);
        expect(stdout).toContain('guidance 7.5\n');
        expect(stdout).toContain('param style = "drawing"');
        writeFileSync(join(cwd, 'b.sdspec'), stdout);
        const own = await sdspec([...args, '--digest'], { cwd });
        expect((await sdspec(['plan', 'b.sdspec', '--digest'], { cwd })).stdout).toBe(own.stdout);
    });

    it('plan counts the pictures of a mosaic and the places that they fill', async () => {
        const { stdout } = await sdspec(['plan', 'examples/mosaic.sdspec', 'few', 'turtles']);
        expect(JSON.parse(stdout)).toMatchObject([
            { name: 'few', pictures: 32, places: 16 },
            { name: 'turtles', pictures: 884, places: 65_792 },
        ]);
    });

    it('format writes the one layout, and --check only reports', async () => {
        const ugly = spec('plain').replaceAll('    ', '  ');
        const cwd = folderWith({ 'a.sdspec': ugly });
        const checked = await sdspec(['format', '--check', 'a.sdspec'], { cwd });
        expect([checked.code, checked.stdout]).toEqual([3, 'a.sdspec\n']);
        expect(readFileSync(join(cwd, 'a.sdspec'), 'utf8')).toBe(ugly);
        expect((await sdspec(['format', 'a.sdspec'], { cwd })).code).toBe(0);
        expect(readFileSync(join(cwd, 'a.sdspec'), 'utf8')).toContain('\n    use');
        expect((await sdspec(['format', '--check', 'a.sdspec'], { cwd })).code).toBe(0);
    });
});

describe('doctor and models', () => {
    it('doctor reports versions and devices', async () => {
        const { code, stdout } = await sdspec(['doctor', '--quick', '--json']);
        expect(code).toBe(0);
        const { versions, devices } = JSON.parse(stdout);
        expect(versions).toMatchObject({ onnxruntime: expect.stringMatching(/^1\./) });
        expect(devices[0]).toMatchObject({ device: 'cpu', usable: true });
    });

    it('models lists the built-in one as a spec names it', async () => {
        const { stdout } = await sdspec(['models'], { cwd: folderWith({}) });
        expect(stdout).toContain('"builtin:sketch"');
    });

    it('models cache lists and removes prepared weights, and nothing else', async () => {
        const cwd = folderWith({ 'a1b2c3.prepared.safetensors': 'x'.repeat(2000), 'index.json': '{}' });
        const env = { SDSPEC_CACHE: cwd, SDSPEC_CACHE_GB: '3' };
        const listed = await sdspec(['models', 'cache'], { env });
        expect([listed.code, listed.stdout]).toEqual([
            0,
            expect.stringMatching(/: 2 kB of at most 3\.0 GB\n {2}a1b2c3/),
        ]);
        const { files } = JSON.parse((await sdspec(['models', 'cache', '--json'], { env })).stdout);
        expect(files).toEqual([
            expect.objectContaining({ bytes: 2000, path: join(cwd, 'a1b2c3.prepared.safetensors') }),
        ]);
        expect((await sdspec(['models', 'cache', 'clear'], { env })).stdout).toContain('2 kB removed');
        expect(readdirSync(cwd)).toEqual(['index.json']);
        const wrong = await sdspec(['models', 'cache', 'empty'], { env });
        expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('sdspec models cache clear')]);
    });
});
