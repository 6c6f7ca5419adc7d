/** The runtime's process, as the command line starts it. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { glanceAt } from '../language/glance.ts';
import { createRuntime, type Runtime } from '../runtime/process/client.ts';
import { packageRoot } from '../runtime/run/inputs/shipped.ts';
import type { RunOptions } from '../runtime/run/request.ts';

/**
 * The work is done in a process of its own: a step of the U-Net blocks its process, and Ctrl-C and the progress bar
 * shall not wait for it.
 */
export function startRuntime({ verbose = false } = {}): Runtime {
    const started = ahead;
    ahead = undefined;
    if (started) return started;
    const runtime = createRuntime({
        host: process.env['SDSPEC_HOST'] ?? join(packageRoot(), 'dist', 'host.js'),
        log: (line) => verbose && console.error(line),
    });
    runtime.start();
    return runtime;
}

/** Started before it was asked for. */
let ahead: Runtime | undefined;

/** Starts the runtime for a command that will ask for it, by the command's words: its start takes longer than all that comes before. */
export function startRuntimeAhead(words: readonly string[]): void {
    if (!words.some((word) => word.endsWith('.sdspec')) || words.includes('--help') || words.includes('-h')) return;
    ahead = startRuntime({ verbose: words.includes('--verbose') });
}

/** Ends a runtime that the command had no use for, as its words were wrong. */
export async function stopUnusedRuntime(): Promise<void> {
    await ahead?.stop();
}

/** Has the runtime open the built-in models that a spec declares while the spec is parsed and checked. */
export function prepareBuiltIns(runtime: Runtime, file: string, { device, threads }: RunOptions): void {
    try {
        const { builtIns, isPlain } = glanceAt(readFileSync(file, 'utf8'));
        if (builtIns.length === 0) return;
        runtime.prepare({
            models: builtIns.map((name) => ({ kind: 'builtin', name })),
            base: dirname(resolve(file)),
            options: { ...(device && { device }), ...(threads && { threads }) },
            isPlain,
        });
    } catch {
        // A file that can't be read is reported where it is parsed.
    }
}
