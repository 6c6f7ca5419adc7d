/** Comparing runs with others of the same spec: made once more here, or made elsewhere. */
import { existsSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { digest } from '../plan/digest.ts';
import type { Run } from '../plan/run.ts';
import { withClaim } from '../runtime/claim.ts';
import type { Runtime } from '../runtime/process/client.ts';
import type { LockFinding } from '../runtime/run/lock/findings.ts';
import type { ExpectationResult } from '../runtime/run/record.ts';
import type { RunOptions, RunOutcome } from '../runtime/run/request.ts';
import { ignoreInGit, listRuns, refuseLinks, runFolder, runsFolder } from '../runtime/run/runs.ts';
import { RunError } from '../runtime/run-error.ts';
import { makeFolder, removeLeftovers, withTemporary } from '../runtime/write-whole.ts';
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
    if (other.kind === 'rerun') return rerunAll(all);
    const verified: Verified[] = [];
    for (const one of all.ended) {
        if (one.outcome.kind !== 'done') verified.push(unfinished(one));
        else verified.push(await against(one.run, one.outcome.folder, otherFolder(other.path, one.run), all));
    }
    return verified;
}

function unfinished({ run, outcome }: Ended): Verified {
    const named = { name: run.name, outcome: outcome.kind, expectations: [], findings: [] };
    return outcome.kind === 'failed' ? { ...named, message: outcome.failure.message } : named;
}

/**
 * Makes the runs once more, with the pictures that they are made of, in a new folder. Runs whose pictures are not the
 * same are kept in `.sdspec/verify`; what an earlier rerun left there stays until then.
 * @throws RunError `output/link`
 */
async function rerunAll(all: Compared): Promise<readonly Verified[]> {
    const { base } = all.spec;
    const verify = join(base, '.sdspec', 'verify');
    const keptFolder = ({ name, work }: Run) => runFolder(verify, name, work);
    for (const { run } of all.ended)
        refuseLinks(base, runsFolder(base), keptFolder(run), 'Remove the link: pictures are made again there.');
    await ignoreInGit(base);
    await makeFolder(verify);
    await removeLeftovers(verify);
    const begun = Date.now();
    return withTemporary(join(verify, 'rerun'), async (out) => {
        const verified: Verified[] = [];
        const made: Run[] = [];
        for (const one of all.ended) {
            if (one.outcome.kind !== 'done') {
                verified.push(unfinished(one));
                continue;
            }
            const again = await rerun(one.run, one.outcome.folder, out, all);
            const differs = again.findings.some(({ verdict }) => verdict !== 'identical');
            verified.push(differs ? { ...again, kept: keptFolder(one.run) } : again);
            // Stopped by the user.
            if (again.outcome === 'cancelled') break;
            if (again.outcome !== 'done') continue;
            if (differs) made.push(one.run);
            else await replace(keptFolder(one.run), undefined, begun);
        }
        // At the end: runs that follow may be made of the pictures of those before.
        for (const run of made) await replace(keptFolder(run), runFolder(out, run.name, run.work), begun);
        return verified;
    });
}

/** Puts a rerun in the place of the last one, or removes that; one of another process, which is newer, is not removed. */
async function replace(kept: string, made: string | undefined, begun: number): Promise<void> {
    if (made === undefined && !existsSync(kept)) return;
    await makeFolder(dirname(kept));
    const busy = (owner: number) =>
        new RunError('runtime/ended', `Process ${owner} writes ${kept}. Verify again when it has ended.`);
    await withClaim(join(dirname(kept), `.${basename(kept)}.claim`), { waitMs: 10_000, busy }, () =>
        withTemporary(kept, async (aside) => {
            const last = await stat(kept).catch(() => undefined);
            if (last && (made !== undefined || last.mtimeMs < begun)) await rename(kept, aside);
            if (made !== undefined) await rename(made, kept);
        }),
    );
}

async function rerun(run: Run, folder: string, out: string, all: Compared): Promise<Verified> {
    const { spec, options, runtime } = all;
    const [ended] = await runAll({ spec, runs: [run] }, runtime, { ...options, out, force: true });
    if (ended?.outcome.kind === 'done') return against(run, folder, ended.outcome.folder, all);
    const message = ended?.outcome.kind === 'failed' ? ended.outcome.failure.message : 'Stopped.';
    return { name: run.name, outcome: ended?.outcome.kind ?? 'cancelled', message, expectations: [], findings: [] };
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
