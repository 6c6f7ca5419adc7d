#!/usr/bin/env node
/** The first lines of the command line: signals are caught before the rest of it is loaded. */
import { catchSignals } from './signals.ts';

catchSignals();
await import('./main.ts');
