#!/usr/bin/env node
/** The first lines of the command line: signals are caught, and the runtime starts, before the rest of it is loaded. */
import { startRuntimeAhead, stopUnusedRuntime } from './runtime.ts';
import { catchSignals } from './signals.ts';

catchSignals();
if (process.argv[2] === 'run') startRuntimeAhead(process.argv.slice(3));
await import('./main.ts');
await stopUnusedRuntime();
