/** Entry of the runtime's process. The command line and the editor start it with a message channel. */
import { setFlagsFromString } from 'node:v8';
import { openRunServices } from '../run/open-run-services.ts';
import { serve } from './serve.ts';

/**
 * Percent by which what is kept of JavaScript's memory may grow before it is collected. V8 lets a small heap grow to several
 * times its size, so that a hundred runs left tens of megabytes behind that nothing needed.
 */
const HEAP_GROWTH_PERCENT = 60;

if (process.send) {
    setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
    serve(openRunServices());
} else {
    console.error('This is the runtime of sdspec, which other programs start. Use the command `sdspec`.');
    process.exitCode = 2;
}
