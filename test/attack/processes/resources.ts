/** Disks, folders, handles and memory that run out or vanish: a sentence, an exit code, and nothing lost. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLock } from '../../../src/runtime/run/lock/lock.ts';
import { type Ended, leftovers, sdspec, withFolder } from '../built.ts';
import { activeCharacter, type Scale, some, Tally } from '../kit.ts';

const SPEC = 'generate g { prompt "a turtle" size 16x16 steps 1 seed 1..3 }\n';
const UNTIDY = 'generate   g { prompt "a turtle"    size 16x16 steps 1 seed 1..3 }\n';

/** Returns what is wrong. */
type Case = (folder: string) => Promise<string | undefined>;

export async function resources(scale: Scale): Promise<Tally> {
    const tally = new Tally('resources (disk, folders, handles, memory, output)');
    if (process.platform === 'win32') {
        tally.skip('all', 'shells, mounts and limits of Unix are used');
        return tally;
    }
    const noMounts = mountProblem();
    if (noMounts) for (const name of Object.keys(MOUNTED)) tally.skip(name, noMounts);
    const cases = [...Object.entries(CASES), ...(noMounts ? [] : Object.entries(MOUNTED))];
    for (const [name, attempt] of some(cases, { ...scale, share: Math.min(1, scale.share * 5) }))
        await withFolder((folder) => tally.try(name, () => attempt(folder)));
    return tally;
}

// ── What a sentence is ─────────────────────────────────────────────────

/** An exit code of a failure with one sentence that says it, and nothing half-written. */
function refused(
    { code, stdout, stderr, hung }: Ended,
    says: RegExp,
    codes: readonly number[] = [1],
): string | undefined {
    if (hung) return `it did not end: ${stderr}`;
    if (!codes.includes(Number(code))) return `exit ${code}: ${stderr}`;
    return says.test(stdout + stderr) ? trace(stderr) : `another sentence: ${stdout}${stderr.slice(0, 600)}`;
}

function done({ code, stderr, hung }: Ended): string | undefined {
    if (hung) return `it did not end: ${stderr}`;
    return code === 0 ? trace(stderr) : `exit ${code}: ${stderr.slice(0, 600)}`;
}

function trace(stderr: string): string | undefined {
    return /^ +at .*:\d+/m.test(stderr)
        ? `a stack: ${stderr.slice(0, 600)}`
        : activeCharacter(stderr.replaceAll('\u001b[K', ''));
}

function nothingLeft(folder: string): string | undefined {
    const left = leftovers(folder);
    return left.length > 0 ? `left behind: ${left.join(', ')}` : undefined;
}

const spec = (folder: string, text = SPEC) => writeFileSync(join(folder, 'a.sdspec'), text);

// ── Without special rights ─────────────────────────────────────────────

