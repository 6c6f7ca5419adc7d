/** Comparing runs with others of the same spec: made once more here, or made elsewhere. */
import { existsSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { digest } from '../plan/digest.ts';
import type { Run } from '../plan/run.ts';
import type { Runtime } from '../runtime/process/client.ts';
import type { LockFinding } from '../runtime/run/lock/findings.ts';
import type { ExpectationResult } from '../runtime/run/record.ts';
import type { RunOptions, RunOutcome } from '../runtime/run/request.ts';
import { listRuns, runFolder, runsFolder } from '../runtime/run/runs.ts';
import { type Call, UsageError } from './command.ts';
import { type Ended, runAll } from './runs.ts';
import type { Spec } from './specs.ts';

/** What was found about one run. */
export interface Verified {
    readonly name: string;
    readonly outcome: RunOutcome['kind'];
    /** Why the run failed. */
    readonly message?: string;
    readonly folder?: string;
    readonly expectations: readonly ExpectationResult[];
    readonly findings: readonly LockFinding[];
    /** What differs between the records of the two runs that were compared. */
    readonly causes?: readonly string[];
    /** Where the pictures that were made again are, if they are not the same. */
    readonly kept?: string;
}

export type OtherRun = { readonly kind: 'rerun' } | { readonly kind: 'against'; readonly path: string };

/** What `--rerun` and `--against` ask for. */
export function otherRunOf(call: Call): OtherRun | undefined {
    const path = call.value('against');
    if (path !== undefined && call.flag('rerun')) {
        throw new UsageError(
            '--rerun compares with a run made now, --against with one that is there: give one of them.',
        );
    }
    if (call.flag('rerun')) return { kind: 'rerun' };
    if (path === undefined) return undefined;
    if (!existsSync(path)) throw new UsageError(`--against: there is no file or folder ${path}.`);
    return { kind: 'against', path: resolve(path) };
}

interface Compared {
    readonly spec: Spec;
    readonly ended: readonly Ended[];
    readonly options: RunOptions;
    readonly runtime: Runtime;
}

/** Compares each finished run. */
export async function compareAll(other: OtherRun, all: Compared): Promise<readonly Verified[]> {
    const verified: Verified[] = [];
    for (const one of all.ended) {
        const { run, outcome } = one;
        const named = { name: run.name, outcome: outcome.kind, expectations: [], findings: [] };
        if (outcome.kind === 'failed') verified.push({ ...named, message: outcome.failure.message });
        else if (outcome.kind !== 'done') verified.push(named);
        else if (other.kind === 'rerun') verified.push(await rerun(run, outcome.folder, all));
        else verified.push(await against(run, outcome.folder, otherFolder(other.path, run), all));
    }
    return verified;
}

/** Makes the run once more, in a folder that is kept only where its pictures are not the same. */
async function rerun(run: Run, folder: string, all: Compared): Promise<Verified> {
    const { spec, options, runtime } = all;
    const out = join(spec.base, '.sdspec', 'verify');
    const other = runFolder(out, run.name, run.work);
    rmSync(other, { recursive: true, force: true });
    const [ended] = await runAll({ spec, runs: [run] }, runtime, { ...options, out, force: true });
    const outcome = ended?.outcome;
    if (outcome?.kind !== 'done') {
        const message = outcome?.kind === 'failed' ? outcome.failure.message : 'Stopped.';
        return { name: run.name, outcome: outcome?.kind ?? 'cancelled', message, expectations: [], findings: [] };
    }
    const verified = await against(run, folder, other, all);
    if (verified.findings.some(({ verdict }) => verdict !== 'identical')) return { ...verified, kept: other };
    rmSync(other, { recursive: true, force: true });
    return verified;
}

async function against(run: Run, folder: string, other: string, { runtime }: Compared): Promise<Verified> {
    const { pictures, results, causes, sameEnvironment } = await runtime.compare(folder, other);
    const findings = [
        ...pictures.map((picture): LockFinding => ({ what: 'picture', ...picture })),
        ...results.map((result): LockFinding => ({ what: 'result', ...result })),
    ].map((finding) => {
        if (!sameEnvironment || finding.foreign || !/tolerance|same/.test(finding.verdict)) return finding;
        const parting = finding.because === undefined ? '' : `${finding.because}; `;
        const because = `${parting}nothing that is recorded differs, so the pixels should be the same`;
        return { ...finding, unexpected: true as const, because };
    });
    const isSame = findings.every(({ verdict }) => verdict === 'identical');
    return { name: run.name, outcome: 'done', folder, expectations: [], findings, ...(isSame ? {} : { causes }) };
}

/** The run that a path means: itself, a record alone, or the one of this plan, else the latest of this name, in a folder. */
function otherFolder(path: string, run: Run): string {
    if (basename(path) === 'record.json') return path;
    if (existsSync(join(path, 'record.json')) || existsSync(join(path, 'shards'))) return path;
    for (const runs of [path, runsFolder(path)]) {
        const found = listRuns(runs, run.name);
        const same = found.find(({ record }) => record.digest === digest(run.work)) ?? found[0];
        if (same) return same.folder;
    }
    throw new UsageError(`--against: ${path} has no run of ${run.name}.`);
}
