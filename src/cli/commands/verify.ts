/** `sdspec verify`: makes what is missing and says whether pictures are what the spec and the lock say. */
import { join } from 'node:path';
import { digest } from '../../plan/digest.ts';
import type { Run } from '../../plan/run.ts';
import type { Runtime } from '../../runtime/process/client.ts';
import { TOLERANCE_DB } from '../../runtime/run/compare/verdict.ts';
import {
    fileFindings,
    type LockFinding,
    learntFindings,
    leftoverFindings,
    pictureFindings,
} from '../../runtime/run/lock/findings.ts';
import { type LockFile, readLockFile } from '../../runtime/run/lock/lock.ts';
import { findRun, runsFolder, type StoredRun, storedPlan } from '../../runtime/run/runs.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { compareAll, otherRunOf, type Verified } from '../compare-runs.ts';
import { describeFindings, VERDICT_WIDTH } from '../findings.ts';
import { type ChosenRuns, chooseRuns, type Ended, exitCode, runAll } from '../runs.ts';
import { startRuntime } from '../runtime.ts';
import { lock } from './lock.ts';
import { RUN_OPTIONS, runOptions } from './run.ts';

export const verify: Command = {
    name: 'verify',
    arguments: 'FILE [NAME…]',
    summary: 'Reports whether pictures are what the spec expects and what sdspec.lock remembers.',
    help: `Makes what is missing, judges the \`expect\` blocks, reads the pictures on disk and compares them, models and inputs
with sdspec.lock beside the spec. Each is one of:

  identical          the same pixels, or the same bytes of a file
  within tolerance   other bits, and differences that no eye sees: a PSNR of ${TOLERANCE_DB} dB and more
  looks the same     the perceptual hashes differ in 10 of 64 bits at most
  different          another picture, a damaged or replaced one, another model
  not compared       with the reason: no line in the lock, a spec that has changed since, another plan

--rerun makes every picture once more, also those that pictures are made of and what is learnt from them, in a folder of
its own, and compares the two runs; --against compares with the run
of a colleague or of another machine. Both report the first step whose latents differ, and what differs between the two
records: versions, device, options, models, inputs.

Exit code 1 where something is different, where pixels of one environment differ, where an expectation is missed, or where
the lock has lines of other specs only and this one expects nothing. With
--frozen also where something is not compared, where a line of the lock can't be read, and where there is neither a lock
nor an expectation.

Examples:
  sdspec verify turtle.sdspec
  sdspec verify turtle.sdspec --frozen       in continuous integration: everything must be locked or expected
  sdspec verify turtle.sdspec --rerun        whether this machine makes the same pictures again
  sdspec verify turtle.sdspec --rerun --device webgpu        how far another device is from this one
  sdspec verify turtle.sdspec turtle --against ../colleague/.sdspec/runs
  sdspec verify turtle.sdspec --force        makes everything again first`,
    options: {
        ...RUN_OPTIONS,
        frozen: { help: 'What is not compared is a failure too.' },
        rerun: { help: 'Makes the pictures once more and compares them with those that are there.' },
        against: {
            value: 'RUN',
            help: "Compares with another run: its folder, a folder of runs (.sdspec/runs), a spec's folder, or a record.json alone.",
        },
        json: { help: 'Writes the findings as JSON to stdout.' },
        update: { short: 'u', help: 'Writes sdspec.lock instead of comparing with it, as `sdspec lock` does.' },
    },
    async run(call) {
        if (call.flag('update')) {
            if (call.flag('frozen')) throw new UsageError('--frozen compares with sdspec.lock, --update writes it.');
            return lock.run(call);
        }
        const [json, frozen] = [call.flag('json'), call.flag('frozen')];
        const options = runOptions(call);
        const against = otherRunOf(call);
        const chosen = await chooseRuns(call);
        if (!chosen) return EXIT.spec;
        const locked = readLockFile(chosen.spec.base);
        const verified: Verified[] = [];
        const report = (one: Verified) => {
            verified.push(one);
            if (!json) print(one);
        };
        const runtime = startRuntime({ verbose: call.flag('verbose') });
        let ended: readonly Ended[];
        try {
            const runs = runsFolder(chosen.spec.base, options.out);
            const damaged = options.force || against ? [] : await damagedRuns(chosen, runs, locked, runtime);
            for (const one of damaged) report(one);
            const rest = chosen.runs.filter(({ name }) => !damaged.some((one) => one.name === name));
            // A device that is asked for is that of the rerun: what is there stays as it was made.
            const { device: _, threads: __, ...others } = options;
            ended = await runAll({ ...chosen, runs: rest }, runtime, against?.kind === 'rerun' ? others : options, {
                ended: async (one) => {
                    if (!against) report(await verifiedOf(one, locked, runtime));
                },
            });
            if (against) {
                const { spec } = chosen;
                for (const one of await compareAll(against, { spec, ended, options, runtime })) report(one);
            }
        } finally {
            await runtime.stop();
        }
        const unlocked = against ? [] : unlockedSpec(locked, chosen, verified);
        const general = against ? [] : [...lockFindings(locked, chosen), ...unlocked];
        const failures = [
            ...verified.flatMap((one) => failuresOf(one, locked, frozen)),
            ...(frozen ? general : unlocked),
        ];
        const passed = failures.length === 0 && verified.every(({ outcome }) => outcome === 'done');
        if (json)
            console.log(JSON.stringify({ spec: chosen.spec.name, passed, lock: general, runs: verified }, null, 2));
        else for (const line of describeFindings('sdspec.lock', general)) console.log(line);
        if (!against && verified.some(({ findings }) => findings.some(({ verdict }) => verdict === 'not compared')))
            console.error(`Write what is not locked: sdspec lock ${call.words.join(' ')}`);
        return exitCode(ended) || (failures.length > 0 ? EXIT.failed : EXIT.done);
    },
};

