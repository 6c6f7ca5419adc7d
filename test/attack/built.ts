/** The command line as users run it: built once for the kit, with the real runtime or one without models. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../scripts/build.mjs';

const ROOT = join(import.meta.dirname, '..', '..');

let built: Promise<string> | undefined;

/** The folder of the bundles; it is gone when this process ends. */
function bundles(): Promise<string> {
    built ??= (async () => {
        // Within the checkout, so that native packages are found.
        const out = mkdtempSync(join(ROOT, 'node_modules', '.sdspec-attack-'));
        process.once('exit', () => rmSync(out, { recursive: true, force: true }));
        const fake = { name: 'fake-host', from: 'test/runtime/process/fake-host.ts', to: 'fake-host.js' };
        await build({ names: ['cli', 'host'], more: [fake], outdir: out });
        return out;
    })();
    return built;
}

export interface Ended {
    /** The signal's name where the process died by it. */
    readonly code: number | NodeJS.Signals;
    readonly stdout: string;
    readonly stderr: string;
    /** Whether it had to be killed because it did not end. */
    readonly hung: boolean;
}

export interface CallOptions {
    readonly cwd: string;
    /** The runtime with models. */
    readonly real?: boolean;
    readonly env?: Readonly<Record<string, string>>;
    /** Shell commands before the program, such as `ulimit -n 20`. */
    readonly before?: string;
    /** Redirections behind the program, such as `2>&-`. */
    readonly redirect?: string;
    /** Called with the process when it has been started; it leads a process group of its own. */
    readonly started?: (child: ChildProcess) => void;
    /** Milliseconds after which it counts as hung. */
    readonly limit?: number;
}

const LIMIT_MS = 120_000;

/** Runs `sdspec` with these arguments to its end. */
export async function sdspec(args: readonly string[], options: CallOptions): Promise<Ended> {
    const { cwd, real, env = {}, before, redirect = '', started, limit = LIMIT_MS } = options;
    const out = await bundles();
    const program = [process.execPath, join(out, 'cli.js'), ...args];
    const shell = before !== undefined || redirect !== '';
    const [command, ...rest] = shell
        ? ['bash', '-c', `${before ?? ':'}\nexec "$@" ${redirect}`, 'sh', ...program]
        : program;
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
    return new Promise((resolve, reject) => {
        const child = spawn(command!, rest, {
            cwd,
            env: { ...process.env, SDSPEC_HOST: join(out, real ? 'host.js' : 'fake-host.js'), ...env },
            stdio,
            detached: true,
        });
        const written = { stdout: '', stderr: '' };
        for (const name of ['stdout', 'stderr'] as const)
            child[name]!.setEncoding('utf8').on('data', (text) => (written[name] += text));
        let hung = false;
        const timer = setTimeout(() => {
            hung = true;
            killGroup(child);
        }, limit);
        child.once('error', reject);
        child.once('close', (code, signal) => {
            clearTimeout(timer);
            // What it started ends with it; nothing of it may work on while the case is looked at.
            killGroup(child);
            resolve({ code: signal ?? code ?? -1, ...written, hung });
        });
        started?.(child);
    });
}

/** Kills a process with all that it started. */
export function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
    try {
        if (pid) process.kill(-pid, signal);
    } catch {
        // It is gone.
    }
}

/** A new folder with these files, for one case. */
export async function withFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-attack-'));
    try {
        return await work(folder);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

/** Names of files below a folder that no process may leave behind: half-written files and claims. */
export function leftovers(folder: string): readonly string[] {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /\.(part|claim|removing|writing)$/.test(name),
    );
}

/** Bytes of the pictures of all runs below a folder, by their paths. */
export function picturesIn(folder: string): ReadonlyMap<string, string> {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.png'));
    return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));
}
