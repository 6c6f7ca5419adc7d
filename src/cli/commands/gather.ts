/** `sdspec gather`: closes a run that several workers have made. */
import { type Command, EXIT } from '../command.ts';
import { chooseRuns, exitCode, runAll } from '../runs.ts';
import { startRuntime } from '../runtime.ts';
import { printOutcome, RUN_OPTIONS, runOptions } from './run.ts';

const { force: _, ...OPTIONS } = RUN_OPTIONS;

export const gather: Command = {
    name: 'gather',
    arguments: 'FILE [NAME…]',
    summary: 'Closes runs that several workers have made with --shard: sheet, table and record.',
    help: `The worker that finds every picture made does this by itself. Where pictures are missing, because workers were
stopped, the sheet crosses them out, the record names them, and the exit code is 1; more workers make the rest.

Examples:
  sdspec gather table.sdspec table`,
    options: {
        ...OPTIONS,
        json: { help: 'Writes one line of JSON for each run to stdout, with its record.' },
    },
    async run(call) {
        const json = call.flag('json');
        const options = { ...runOptions(call), gather: true };
        const chosen = await chooseRuns(call);
        if (!chosen) return EXIT.spec;
        const runtime = startRuntime({ verbose: call.flag('verbose') });
        return exitCode(await runAll(chosen, runtime, options, { ended: (one) => printOutcome(one, { json }) }));
    },
};
