/** The bundled command line, built once for a test file and run as users run it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { build } from '../../scripts/build.mjs';

const ROOT = join(import.meta.dirname, '..', '..');

export interface Ended {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
}

export interface SdspecOptions {
    readonly cwd?: string;
    /** The fake runtime of `fake-host.ts` in place of the real one. */
    readonly fake?: true;
    /** What stdin holds; nothing unless given. */
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** Called with the process and everything that it wrote so far, whenever it wrote something. */
    readonly watch?: (child: ChildProcess, written: string) => void;
}

let out = '';

/** The bundle that `builtSdspec` made, for tests that start it themselves, with the fake runtime. */
export function specBuild(): { readonly cli: string; readonly env: NodeJS.ProcessEnv } {
    return { cli: join(out, 'cli.js'), env: { ...process.env, SDSPEC_HOST: join(out, 'fake-host.js') } };
}

/** Call at the top of a test file; gives the function that runs `sdspec` with arguments. */
export function builtSdspec(): (args: readonly string[], options?: SdspecOptions) => Promise<Ended> {
    beforeAll(async () => {
        // Within the checkout, so that native packages are found.
        out = mkdtempSync(join(ROOT, 'node_modules', '.sdspec-test-'));
        const fake = { name: 'fake-host', from: 'test/runtime/process/fake-host.ts', to: 'fake-host.js' };
        await build({ names: ['cli', 'host'], more: [fake], outdir: out });
    });
    afterAll(() => rmSync(out, { recursive: true, force: true }));
    return (args, { cwd = ROOT, fake, env = {}, watch, input } = {}) =>
        new Promise((resolve) => {
            const host = join(out, fake ? 'fake-host.js' : 'host.js');
            const child = spawn(process.execPath, [join(out, 'cli.js'), ...args], {
                cwd,
                env: { ...process.env, SDSPEC_HOST: host, ...env },
                stdio: ['pipe', 'pipe', 'pipe'],
            });
            child.stdin.on('error', () => {}).end(input ?? '');
            const written = { stdout: '', stderr: '' };
            for (const name of ['stdout', 'stderr'] as const) {
                child[name].setEncoding('utf8').on('data', (text: string) => {
                    written[name] += text;
                    watch?.(child, written.stdout + written.stderr);
                });
            }
            child.on('close', (code) => resolve({ code, ...written }));
        });
}

/** A folder with the given files, deleted after the test. */
export function folderWith(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-cli-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return folder;
}