/** Stored runs whose files are not what they made. They are not run again: what is there is for the user to look at. */
async function damagedRuns(
    { runs }: ChosenRuns,
    folder: string,
    locked: LockFile,
    runtime: Runtime,
): Promise<readonly Verified[]> {
    const damaged: Verified[] = [];
    for (const run of runs) {
        const stored = findRun(folder, run.name, run.work);
        if (!stored || stored.state === 'running') continue;
        const pictures = pictureFindings(stored.record, await runtime.examine(stored.folder), locked.entries);
        const learnt = await learntFindings(stored.folder, stored.record, locked.entries);
        const changed = planFindings(stored, run);
        const findings = [...changed, ...pictures, ...learnt];
        if (changed.length === 0 && !findings.some(({ foreign }) => foreign)) continue;
        damaged.push({ name: run.name, outcome: 'done', folder: stored.folder, expectations: [], findings });
    }
    return damaged;
}

/** Whether `plan.json` is still the plan that the pictures were made from. */
function planFindings(stored: StoredRun, { work }: Run): readonly LockFinding[] {
    if (digest((storedPlan(stored) as Partial<Run> | null | undefined)?.work ?? null) === digest(work)) return [];
    const because = 'it is not the plan that the spec makes; `sdspec run --force` writes it again';
    return [{ what: 'plan', name: join(stored.folder, 'plan.json'), verdict: 'different', because }];
}

async function verifiedOf({ run: { name }, outcome }: Ended, locked: LockFile, runtime: Runtime): Promise<Verified> {
    const ended = { name, outcome: outcome.kind, expectations: [], findings: [] };
    if (outcome.kind === 'failed') return { ...ended, message: outcome.failure.message };
    if (outcome.kind !== 'done') return ended;
    const { folder, record } = outcome;
    const pictures = pictureFindings(record, await runtime.examine(folder), locked.entries);
    const outputs = [...pictures, ...(await learntFindings(folder, record, locked.entries))];
    const findings = [
        ...(locked.exists ? outputs : outputs.map(withoutLock)),
        ...(locked.exists ? fileFindings(record, locked.entries) : []),
        ...leftoverFindings(record, locked.entries),
    ];
    return { ...ended, folder, expectations: record.expectations ?? [], findings };
}

function withoutLock(finding: LockFinding): LockFinding {
    return finding.verdict === 'not compared' ? { ...finding, because: 'there is no sdspec.lock' } : finding;
}

/** What is wrong with the lock itself, seen from this spec. */
function lockFindings({ exists, entries, unreadable }: LockFile, { spec }: ChosenRuns): readonly LockFinding[] {
    const broken = unreadable.map(({ line, text }): LockFinding => {
        const isMerge = /^(<{7}|={7}|>{7})/.test(text);
        const because = isMerge ? 'it is a mark of a merge that is not finished' : "it can't be read";
        return { what: 'line', name: `line ${line}`, verdict: 'not compared', because };
    });
    if (exists && entries.length === 0 && broken.length === 0) {
        broken.push({ what: 'line', name: 'all lines', verdict: 'not compared', because: 'it has none' });
    }
    const strangers = entries.flatMap((one) =>
        (one.kind === 'output' || one.kind === 'learnt') && one.spec === spec.name && !spec.names.includes(one.name)
            ? one.name
            : [],
    );
    const left = [...new Set(strangers)].map((name): LockFinding => {
        return {
            what: 'line',
            name: `lines of ${name}`,
            verdict: 'not compared',
            because: `${spec.name} has no ${name}`,
        };
    });
    return [...broken, ...left];
}

/** A lock of other specs, where this one has neither a line nor an expectation: nothing could be verified. */
function unlockedSpec(
    { exists, entries, unreadable }: LockFile,
    { spec }: ChosenRuns,
    verified: readonly Verified[],
): readonly LockFinding[] {
    const isLocked = entries.some((one) => (one.kind === 'output' || one.kind === 'learnt') && one.spec === spec.name);
    if (!exists || entries.length === 0 || isLocked || unreadable.length > 0 || verified.some(isJudged)) return [];
    return [{ what: 'line', name: `lines of ${spec.name}`, verdict: 'not compared', because: 'there are none' }];
}

function isJudged({ expectations }: Verified): boolean {
    return expectations.some(({ verdict }) => verdict !== 'skipped');
}

/** Without a lock, expectations that were judged are what a run is verified by. */
function failuresOf(verified: Verified, { exists }: LockFile, frozen: boolean): readonly unknown[] {
    const { expectations, findings } = verified;
    const missed = expectations.filter(({ verdict }) => verdict === 'missed');
    const isExpected = isJudged(verified);
    const bad = findings.filter(({ what, verdict, unexpected }) => {
        if (verdict !== 'not compared') return verdict === 'different' || unexpected === true;
        return frozen && !(isExpected && (!exists || what === 'result'));
    });
    return [...missed, ...bad];
}

function print({ name, outcome, message, expectations, findings, causes = [], kept }: Verified): void {
    const line = (verdict: string, text: string) => console.log(`${verdict.padEnd(VERDICT_WIDTH)}  ${name}: ${text}`);
    if (outcome === 'failed') line('failed', `${message}`);
    for (const { verdict, message: text } of expectations) line(verdict, text);
    for (const text of describeFindings(name, findings)) console.log(text);
    for (const cause of causes) line('', cause);
    if (kept !== undefined) line('', `the pictures made again are kept in ${kept}`);
}
