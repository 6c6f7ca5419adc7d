/** Kills a small mosaic or print again and again, and compares what it becomes: `tsx kills.ts mosaic|print [KILLS] [SEED]`. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../../scripts/build.mjs';

const ROOT = join(import.meta.dirname, '../../..');

const TURTLE = `model sketch = "builtin:sketch"

generate turtle {
    use    sketch
    prompt "drawing of a turtle"
    size   64x64
    steps  2
    seed   1
}
`;

/** A small run of the built-in model, and what of it is deleted and made once more in the end. */
interface Subject {
    readonly spec: string;
    readonly again: (folder: string) => readonly string[];
}

const SUBJECTS = {
    mosaic: {
        spec: `${TURTLE}
mosaic made {
    of    turtle
    grid  2x2
    tiles via turtle
}
`,
        // One tile is made alone.
        again: (folder) => [join('tiles', readdirSync(join(folder, 'tiles'))[0]!), 'mosaic.png'],
    },
    print: {
        spec: `${TURTLE}
upscaler up = "builtin:sketch-up"

print made {
    of      turtle
    upscale via turtle by 1 strength 0.5 tile 64px overlap 16px
    upscale up tile 32px overlap 8px
    paper   2x2cm at 300dpi bleed 1mm marks
}
`,
        // The last step is made again, from the one before it.
        again: () => ['step-2.png', 'print.png'],
    },
} as const satisfies Readonly<Record<string, Subject>>;

export type Kind = keyof typeof SUBJECTS;

type Contents = Readonly<Record<string, string>>;

export interface KillsReport {
    /** Runs that were killed before they ended. */
    readonly killed: number;
    /** Finished tiles and steps that were there before a run was killed and were gone or made again after it. */
    readonly lost: readonly string[];
    readonly uninterrupted: Contents;
    readonly resumed: Contents;
}

/**
 * Makes it once whole, and once with so many kills at random moments, then to its end; of the second a part is deleted and
 * made again.
 */
export async function killRuns(kind: Kind, kills: number, random: () => number): Promise<KillsReport> {
    // Within the checkout, so that native packages are found.
    const out = mkdtempSync(join(ROOT, 'node_modules', '.sdspec-test-'));
    const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'sdspec-kills-')));
    try {
        await build({ names: ['cli', 'host'], outdir: out });
        const [whole, broken] = folders as [string, string];
        for (const folder of folders) writeFileSync(join(folder, 'made.sdspec'), SUBJECTS[kind].spec);
        const started = performance.now();
        await finished(out, whole);
        const seconds = (performance.now() - started) / 1000;
        const lost: string[] = [];
        let killed = 0;
        for (let i = 0; i < kills; i++) {
            const before = finishedParts(broken);
            if ((await run(out, broken, seconds * random())) === 'killed') {
                killed++;
                const after = new Set(finishedParts(broken));
                lost.push(...before.filter((part) => !after.has(part)));
            } else rmSync(join(broken, '.sdspec'), { recursive: true, force: true });
        }
        await finished(out, broken);
        const folder = runFolder(broken);
        for (const file of SUBJECTS[kind].again(folder)) rmSync(join(folder, file));
        await finished(out, broken);
        return { killed, lost, uninterrupted: contentsOf(whole), resumed: contentsOf(broken) };
    } finally {
        for (const folder of [...folders, out]) rmSync(folder, { recursive: true, force: true });
    }
}

async function finished(out: string, cwd: string): Promise<void> {
    const end = await run(out, cwd);
    if (end !== 0) throw new Error(`The run ended with ${end}.`);
}

/** Runs it; after so many seconds its processes are killed, all at once. Returns how it ended. */
function run(out: string, cwd: string, seconds?: number): Promise<number | 'killed'> {
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [join(out, 'cli.js'), 'run', 'made.sdspec', 'made', '--device', 'cpu'], {
            cwd,
            env: { ...process.env, SDSPEC_HOST: join(out, 'host.js') },
            stdio: 'ignore',
            detached: true,
        });
        const timer =
            seconds === undefined
                ? undefined
                : setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), Math.round(1000 * seconds));
        child.on('error', reject);
        child.on('close', (code, signal) => {
            clearTimeout(timer);
            resolve(signal === 'SIGKILL' ? 'killed' : (code ?? 70));
        });
    });
}

function runFolder(folder: string): string {
    const runs = join(folder, '.sdspec', 'runs', 'made');
    return join(runs, readdirSync(runs)[0]!);
}

/** Tiles and steps on disk, with the time at which each was written. */
function finishedParts(folder: string): readonly string[] {
    return filesBelow(folder)
        .filter((file) => /[/\\](tiles[/\\][^/\\]+|step-\d+)\.png$/.test(file))
        .map((file) => `${file} ${statSync(file).mtimeMs}`);
}

function filesBelow(folder: string): readonly string[] {
    const runs = join(folder, '.sdspec');
    if (!existsSync(runs)) return [];
    const names = readdirSync(runs, { recursive: true, encoding: 'utf8' });
    return names.map((name) => join(runs, name)).filter((file) => statSync(file).isFile());
}

/** Digests of everything under the folder of runs, but for records, which hold times. */
function contentsOf(folder: string): Contents {
    const files = filesBelow(folder).filter((file) => /\.(png|jpg|dzi|html|tif|pdf)$/.test(file));
    return Object.fromEntries(
        [...files]
            .sort()
            .map((file) => [file.slice(folder.length), createHash('sha256').update(readFileSync(file)).digest('hex')]),
    );
}

/** Numbers in 0..1 that a seed decides (mulberry32). */
export function randomOf(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = Math.imul(state ^ (state >>> 15), state | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
    const [kind, ...numbers] = process.argv.slice(2);
    const [kills = 50, seed = 1] = numbers.map(Number);
    const { killed, lost, uninterrupted, resumed } = await killRuns(kind as Kind, kills, randomOf(seed));
    const same = JSON.stringify(uninterrupted) === JSON.stringify(resumed);
    const files = Object.keys(uninterrupted).length;
    console.log(
        `${killed} of ${kills} runs were killed, ${lost.length} finished parts were lost; ${files} files are ${same ? 'bitwise the same' : 'NOT the same'}.`,
    );
    if (!same) console.log(uninterrupted, resumed);
    process.exitCode = same && lost.length === 0 ? 0 : 1;
}
