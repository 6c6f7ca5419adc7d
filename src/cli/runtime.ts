/** The runtime's process, as the command line starts it. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createRuntime, type Runtime } from '../runtime/process/client.ts';
import type { RunOptions } from '../runtime/run/request.ts';
import { packageRoot } from '../runtime/run/shipped.ts';

/**
 * The work is done in a process of its own: a step of the U-Net blocks its process, and Ctrl-C and the progress bar
 * shall not wait for it.
 */
export function startRuntime({ verbose = false } = {}): Runtime {
    const runtime = createRuntime({
        host: process.env['SDSPEC_HOST'] ?? join(packageRoot(), 'dist', 'host.js'),
        log: (line) => verbose && console.error(line),
    });
    runtime.start();
    return runtime;
}

const BUILT_IN_MODEL = /^\s*model\s+[\w-]+\s*=\s*"builtin:([\w-]+)"/gm;
/** Clauses that change the weights: what was opened without them is not used. */
const CHANGES_WEIGHTS = /^\s*(apply|learn)\b/m;
/** Clauses that need another U-Net than the plain one. */
const CHANGES_UNET = /^\s*(infuse|scale|control|cache|precision)\b/m;

/**
 * Has the runtime open the built-in models that a spec declares while the spec is parsed and checked. A glance at the text
 * is enough for that: where it is wrong, the run opens what it needs.
 */
export function prepareBuiltIns(runtime: Runtime, file: string, { device, threads }: RunOptions): void {
    try {
        const text = readFileSync(file, 'utf8');
        const names = new Set([...text.matchAll(BUILT_IN_MODEL)].map(([, name]) => name!));
        if (names.size === 0 || CHANGES_WEIGHTS.test(text)) return;
        runtime.prepare({
            models: [...names].map((name) => ({ kind: 'builtin', name })),
            base: dirname(resolve(file)),
            options: { ...(device && { device }), ...(threads && { threads }) },
            isPlain: !CHANGES_UNET.test(text),
        });
    } catch {
        // A file that can't be read is reported where it is parsed.
    }
}
