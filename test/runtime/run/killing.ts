/** The command line, built for a test, run in a process group of its own that can be killed at any moment. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../../scripts/build.mjs';

const ROOT = join(import.meta.dirname, '../../..');

/** When processes are killed: after so many seconds, or after so many finished parts, exactly. */
export type Kill =
    | { readonly seconds: number }
    /** Files by regular expression; the process ends when one of `known` is written with or after the last of them. */
    | { readonly count: number; readonly parts: string; readonly known: string };

/** Runs `sdspec` in a folder; its processes are killed, all at once. Returns how it ended. */
export type RunUntil = (cwd: string, args: readonly string[], kill?: Kill) => Promise<number | 'killed'>;

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
        return await work((cwd, args, kill) => runUntil(out, cwd, args, kill), folders);
    } finally {
        for (const one of [...folders, out]) rmSync(one, { recursive: true, force: true });
    }
}

/** Imported by both processes of a run that ends after so many parts. */
const KILL_AFTER = pathToFileURL(join(import.meta.dirname, 'kill-after.mjs')).href;

function runUntil(out: string, cwd: string, args: readonly string[], kill?: Kill): ReturnType<RunUntil> {
    const counted =
        kill && 'count' in kill ? { SDSPEC_KILL: JSON.stringify(kill), NODE_OPTIONS: `--import "${KILL_AFTER}"` } : {};
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [join(out, 'cli.js'), ...args], {
            cwd,
            env: { ...process.env, SDSPEC_HOST: join(out, 'host.js'), ...counted },
            stdio: 'ignore',
            detached: true,
        });
        const end = () => process.kill(-child.pid!, 'SIGKILL');
        const timer = kill && 'seconds' in kill ? setTimeout(end, Math.round(1000 * kill.seconds)) : undefined;
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
