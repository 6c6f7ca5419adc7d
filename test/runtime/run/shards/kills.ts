/** Shares a sweep between processes, kills some of them at random, and compares with a run alone: `tsx kills.ts [WORKERS] [KILLS] [SEED]`. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../../../scripts/build.mjs';
import type { RunRecord } from '../../../../src/runtime/run/record.ts';
import { randomOf } from '../kills.ts';

const ROOT = join(import.meta.dirname, '../../../..');

const SPEC = `model sketch = "builtin:sketch"

generate car {
    use      sketch
    prompt   "drawing of a car"
    size     64x64
    steps    2
    seed     1
}

sweep table over car {
    guidance in [2, 5, 9]
    seed     in 1..8
}
`;

type Contents = Readonly<Record<string, string>>;

export interface ShareReport {
    readonly killed: number;
    readonly alone: Contents;
    readonly shared: Contents;
    readonly record: RunRecord;
    /** Claims that were taken over. */
    readonly takenOver: number;
}

/** Runs the sweep alone, then shared by several processes of which some are killed, then started again. */
export async function killWorkers(workers: number, kills: number, random: () => number): Promise<ShareReport> {
    // Within the checkout, so that native packages are found.
    const out = mkdtempSync(join(ROOT, 'node_modules', '.sdspec-test-'));
    const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'sdspec-shards-')));
    try {
        await build({ names: ['cli', 'host'], outdir: out });
        const [alone, shared] = folders as [string, string];
        for (const folder of folders) writeFileSync(join(folder, 'table.sdspec'), SPEC);
        const started = performance.now();
        expectDone(await run(out, alone, []));
        const seconds = (performance.now() - started) / 1000;
        const share = (k: number) => ['--shard', `${k + 1}/${workers}`];
        const ends = await Promise.all(
            Array.from({ length: workers }, (_, k) =>
                run(out, shared, share(k), k < kills ? seconds * (0.3 + 1.2 * random()) : undefined),
            ),
        );
        // As an engine does with what was lost.
        expectDone(await run(out, shared, share(0)));
        const folder = runFolder(shared);
        const [head] = readdirSync(join(folder, 'shards'));
        return {
            killed: ends.filter((end) => end === 'killed').length,
            alone: contentsOf(runFolder(alone)),
            shared: contentsOf(folder),
            record: JSON.parse(readFileSync(join(folder, 'record.json'), 'utf8')) as RunRecord,
            takenOver: readdirSync(join(folder, 'shards', head!, 'claims')).filter((name) => /\.g[2-9]$/.test(name))
                .length,
        };
    } finally {
        for (const folder of [...folders, out]) rmSync(folder, { recursive: true, force: true });
    }
}

function expectDone(end: number | 'killed'): void {
    if (end !== 0) throw new Error(`The run ended with ${end}.`);
}

/** Starts a worker; after so many seconds its processes are killed, all at once. Returns how it ended. */
function run(out: string, cwd: string, options: readonly string[], seconds?: number): Promise<number | 'killed'> {
    return new Promise((resolve, reject) => {
        const child = spawn(
            process.execPath,
            [join(out, 'cli.js'), 'run', 'table.sdspec', 'table', '--device', 'cpu', '--threads', '1', ...options],
            { cwd, env: { ...process.env, SDSPEC_HOST: join(out, 'host.js') }, stdio: 'ignore', detached: true },
        );
        const kill = () => process.kill(-child.pid!, 'SIGKILL');
        const timer = seconds === undefined ? undefined : setTimeout(kill, Math.round(1000 * seconds));
        child.on('error', reject);
        child.on('close', (code, signal) => {
            clearTimeout(timer);
            resolve(signal === 'SIGKILL' ? 'killed' : (code ?? 70));
        });
    });
}

function runFolder(folder: string): string {
    const runs = join(folder, '.sdspec', 'runs', 'table');
    return join(runs, readdirSync(runs)[0]!);
}

function contentsOf(folder: string): Contents {
    const files = readdirSync(folder).filter((name) => name.endsWith('.png'));
    const digest = (file: string) =>
        createHash('sha256')
            .update(readFileSync(join(folder, file)))
            .digest('hex');
    return Object.fromEntries(files.sort().map((file) => [file, digest(file)]));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
    const [workers = 6, kills = 4, seed = 1] = process.argv.slice(2).map(Number);
    const { killed, alone, shared, record, takenOver } = await killWorkers(workers, kills, randomOf(seed));
    const same = JSON.stringify(alone) === JSON.stringify(shared);
    console.log(
        `${killed} of ${workers} workers were killed, ${takenOver} claims taken over; ${record.pictures.length} pictures by ${record.workers?.length} workers; ${Object.keys(alone).length} files are ${same ? 'bitwise the same' : 'NOT the same'}.`,
    );
    process.exitCode = same ? 0 : 1;
}
