/** What there is to show of a run: what its folder holds, and what is known of it while it is running. */

import { pathToFileURL } from 'node:url';
import { cellsIn } from '../../plan/cells.ts';
import type { HubModel } from '../../plan/model-names.ts';
import type { Work } from '../../plan/run.ts';
import type { LiveRun } from '../runs/live-run.ts';
import type { StoredRun } from '../runs/records.ts';
import { baseOf, readWork, runIn, runsFolderOf, runsIn } from '../runs/records.ts';
import type { Runs } from '../runs/run.ts';
import type { Address } from './address.ts';
import { sizeOfWork } from './parts.ts';
import type { ShownPicture } from './shown-run.ts';

/** Undefined: there is no such run. */
export async function showingOf(folder: string, runs: Runs, baseOfRunnable?: FindBase): Promise<RunView | undefined> {
    const stored = runIn(folder);
    const run = runs.in(folder);
    const base = await baseOfRunnable?.(baseOf(folder), run ?? stored?.record);
    if (run) {
        const others = runsIn(runsFolderOf(run.base));
        const common = { folder, name: run.name, spec: run.spec, work: run.run.work, stored, others, base };
        if (run.state !== 'ended') return { ...common, live: run };
        const failure = run.outcome?.kind === 'failed' ? run.outcome.failure : stored?.record.failure;
        return { ...common, message: failure?.message, missing: failure?.missing };
    }
    if (!stored) return undefined;
    const { name, spec } = stored.record;
    const interrupted = 'This run ended before it was done: its window or its runtime was closed.';
    const failure = stored.state === 'interrupted' ? { message: interrupted } : stored.record.failure;
    return {
        folder,
        name,
        spec,
        work: await readWork(folder),
        stored,
        message: failure?.message,
        missing: stored.record.failure?.missing,
        others: runsIn(runsFolderOf(baseOf(folder))),
        base,
    };
}

/** A picture of a run that is running. Its digest and its trace are known once the run has ended. */
export function livePicture(run: LiveRun, picture: LiveRun['pictures'][number], address: Address): ShownPicture {
    const { cell, seed, file } = picture;
    const labels = labelsOf(run.run.work, cell);
    const { width, height } = sizeOf(run.run.work, cell);
    const src = address(file, run.id);
    return { cell, seed, src, file: pathToFileURL(file).href, width, height, ...(labels ? { labels } : {}), trace: [] };
}

function sizeOf(work: Work, cell: number) {
    return sizeOfWork(work, cellsIn(work)[cell]?.plan) ?? { width: 0, height: 0 };
}

function labelsOf(work: Work, cell: number): Readonly<Record<string, string>> | undefined {
    return cellsIn(work)[cell]?.labels;
}

export interface RunView {
    readonly folder: string;
    readonly name: string;
    readonly spec: string | undefined;
    readonly work: Work | undefined;
    readonly stored: StoredRun | undefined;
    /** The run while it is running. */
    readonly live?: LiveRun;
    /** Why a run ended without all pictures. */
    readonly message?: string | undefined;
    /** The hub model whose download would mend it. */
    readonly missing?: HubModel | undefined;
    /** All runs of the folder, newest first. */
    readonly others: readonly StoredRun[];
    /** The runnable that this one extends or is a sweep over. */
    readonly base?: string | undefined;
}

/** The name of the runnable that another one is based on, as the text says it now. */
export type FindBase = (
    folder: string,
    runnable: { readonly name: string; readonly spec?: string } | undefined,
) => Promise<string | undefined>;
