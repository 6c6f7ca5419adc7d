/** Pictures that the spec itself makes: carried out before what is made of them. */
import { join } from 'node:path';
import type { PicturePlan } from '../../plan/plan.ts';
import type { MadeSource } from '../../plan/sources.ts';
import { madeFirst } from '../../plan/sources.ts';
import type { RunEvent } from '../events.ts';
import { RunError } from '../run-error.ts';
import { carryOut } from './carry-out.ts';
import type { FileDigests } from './file-digests.ts';
import { checkInputs } from './inputs.ts';
import type { MadeFiles } from './read-source.ts';
import type { RunRequest } from './request.ts';
import { usableRun } from './up-to-date.ts';
import type { Workshop } from './workshop.ts';

export interface MakingFirst {
    /** Of the run that the pictures are made for. */
    readonly request: RunRequest;
    readonly workshop: Workshop;
    readonly digests: FileDigests;
    readonly emit: (event: RunEvent) => void;
    readonly signal: AbortSignal;
}

/** Makes the first seed of every plan that this plan's pictures are made by, where it is not there yet. */
export function makeFirst(plan: PicturePlan, making: MakingFirst): Promise<MadeFiles> {
    return makeSources(madeFirst(plan), making);
}

/** Makes the first seed of every source, where it is not there yet. */
export async function makeSources(sources: readonly MadeSource[], making: MakingFirst): Promise<MadeFiles> {
    const { request, emit, signal } = making;
    const made = new Map<PicturePlan, string>();
    for (const { name, plan: source } of sources) {
        const there = made.get(source) ?? (await madeBefore(name, source, making));
        if (there !== undefined) {
            made.set(source, there);
            continue;
        }
        emit({ kind: 'notice', text: `Making ${name} first.` });
        const work = { ...source, seeds: source.seeds.slice(0, 1) };
        const outcome = await carryOut(innerRequest(name, work, request), making.workshop, {
            signal,
            emit: (event) => event.kind === 'notice' && emit(event),
        });
        if (outcome.kind === 'cancelled') throw new RunError('run/cancelled', 'Stopped.');
        if (outcome.kind === 'failed') {
            const { message, ...rest } = outcome.failure;
            throw Object.assign(new Error(`${name} could not be made: ${message}`), rest);
        }
        made.set(source, join(outcome.folder, outcome.record.pictures[0]!.file));
    }
    return made;
}

/** The picture in the run of the whole plan, all seeds, where that is done. */
async function madeBefore(name: string, plan: PicturePlan, making: MakingFirst): Promise<string | undefined> {
    const { request, digests, workshop } = making;
    const inputs = await checkInputs(plan, request.base, digests);
    const run = await usableRun(innerRequest(name, plan, request), inputs, digests, workshop);
    const picture = run?.record.pictures.find(({ seed }) => seed === plan.seeds[0]);
    return run && picture && join(run.folder, picture.file);
}

/** Neither forced nor with tensors: those are wishes about the run that the picture is made for. */
function innerRequest(name: string, work: PicturePlan, request: RunRequest): RunRequest {
    const { tensors: _, force: __, ...options } = request.options ?? {};
    return { ...request, run: { name, work, expect: [] }, options };
}
