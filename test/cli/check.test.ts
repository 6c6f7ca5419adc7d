/** `check` and the options of the command line that concern specs: folders, stdin, formats, fixes, settings from outside. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/plan/problem.ts';
import { encodePng } from '../../src/runtime/pictures/save.ts';
import { builtSdspec, folderWith, specBuild } from './sdspec.ts';

const sdspec = builtSdspec();

const GOOD = 'generate a {\n    prompt "a turtle"\n    seed   1, 2\n    steps  8\n}\n';
const BAD = 'generate a {\n    prompt "a turtle"\n    use    skech\n    seed   -1\n}\n';
const WARNED = 'generate a {\n    prompt   "x"\n    negative "drawing"\n    guidance 1\n}\n';

describe('check', () => {
    it('of a folder takes every spec below, but hidden folders and node_modules', async () => {
        const cwd = folderWith({ 'README.md': 'no spec' });
        for (const folder of ['a/b', '.sdspec', 'node_modules']) {
            mkdirSync(join(cwd, folder), { recursive: true });
            writeFileSync(join(cwd, folder, 'x.sdspec'), folder === 'a/b' ? GOOD : BAD);
        }
        writeFileSync(join(cwd, 'a', 'y.sdspec'), GOOD);
        expect(await sdspec(['check', '.'], { cwd })).toMatchObject({ code: 0, stderr: 'No problems in 2 files.\n' });
        expect((await sdspec(['check', 'a/b/x.sdspec', '.sdspec'], { cwd })).code).toBe(3);
        mkdirSync(join(cwd, 'empty'));
        const { code, stderr } = await sdspec(['check', 'empty'], { cwd });
        expect([code, stderr]).toEqual([2, 'sdspec: empty holds no .sdspec file.\n']);
    });

    it('of a long line only the part around a problem is shown', async () => {
        const prompt = `${'a turtle '.repeat(50)}<pip>${' on a beach'.repeat(50)}`;
        const cwd = folderWith({ 'a.sdspec': `generate a { prompt "${prompt}" }\n`, 'b.sdspec': `${BAD}\t\tuse x\n` });
        const { stdout } = await sdspec(['check', 'a.sdspec'], { cwd });
        const unknown = stdout.split('\n\n').find((problem) => problem.includes('name/unknown'))!;
        const [, shown = '', marks = ''] = unknown.split('\n');
        expect(shown).toMatch(/^ {4}….{160}…$/);
        expect(shown.slice(marks.indexOf('^'), marks.lastIndexOf('^') + 1)).toBe('pip');
        const short = await sdspec(['check', 'b.sdspec'], { cwd });
        expect(short.stdout).toContain('\n        use    skech\n               ^^^^^\n');
    });

    it('a file in another encoding is one problem of its own', async () => {
        const cwd = folderWith({ 'a.sdspec': GOOD, 'b.sdspec': GOOD.replace('{', '{ sead 3') });
        writeFileSync(join(cwd, 'latin.sdspec'), Buffer.from('generate a { prompt "caf\xe9" }', 'latin1'));
        const { code, stdout } = await sdspec(['check', '--json', '.'], { cwd });
        const found: readonly Problem[] = JSON.parse(stdout);
        expect([code, found.map((problem) => problem.code)]).toEqual([3, ['spec/encoding', 'setting/unknown']]);
        expect(found[0]).toMatchObject({ message: 'latin.sdspec is no UTF-8 text: save it with that encoding.' });
        // Alone, and for other commands, it is an error of its own too.
        expect((await sdspec(['plan', 'latin.sdspec'], { cwd })).code).toBe(2);
    });

    it('of stdin shows its lines, and finds files from the working folder', async () => {
        const cwd = folderWith({ 'lib.sdspec': 'prompt turtle = "a turtle"\n' });
        const text = `import { turtle } from "./lib.sdspec"\n${BAD}`;
        const { code, stdout } = await sdspec(['check', '-'], { cwd, input: text });
        expect(code).toBe(3);
        expect(stdout).toMatch(
            /^<stdin>:1:\d+ hint name\/unused[\s\S]*<stdin>:4:12 error name\/unknown: .*\n {4} {4}use {4}skech\n/,
        );
        expect((await sdspec(['check', '-'], { cwd, input: GOOD })).code).toBe(0);
    });

    it('--strict makes warnings errors', async () => {
        const cwd = folderWith({ 'a.sdspec': WARNED });
        expect((await sdspec(['check', 'a.sdspec'], { cwd })).code).toBe(0);
        expect((await sdspec(['check', '--strict', 'a.sdspec'], { cwd })).code).toBe(3);
    });

    it('reports problems in the order of their lines', async () => {
        const cwd = folderWith({ 'a.sdspec': `${BAD}\nprompt b = "{c}"\ngenerate d { size 13x13 stepz 4 }\n` });
        const { stdout } = await sdspec(['check', 'a.sdspec', '--json'], { cwd });
        const lines = JSON.parse(stdout).map((one: { where: { start: { line: number } } }) => one.where.start.line);
        expect(lines.length).toBeGreaterThan(4);
        expect(lines).toEqual([...lines].sort((x: number, y: number) => x - y));
    });

    it('reports a prompt that is longer than the text encoder reads', async () => {
        const cwd = folderWith({ 'a.sdspec': `generate a { prompt "${'a red house '.repeat(40)}" }\n` });
        expect((await sdspec(['check', 'a.sdspec'], { cwd })).stdout).toContain('warning prompt/long');
    });

    it('--format github writes annotations', async () => {
        const cwd = folderWith({ 'a,b.sdspec': BAD });
        const { code, stdout } = await sdspec(['check', '--format', 'github', '.'], { cwd });
        expect(code).toBe(3);
        expect(stdout).toContain(
            '::error file=a%2Cb.sdspec,line=3,col=12,endColumn=16,title=name/unknown::There is no model',
        );
        expect(stdout).toContain('::error file=a%2Cb.sdspec,line=4,col=12,endColumn=13,title=seed/range::A seed is');
    });

    it('--format sarif writes a log of version 2.1.0', async () => {
        const cwd = folderWith({ 'my spec.sdspec': BAD });
        const { stdout } = await sdspec(['check', '--format', 'sarif', 'my spec.sdspec'], { cwd });
        const log = JSON.parse(stdout);
        const [run] = log.runs;
        expect([log.version, run.tool.driver.name, run.columnKind]).toEqual(['2.1.0', 'sdspec', 'utf16CodeUnits']);
        const ids = run.tool.driver.rules.map(({ id }: { id: string }) => id);
        for (const { ruleId, ruleIndex } of run.results) expect(ids[ruleIndex]).toBe(ruleId);
        const seed = run.results.find(({ ruleId }: { ruleId: string }) => ruleId === 'seed/range');
        const region = { startLine: 4, startColumn: 12, endLine: 4, endColumn: 14 };
        const artifactLocation = { uri: 'my%20spec.sdspec' };
        expect(seed).toMatchObject({
            level: 'error',
            locations: [{ physicalLocation: { artifactLocation, region } }],
            fixes: [
                {
                    description: { text: 'Change to 0' },
                    artifactChanges: [
                        { artifactLocation, replacements: [{ deletedRegion: region, insertedContent: { text: '0' } }] },
                    ],
                },
            ],
        });
    });

    it('--fix writes what the fixes say, and what is left', async () => {
        const cwd = folderWith({ 'a.sdspec': `model sketch = "builtin:sketch"\n${BAD}` });
        const { code, stdout, stderr } = await sdspec(['check', '--fix', 'a.sdspec'], { cwd });
        expect([code, stdout]).toEqual([0, '']);
        expect(stderr).toContain('fixed a.sdspec:4:12 name/unknown: Change to `sketch`\n');
        expect(stderr).toContain('fixed a.sdspec:5:12 seed/range: Change to 0\n');
        expect(readFileSync(join(cwd, 'a.sdspec'), 'utf8')).toContain('use    sketch\n    seed   0\n');
    });

    it('--fix writes the whole of a fix that changes several places, or nothing of it', async () => {
        const lora = 'generate a { prompt "a cat <lora:ink:0.8>" seed 1 }\n';
        const and = 'generate b { prompt "a cat AND a dog" seed 1 }\n';
        const cwd = folderWith({ 'a.sdspec': lora, 'b.sdspec': and, 'c.sdspec': lora });
        const textOf = (file: string) => readFileSync(join(cwd, file), 'utf8');
        await sdspec(['check', '--fix', 'a.sdspec', 'b.sdspec'], { cwd });
        expect(textOf('a.sdspec')).toBe(lora);
        expect(textOf('b.sdspec')).toMatch(/ensemble mixture \{[\s\S]*"a cat" share 1[\s\S]*prompt mixture seed 1/);
        writeFileSync(join(cwd, 'ink.safetensors'), 'x');
        const { code, stderr } = await sdspec(['check', '--fix', 'c.sdspec'], { cwd });
        expect([code, stderr]).toEqual([0, expect.stringContaining('Write `apply`')]);
        expect(textOf('c.sdspec')).toMatch(/lora ink = ".\/ink.safetensors"[\s\S]*prompt "a cat" apply ink weight 0.8/);
    });

    it.each([
        [['check', 'notes.txt'], 'notes.txt is no spec. Name a file that ends in .sdspec.'],
        [['check', 'S.SDSPEC'], 'S.SDSPEC is no spec. Name a file that ends in .sdspec.'],
        [['run', 'p.png'], 'p.png is no spec. `sdspec import p.png` writes the spec of a picture.'],
        [['check', '--format', 'xml', 'a.sdspec'], '--format is one of text, json, github, sarif, not "xml".'],
        [['check', '--fix', '-'], '--fix changes files: it does not go with -.'],
        [['run', 'a.sdspec', '-o', ''], '--out wants a folder, not an empty word.'],
        [['run', 'a.sdspec', '--set', 'steps'], '--set wants NAME=VALUE, not "steps".'],
        [
            ['run', 'a.sdspec', '--set', 'steps=2', '--set', 'steps=3'],
            '--set steps is given twice, as "2" and "3". Leave one out.',
        ],
    ])('%j is a sentence, with exit code 2', async (args, message) => {
        const cwd = folderWith({ 'notes.txt': 'x', 'S.SDSPEC': GOOD, 'p.png': 'x', 'a.sdspec': GOOD });
        const { code, stderr } = await sdspec(args, { cwd, input: '' });
        expect([code, stderr]).toEqual([2, `sdspec: ${message}\n`]);
    });

    it('an import of another kind of file is a sentence', async () => {
        const cwd = folderWith({ 'x.txt': 'x', 'a.sdspec': `import { a } from "./x.txt"\n${GOOD}` });
        const { stdout } = await sdspec(['check', 'a.sdspec'], { cwd });
        expect(stdout).toContain('error import/extension: "./x.txt" is no spec');
    });
});

describe('--set', () => {
    it('takes the place of what every generate says, in a folder of its own', async () => {
        const text = `${GOOD}sweep s over a { guidance in [1, 5] }\n`;
        const cwd = folderWith({ 'a.sdspec': text });
        const args = [
            'plan',
            'a.sdspec',
            '--set',
            'steps=2',
            '--set',
            'size=64x72',
            '--set',
            'seed=5',
            '--set',
            'sampler=euler',
        ];
        const [picture, sweep] = JSON.parse((await sdspec(args, { cwd })).stdout);
        const said = { steps: 2, size: { width: 64, height: 72 }, seeds: [5], sampler: { name: 'euler' } };
        expect(picture.work).toMatchObject(said);
        expect(sweep.work.cells.map((cell: { plan: object }) => cell.plan)).toMatchObject([said, said]);
        expect(sweep.work.cells).toHaveLength(2);
    });

    it.each([
        ['stepz=2', 3, "error set/unknown: `stepz` can't be set from outside. Did you mean `steps`?"],
        ['steps=0', 3, 'error steps/range'],
        ['size=13x13', 3, 'error set/value'],
        ['sampler=fast', 3, 'error set/value'],
        ['seed=4..1', 3, 'error set/value'],
        ['strength=0.5', 0, '--set strength=0.5 changes nothing here'],
    ])('%s', async (value, exit, says) => {
        const cwd = folderWith({ 'a.sdspec': GOOD });
        const { code, stderr } = await sdspec(['plan', 'a.sdspec', '--set', value], { cwd });
        expect([code, stderr]).toEqual([exit, expect.stringContaining(says)]);
    });

    it('that leaves no step of a strength is found before the run', async () => {
        const text = `image pic = "p.png"\ngenerate a { prompt "a turtle" steps 10 start from pic strength 0.3 }\n`;
        const cwd = folderWith({ 'a.sdspec': text });
        writeFileSync(
            join(cwd, 'p.png'),
            await encodePng({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) }),
        );
        const { stderr } = await sdspec(['plan', 'a.sdspec', '--set', 'steps=2'], { cwd });
        expect(stderr).toContain('A strength of 0.3 leaves none of the 2 steps');
    });
});

describe('output that is closed early', () => {
    const closing = (args: readonly string[], cwd: string) =>
        new Promise<{ code: number | null; stderr: string }>((resolve) => {
            const { cli, env } = specBuild();
            const child = spawn(process.execPath, [cli, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
            let stderr = '';
            child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
            child.stdout.once('data', () => child.stdout.destroy());
            child.on('close', (code) => resolve({ code, stderr }));
        });

    it('stops a run gently: the record says so, what is finished is kept', async () => {
        const text = 'generate a { prompt "slow" size 128x128 steps 4 seed 1..6 }\n';
        const cwd = folderWith({ 'a.sdspec': text });
        const { code, stderr } = await closing(['run', 'a.sdspec'], cwd);
        expect(stderr).toMatch(/finished pictures? (is|are) kept/);
        expect(stderr).not.toMatch(/EPIPE|Error|bug/);
        expect(code).toBe(141);
        const runs = join(cwd, '.sdspec', 'runs', 'a');
        const record = JSON.parse(readFileSync(join(runs, readdirSync(runs)[0]!, 'record.json'), 'utf8'));
        expect(record.state).toBe('cancelled');
        expect(record.pictures.length).toBeLessThan(6);
    });

    it('leaves the exit code of what has been found out', async () => {
        const cwd = folderWith({ 'a.sdspec': `${BAD}${'// more\n'.repeat(10)}` });
        const { code, stderr } = await closing(['check', 'a.sdspec'], cwd);
        expect([code, stderr]).toEqual([3, '']);
    });
});

describe('an output folder that no folder can be made in', () => {
    it('is refused, and does not spin', async (context) => {
        context.skip(process.platform !== 'linux', 'needs /proc');
        const cwd = folderWith({ 'a.sdspec': GOOD });
        const { code, stderr } = await sdspec(['run', 'a.sdspec', '-o', '/proc/sdspec'], { cwd, fake: true });
        expect([code, stderr]).toEqual([1, expect.stringMatching(/\/proc\/sdspec.* can't be written/)]);
    });
});

it('what another of the files imports is used', async () => {
    const cwd = folderWith({
        'lib.sdspec': 'prompt calm = "x"\nprompt lost = "y"\ngenerate a { prompt "z" }\n',
        'study.sdspec': 'import { calm } from "./lib.sdspec"\ngenerate b { prompt calm }\n',
    });
    const unused = async (...args: string[]) => {
        const { stdout } = await sdspec(['check', '--json', ...args], { cwd });
        const problems = JSON.parse(stdout) as { code: string; message: string }[];
        return problems.filter(({ code }) => code === 'name/unused').map(({ message }) => message);
    };
    expect(await unused('.')).toEqual(['`lost` is not used.']);
    expect(await unused('lib.sdspec')).toEqual(['`calm` is not used.', '`lost` is not used.']);
    // A fix that moves what is behind it.
    writeFileSync(
        join(cwd, 'lib.sdspec'),
        'generate a { use sketh prompt "z" } prompt calm = "x"\nmodel sketch = "builtin:sketch"\nprompt lost = "y"\n',
    );
    expect(await unused('--fix', '.')).toEqual(['`lost` is not used.']);
});
