/** Entry of the runtime's process. The command line and the editor start it with a message channel. */
import { openRunServices } from '../run/open-run-services.ts';
import { serve } from './serve.ts';

if (process.send) {
    serve(openRunServices());
} else {
    console.error('This is the runtime of sdspec, which other programs start. Use the command `sdspec`.');
    process.exitCode = 2;
}
