/** `sdspec lock`: writes down what specs were made with and what they made. */
import { entriesOf, mergeLock, readLockFile, updateLock } from '../../runtime/run/lock/lock.ts';
import { type Command, EXIT } from '../command.ts';
import { chooseRuns, exitCode, runAll } from '../runs.ts';
import { startRuntime } from '../runtime.ts';
import { RUN_OPTIONS, runOptions } from './run.ts';

export const lock: Command = {
    name: 'lock',
    arguments: 'FILE [NAME…]',
    summary: 'Writes sdspec.lock: digests of models, inputs, pictures and learnt files, to be committed.',
    help: `Makes what is missing and writes one line for each file of a model, each input, each picture and each learnt
file, the latter two with the environment in which their bits were made. \`sdspec verify\` compares with it. Lines of
other specs are kept; lines that can't be read are reported and left out.

Example:
  sdspec lock turtle.sdspec && git add sdspec.lock`,
    options: { ...RUN_OPTIONS, json: { help: 'Writes what was written as JSON to stdout.' } },
    async run(call) {
        const json = call.flag('json');
        const options = runOptions(call);
        const chosen = await chooseRuns(call);
        if (!chosen) return EXIT.spec;
        const { base } = chosen.spec;
        const ended = await runAll(chosen, startRuntime({ verbose: call.flag('verbose') }), options);
        const failed: string[] = [];
        for (const { run, outcome } of ended) {
            if (outcome.kind !== 'failed') continue;
            failed.push(run.name);
            console.error(`failed        ${run.name}: ${outcome.failure.message}`);
        }
        const records = ended.flatMap(({ outcome }) => (outcome.kind === 'done' ? [outcome.record] : []));
        const { entries: before, unreadable } = readLockFile(base);
        for (const { line, text } of unreadable)
            console.error(`sdspec.lock line ${line} can't be read and is left out: ${text.slice(0, 100)}`);
        const fresh = records.flatMap(entriesOf);
        const entries = await updateLock(base, (now) => mergeLock(now, fresh));
        const known = new Set(before.map((entry) => JSON.stringify(entry)));
        const added = entries.filter((entry) => !known.has(JSON.stringify(entry)));
        if (json) console.log(JSON.stringify({ lines: entries.length, written: added, unreadable, failed }, null, 2));
        else console.log(`sdspec.lock holds ${entries.length} lines, ${added.length} of them new or changed.`);
        return exitCode(ended);
    },
};
