/** The command line, built for a test, run in a process group of its own that can be killed at any moment. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../../scripts/build.mjs';

const ROOT = join(import.meta.dirname, '../../..');

/** Runs `sdspec` in a folder; after so many seconds its processes are killed, all at once. Returns how it ended. */
export type RunUntil = (cwd: string, args: readonly string[], seconds?: number) => Promise<number | 'killed'>;

/** Builds the command line and makes two folders for the work, which are gone afterwards. */
export async function withBuiltCli<Result>(
    work: (run: RunUntil, folders: readonly [string, string]) => Promise<Result>,
): Promise<Result> {
    // Within the checkout, so that native packages are found.
    const out = mkdtempSync(join(ROOT, 'node_modules', '.sdspec-test-'));
    const folder = () => mkdtempSync(join(tmpdir(), 'sdspec-kills-'));
    const folders = [folder(), folder()] as const;
    try {
        await build({ names: ['cli', 'host'], outdir: out });
        return await work((cwd, args, seconds) => runUntil(out, cwd, args, seconds), folders);
    } finally {
        for (const one of [...folders, out]) rmSync(one, { recursive: true, force: true });
    }
}

function runUntil(out: string, cwd: string, args: readonly string[], seconds?: number): ReturnType<RunUntil> {
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [join(out, 'cli.js'), ...args], {
            cwd,
            env: { ...process.env, SDSPEC_HOST: join(out, 'host.js') },
            stdio: 'ignore',
            detached: true,
        });
        const kill = () => process.kill(-child.pid!, 'SIGKILL');
        const timer = seconds === undefined ? undefined : setTimeout(kill, Math.round(1000 * seconds));
        child.on('error', reject);
        child.on('close', (code, signal) => {
            clearTimeout(timer);
            resolve(signal === 'SIGKILL' ? 'killed' : (code ?? 70));
        });
    });
}

/** Runs to the end; throws where that is no success. */
export async function finished(ended: ReturnType<RunUntil>): Promise<void> {
    const end = await ended;
    if (end !== 0) throw new Error(`The run ended with ${end}.`);
}

/** The folder of the only run of this name. */
export function runFolder(folder: string, name: string): string {
    const runs = join(folder, '.sdspec', 'runs', name);
    return join(runs, readdirSync(runs)[0]!);
}

/** Digests by name below a folder. */
export type Contents = Readonly<Record<string, string>>;

export function contentsOf(folder: string, files: readonly string[]): Contents {
    const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    return Object.fromEntries([...files].sort().map((file) => [file.slice(folder.length), digest(file)]));
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