const CASES: Readonly<Record<string, Case>> = {
    ...eachCommand((args) => [`stdout full, ${args[0]}`, { redirect: '>/dev/full' }, [args[0] === 'runs' ? 0 : 1]]),
    ...eachCommand((args) => [`stderr full, ${args[0]}`, { redirect: '2>/dev/full' }, [0]]),
    ...eachCommand((args) => [`stdout closed, ${args[0]}`, { redirect: '>&-' }, [0, 1]]),
    ...eachCommand((args) => [`stderr closed, ${args[0]}`, { redirect: '2>&-' }, [0]]),
    ...eachCommand((args) => [`stdin closed, ${args[0]}`, { redirect: '<&-' }, [0]]),
    ...eachCommand((args) => [
        `no home and no temporary folder, ${args[0]}`,
        { env: { HOME: '/nowhere', TMPDIR: '/nowhere' } },
        [0],
    ]),
    async 'files of 2 kB at most, format'(folder) {
        spec(folder, `${UNTIDY}${'// a comment\n'.repeat(1000)}`);
        const before = readFileSync(join(folder, 'a.sdspec'), 'utf8');
        const ended = await sdspec(['format', 'a.sdspec'], { cwd: folder, before: 'ulimit -f 4' });
        const same = readFileSync(join(folder, 'a.sdspec'), 'utf8') === before;
        return (
            refused(ended, /No space is left|can't be written/) ?? (same ? nothingLeft(folder) : 'the spec was changed')
        );
    },
    async 'files of 1 kB at most, run'(folder) {
        spec(folder);
        const ended = await sdspec(['run', 'a.sdspec'], { cwd: folder, before: 'ulimit -f 1' });
        if (refused(ended, /No space is left/)) return refused(ended, /No space is left/);
        const again = await sdspec(['run', 'a.sdspec'], { cwd: folder });
        return done(again) ?? nothingLeft(folder);
    },
    async 'few file handles, run'(folder) {
        spec(folder);
        for (const handles of [18, 20, 24, 32]) {
            const ended = await sdspec(['run', 'a.sdspec', '--force'], { cwd: folder, before: `ulimit -n ${handles}` });
            // Node itself can't start with too few.
            if (/^node:/.test(ended.stderr) || ended.code === 'SIGSEGV') continue;
            const wrong = ended.code === 0 ? done(ended) : refused(ended, /Too many files are open/);
            if (wrong) return `${handles} handles: ${wrong}`;
        }
        return done(await sdspec(['run', 'a.sdspec'], { cwd: folder })) ?? nothingLeft(folder);
    },
    async 'memory for a picture is not there'(folder) {
        writeFileSync(join(folder, 'a.sdspec'), 'generate g { prompt "a turtle" size 512x512 steps 1 }\n');
        const ended = await sdspec(['run', 'a.sdspec', '--device', 'cpu'], {
            cwd: folder,
            real: true,
            before: 'ulimit -d 500000',
            limit: 300_000,
        });
        return refused(ended, /memory/i) ?? nothingLeft(folder);
    },
    async '.sdspec is a link to itself'(folder) {
        spec(folder);
        symlinkSync('.sdspec', join(folder, '.sdspec'));
        return refused(await sdspec(['run', 'a.sdspec'], { cwd: folder }), /\.sdspec.*link/);
    },
    async 'the lock is a link to itself'(folder) {
        spec(folder);
        symlinkSync('sdspec.lock', join(folder, 'sdspec.lock'));
        return refused(await sdspec(['lock', 'a.sdspec'], { cwd: folder }), /sdspec\.lock/);
    },
    async 'the spec is a link to itself'(folder) {
        symlinkSync('a.sdspec', join(folder, 'a.sdspec'));
        return refused(await sdspec(['run', 'a.sdspec'], { cwd: folder }), /a\.sdspec/, [1, 2]);
    },
    async 'the lock is a link to a lock'(folder) {
        spec(folder);
        mkdirSync(join(folder, 'other'));
        const first = done(await sdspec(['lock', 'a.sdspec'], { cwd: folder }));
        if (first) return first;
        writeFileSync(join(folder, 'other', 'sdspec.lock'), readFileSync(join(folder, 'sdspec.lock')));
        rmSync(join(folder, 'sdspec.lock'));
        symlinkSync(join('other', 'sdspec.lock'), join(folder, 'sdspec.lock'));
        const ended = await sdspec(['lock', 'a.sdspec'], { cwd: folder });
        return (
            done(ended) ??
            (lstatSync(join(folder, 'sdspec.lock')).isSymbolicLink() ? undefined : 'the link became a file')
        );
    },
    async 'the spec to format is a link'(folder) {
        writeFileSync(join(folder, 'b.sdspec'), UNTIDY);
        symlinkSync('b.sdspec', join(folder, 'a.sdspec'));
        const ended = await sdspec(['format', 'a.sdspec'], { cwd: folder });
        if (readFileSync(join(folder, 'b.sdspec'), 'utf8') === UNTIDY) return 'it was not formatted';
        return (
            done(ended) ?? (lstatSync(join(folder, 'a.sdspec')).isSymbolicLink() ? undefined : 'the link became a file')
        );
    },
    async '.sdspec is a file'(folder) {
        spec(folder);
        writeFileSync(join(folder, '.sdspec'), '');
        return refused(await sdspec(['run', 'a.sdspec'], { cwd: folder }), /\.sdspec.*(can't be written|is a file)/);
    },
    async 'a working folder that is gone'(folder) {
        spec(folder);
        const before = `mkdir gone && cd gone && rmdir ../gone`;
        return refused(
            await sdspec(['run', '../a.sdspec'], { cwd: folder, before }),
            /folder of this terminal is gone/,
        );
    },
    async '10 locks of 10 specs in one folder at once'(folder) {
        const names = Array.from({ length: 10 }, (_, i) => `s${i}.sdspec`);
        for (const [i, name] of names.entries())
            writeFileSync(join(folder, name), `generate g${i} { prompt "a turtle" size 16x16 steps 1 }\n`);
        const all = await Promise.all(names.map((name) => sdspec(['lock', name], { cwd: folder })));
        const wrong = all.map(done).find(Boolean);
        if (wrong) return wrong;
        const locked = new Set(readLock(folder).flatMap((entry) => (entry.kind === 'output' ? [entry.name] : [])));
        return locked.size === 10 ? nothingLeft(folder) : `${locked.size} of 10 are locked`;
    },
    async '6 runs of one spec at once'(folder) {
        spec(folder);
        const all = await Promise.all(Array.from({ length: 6 }, () => sdspec(['run', 'a.sdspec'], { cwd: folder })));
        const made = all.filter(({ stderr }) => !stderr.includes('up to date')).length;
        return all.map(done).find(Boolean) ?? (made === 1 ? nothingLeft(folder) : `${made} of 6 made the pictures`);
    },
    async 'two watched words whose files collide'(folder) {
        const text =
            'generate g { prompt "a b, a-b, a/b, A B" size 16x16 steps 4 trace every 2 attention "a b", "a-b", "a/b", "A B" }\n';
        writeFileSync(join(folder, 'a.sdspec'), text);
        const ended = await sdspec(['run', 'a.sdspec', '--device', 'cpu'], { cwd: folder, real: true });
        return ended.code === 0 ? done(ended) : refused(ended, /.../, [1, 3]);
    },
    async 'a name as long as file systems take'(folder) {
        writeFileSync(join(folder, 'a.sdspec'), `generate ${'g'.repeat(250)} { prompt "x" size 16x16 steps 1 }\n`);
        const ended = await sdspec(['run', 'a.sdspec'], { cwd: folder });
        return ended.code === 0 ? done(ended) : refused(ended, /ggg/, [1, 3]);
    },
    async 'the folder vanishes during the run'(folder) {
        writeFileSync(join(folder, 'a.sdspec'), 'generate g { prompt "slow" size 16x16 steps 1 seed 1..2 }\n');
        let timer: NodeJS.Timeout | undefined;
        const vanish = () => {
            try {
                rmSync(join(folder, '.sdspec'), { recursive: true, force: true });
            } catch {
                // The run wrote into it meanwhile: once more.
                timer = setTimeout(vanish, 1);
            }
        };
        const ended = await sdspec(['run', 'a.sdspec'], {
            cwd: folder,
            started() {
                timer = setTimeout(vanish, 3000);
            },
        });
        clearTimeout(timer);
        return ended.code === 0 ? done(ended) : refused(ended, /.../, [1]);
    },
};

type Way = readonly [
    name: string,
    how: { readonly redirect?: string; readonly env?: Readonly<Record<string, string>> },
    codes: readonly number[],
];

/** The same for several commands: they end with one of the codes, and a second run finds everything in order. */
function eachCommand(way: (args: readonly string[]) => Way): Readonly<Record<string, Case>> {
    const commands = [
        ['run', 'a.sdspec'],
        ['lock', 'a.sdspec'],
        ['check', 'a.sdspec'],
        ['plan', 'a.sdspec'],
        ['format', 'a.sdspec'],
        ['runs', '.'],
        ['--help'],
    ];
    return Object.fromEntries(
        commands.map((args) => {
            const [name, how, codes] = way(args);
            const attempt: Case = async (folder) => {
                spec(folder, UNTIDY);
                const ended = await sdspec(args, { cwd: folder, ...how });
                if (ended.hung) return 'it did not end';
                if (!codes.includes(Number(ended.code))) return `exit ${ended.code}: ${ended.stderr.slice(0, 600)}`;
                return trace(ended.stderr) ?? nothingLeft(folder);
            };
            return [name, attempt];
        }),
    );
}

// ── With mounts ────────────────────────────────────────────────────────

/** Why no file system can be mounted here; undefined where one can. */
function mountProblem(): string | undefined {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
        return 'only root can mount a small or read-only disk';
    try {
        execFileSync(
            'bash',
            ['-c', 'd=$(mktemp -d) && mount -t tmpfs -o size=64k none "$d" && umount "$d" && rmdir "$d"'],
            { stdio: 'ignore' },
        );
        return undefined;
    } catch {
        return 'nothing can be mounted here';
    }
}

/** Does the work in a folder on a disk of so many bytes. */
async function onDisk(
    folder: string,
    size: string,
    work: (disk: string) => Promise<string | undefined>,
): Promise<string | undefined> {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', disk]);
    try {
        return await work(disk);
    } finally {
        execFileSync('umount', ['-l', disk]);
    }
}

const fill = (disk: string, left: number) => {
    // Until nothing fits any more, then so much is made free.
    execFileSync('bash', [
        '-c',
        `cat /dev/zero > "${disk}/filler" 2>/dev/null; truncate -s -${left} "${disk}/filler"; true`,
    ]);
};

const remount = (disk: string, how: 'ro' | 'rw') => execFileSync('mount', ['-o', `remount,${how}`, disk]);

const MOUNTED: Readonly<Record<string, Case>> = {
    ...Object.fromEntries(
        [0, 4096, 8192, 12_288, 16_384, 24_576, 32_768, 49_152].map((left) => [
            `a full disk, ${left} bytes free, run`,
            (folder: string) =>
                onDisk(folder, '256k', async (disk) => {
                    spec(disk);
                    fill(disk, left);
                    const ended = await sdspec(['run', 'a.sdspec'], { cwd: disk });
                    const wrong = ended.code === 0 ? done(ended) : refused(ended, /No space is left/);
                    if (wrong) return wrong;
                    rmSync(join(disk, 'filler'));
                    return done(await sdspec(['run', 'a.sdspec'], { cwd: disk })) ?? nothingLeft(disk);
                }),
        ]),
    ),
    'a full disk, format': (folder) =>
        onDisk(folder, '64k', async (disk) => {
            const text = `${UNTIDY}${'// a comment\n'.repeat(1500)}`;
            spec(disk, text);
            fill(disk, 0);
            const ended = await sdspec(['format', 'a.sdspec'], { cwd: disk });
            return (
                refused(ended, /No space is left/) ??
                (readFileSync(join(disk, 'a.sdspec'), 'utf8') === text ? nothingLeft(disk) : 'the spec was changed')
            );
        }),
    'a full disk, lock': (folder) =>
        onDisk(folder, '256k', async (disk) => {
            spec(disk);
            const first = done(await sdspec(['lock', 'a.sdspec'], { cwd: disk }));
            if (first) return first;
            const before = readFileSync(join(disk, 'sdspec.lock'), 'utf8');
            fill(disk, 0);
            const ended = await sdspec(['lock', 'a.sdspec'], { cwd: disk });
            const same =
                existsSync(join(disk, 'sdspec.lock')) && readFileSync(join(disk, 'sdspec.lock'), 'utf8') === before;
            return refused(ended, /No space is left/) ?? (same ? undefined : 'the lock was changed');
        }),
    'a full disk, import': (folder) =>
        onDisk(folder, '128k', async (disk) => {
            spec(disk);
            const made = await sdspec(['run', 'a.sdspec', '--json'], { cwd: disk });
            const [file] = (JSON.parse(made.stdout) as { readonly files: readonly string[] }).files;
            fill(disk, 0);
            const ended = await sdspec(['import', file!, '-o', 'b.sdspec'], { cwd: disk });
            return (
                refused(ended, /No space is left/) ??
                (existsSync(join(disk, 'b.sdspec')) ? 'half a file is there' : undefined)
            );
        }),
    ...Object.fromEntries(
        (['run', 'lock', 'format', 'check', 'plan', 'verify'] as const).map((command) => [
            `a folder that is read-only, ${command}`,
            (folder: string) =>
                onDisk(folder, '256k', async (disk) => {
                    spec(disk, UNTIDY);
                    remount(disk, 'ro');
                    const ended = await sdspec([command, 'a.sdspec'], { cwd: disk });
                    remount(disk, 'rw');
                    return ended.code === 0 ? done(ended) : refused(ended, /can't be written/);
                }),
        ]),
    ),
    'a folder that is read-only and has everything, run and verify': (folder) =>
        onDisk(folder, '256k', async (disk) => {
            spec(disk);
            const first = done(await sdspec(['lock', 'a.sdspec'], { cwd: disk }));
            if (first) return first;
            remount(disk, 'ro');
            const [run, verify] = [
                await sdspec(['run', 'a.sdspec'], { cwd: disk }),
                await sdspec(['verify', 'a.sdspec', '--frozen'], { cwd: disk }),
            ];
            remount(disk, 'rw');
            return done(run) ?? done(verify);
        }),
};
