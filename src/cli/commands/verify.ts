/** `sdspec verify`: makes what is missing and says whether pictures are what the spec and the lock say. */

import { entriesOf, type LockEntry, mergeLock, readLock, updateLock } from '../../runtime/run/lock.ts';
import type { RunRecord } from '../../runtime/run/record.ts';
import { type Command, EXIT } from '../command.ts';
import { chooseRuns, type Ended, exitCode, runAll } from '../runs.ts';
import { startRuntime } from '../runtime.ts';
import { RUN_OPTIONS, runOptions } from './run.ts';

export const verify: Command = {
    name: 'verify',
    arguments: 'FILE [NAME…]',
    summary: 'Reports whether pictures are what the spec expects and what sdspec.lock remembers.',
    help: `Judges the \`expect\` blocks, and compares models, inputs and outputs with sdspec.lock beside the spec. Equal bits are
promised within one environment only (processor, device, versions); lines of other environments are skipped. Exit
code 1 where something differs, or where nothing is locked and nothing is expected.

Examples:
  sdspec verify turtle.sdspec
  sdspec verify turtle.sdspec --force        makes everything again first
  sdspec verify turtle.sdspec --update       writes what was found to sdspec.lock`,
    options: { ...RUN_OPTIONS, update: { short: 'u', help: 'Writes sdspec.lock instead of comparing with it.' } },
    async run(call) {
        const options = runOptions(call);
        const chosen = await chooseRuns(call);
        if (!chosen) return EXIT.spec;
        const ended = await runAll(chosen, startRuntime({ verbose: call.flag('verbose') }), options);
        const { base } = chosen.spec;
        const locked = readLock(base);
        let missed = 0;
        for (const one of ended) {
            missed += printExpectations(one);
            if (one.outcome.kind !== 'done' || call.flag('update')) continue;
            missed += printDifferences(one.outcome.record, locked) + tellUnlocked(one.outcome.record, locked);
        }
        if (call.flag('update')) {
            const records = ended.flatMap(({ outcome }) => (outcome.kind === 'done' ? [outcome.record] : []));
            const lock = await updateLock(base, (now) =>
                records.reduce((all, record) => mergeLock(all, entriesOf(record)), now),
            );
            console.log(`sdspec.lock holds ${lock.length} lines.`);
        }
        return exitCode(ended) || (missed > 0 ? EXIT.failed : EXIT.done);
    },
};

/** Reports how the expectations of one run fared; how many were missed. */
function printExpectations({ run, outcome }: Ended): number {
    if (outcome.kind === 'failed') console.log(`failed   ${run.name}: ${outcome.failure.message}`);
    if (outcome.kind !== 'done') return 0;
    const results = outcome.record.expectations ?? [];
    for (const { verdict, message } of results) console.log(`${verdict.padEnd(8)} ${run.name}: ${message}`);
    return results.filter(({ verdict }) => verdict === 'missed').length;
}

/** Reports where a run differs from the lock; in how many lines. */
function printDifferences(record: RunRecord, lock: readonly LockEntry[]): number {
    let differences = 0;
    let equal = 0;
    for (const entry of entriesOf(record)) {
        const locked = lock.find((one) => isSame(one, entry));
        if (!locked) continue;
        if (locked.sha256 === entry.sha256) {
            equal++;
            continue;
        }
        differences++;
        console.log(
            `differs  ${record.name}: ${subject(entry)} is sha256:${entry.sha256}, in sdspec.lock sha256:${locked.sha256}`,
        );
    }
    if (equal > 0) console.log(`equal    ${record.name}: ${equal} ${equal === 1 ? 'line' : 'lines'} of sdspec.lock`);
    return differences;
}

/** Reports a run for which nothing is locked and that expects nothing: then there is nothing to compare with. */
function tellUnlocked(record: RunRecord, lock: readonly LockEntry[]): number {
    const outputs = entriesOf(record).filter((entry) => entry.kind === 'output');
    const isLocked = outputs.some((entry) => lock.some((one) => isOutputOf(one, entry)));
    if (isLocked || outputs.length === 0 || (record.expectations?.length ?? 0) > 0) return 0;
    const command = `sdspec lock ${record.spec ?? 'FILE'}`;
    console.log(`unlocked ${record.name}: sdspec.lock has no line for its pictures. Write them: ${command}`);
    return 1;
}

/** Whether a line is about the same picture, made in any environment. */
function isOutputOf(a: LockEntry, b: LockEntry): boolean {
    return a.kind === 'output' && b.kind === 'output' && a.name === b.name && a.plan === b.plan && a.cell === b.cell;
}

function isSame(a: LockEntry, b: LockEntry): boolean {
    if (a.kind === 'model' && b.kind === 'model') return a.name === b.name && a.file === b.file;
    if (a.kind === 'input' && b.kind === 'input') return a.path === b.path;
    if (a.kind !== 'output' || b.kind !== 'output') return false;
    return a.name === b.name && a.plan === b.plan && a.cell === b.cell && a.environment === b.environment;
}

function subject(entry: LockEntry): string {
    switch (entry.kind) {
        case 'model':
            return `${entry.name} ${entry.file}`;
        case 'input':
            return entry.path;
        case 'output':
            return `picture ${entry.cell + 1}`;
    }
}
