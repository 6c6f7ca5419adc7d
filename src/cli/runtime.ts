/** The runtime's process, as the command line starts it. */
import { join } from 'node:path';
import { createRuntime, type Runtime } from '../runtime/process/client.ts';
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
