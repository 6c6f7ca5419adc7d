/** Kills a small mosaic of the built-in model again and again, and compares what it becomes: `tsx kills.ts [KILLS] [SEED]`. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../../../scripts/build.mjs';

const ROOT = join(import.meta.dirname, '../../../..');

const SPEC = `model sketch = "builtin:sketch"

generate turtle {
    use    sketch
    prompt "drawing of a turtle"
    size   64x64
    steps  2
    seed   1
}

mosaic wall {
    of    turtle
    grid  2x2
    tiles via turtle
}
`;

type Contents = Readonly<Record<string, string>>;

export interface KillsReport {
    /** Runs that were killed before they ended. */
    readonly killed: number;
    readonly uninterrupted: Contents;
    readonly resumed: Contents;
}

/**
 * Runs the mosaic once whole, and once with so many kills at random moments, then to its end; of the second one tile is deleted
 * and made alone.
 */
export async function killMosaic(kills: number, random: () => number): Promise<KillsReport> {
    // Within the checkout, so that native packages are found.
    const out = mkdtempSync(join(ROOT, 'node_modules', '.sdspec-test-'));
    const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'sdspec-kills-')));
    try {
        await build({ names: ['cli', 'host'], outdir: out });
        const [whole, broken] = folders as [string, string];
        for (const folder of folders) writeFileSync(join(folder, 'wall.sdspec'), SPEC);
        const started = performance.now();
        await finished(out, whole);
        const seconds = (performance.now() - started) / 1000;
        let killed = 0;
        for (let i = 0; i < kills; i++) {
            if ((await run(out, broken, seconds * random())) === 'killed') killed++;
            else rmSync(join(broken, '.sdspec'), { recursive: true, force: true });
        }
        await finished(out, broken);
        // One tile is made once more, alone.
        const folder = runFolder(broken);
        const [tile] = readdirSync(join(folder, 'tiles'));
        for (const file of [join('tiles', tile!), 'mosaic.png']) rmSync(join(folder, file));
        await finished(out, broken);
        return { killed, uninterrupted: contentsOf(whole), resumed: contentsOf(broken) };
    } finally {
        for (const folder of [...folders, out]) rmSync(folder, { recursive: true, force: true });
    }
}

async function finished(out: string, cwd: string): Promise<void> {
    const end = await run(out, cwd);
    if (end !== 0) throw new Error(`The run ended with ${end}.`);
}

/** Runs the mosaic; after so many seconds its processes are killed, all at once. Returns how it ended. */
function run(out: string, cwd: string, seconds?: number): Promise<number | 'killed'> {
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [join(out, 'cli.js'), 'run', 'wall.sdspec', 'wall', '--device', 'cpu'], {
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
    const runs = join(folder, '.sdspec', 'runs', 'wall');
    return join(runs, readdirSync(runs)[0]!);
}

/** Digests of everything under the folder of runs, but for records, which hold times. */
function contentsOf(folder: string): Contents {
    const files = readdirSync(join(folder, '.sdspec'), { recursive: true, encoding: 'utf8' })
        .map((file) => join(folder, '.sdspec', file))
        .filter((file) => statSync(file).isFile() && /\.(png|jpg|dzi|html)$/.test(file));
    return Object.fromEntries(
        files
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
    const [kills = 50, seed = 1] = process.argv.slice(2).map(Number);
    const { killed, uninterrupted, resumed } = await killMosaic(kills, randomOf(seed));
    const same = JSON.stringify(uninterrupted) === JSON.stringify(resumed);
    const files = Object.keys(uninterrupted).length;
    console.log(
        `${killed} of ${kills} runs were killed; ${files} files are ${same ? 'bitwise the same' : 'NOT the same'}.`,
    );
    if (!same) console.log(uninterrupted, resumed);
    process.exitCode = same ? 0 : 1;
}
