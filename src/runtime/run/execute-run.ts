/** Carries a run out: from its plan to a folder with pictures, contact sheet and record. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cellsIn } from '../../plan/cells.ts';
import { digest } from '../../plan/digest.ts';
import type { Run, Work } from '../../plan/run.ts';
import type { RunEvent } from '../events.ts';
import { forgetTiles } from '../mosaic/tile-store.ts';
import { failureOf, isCancelled } from '../run-error.ts';
import { tensorFile } from '../tensor-sink.ts';
import { removeLeftovers, writeWhole } from '../write-whole.ts';
import { judgedRecord } from './expectations/judged-record.ts';
import { type FileDigests, fileDigests } from './inputs/file-digests.ts';
import { checkInputs } from './inputs/inputs.ts';
import { otherCpusNotice, versions } from './machine.ts';
import { makeWork, together } from './make-work.ts';
import { type OpenRecord, openRecord } from './open-record.ts';
import type { RecordedFile } from './record.ts';
import type { RunRequest, Supervision, WholeOutcome } from './request.ts';
import { withRunClaim } from './run-claim.ts';
import type { MadeFirstContext, RunContext } from './run-context.ts';
import type { RunServices } from './run-services.ts';
import { ignoreInGit, refuseLinks, runFolder, runsFolder, setAside, TILES } from './runs.ts';
import { type UsableRun, usableRun } from './up-to-date.ts';

/**
 * Carries a run out and never throws: how it ended is the outcome. Work that is done already is not done again;
 * of an interrupted run only the missing pictures are made.
 */
export async function executeRun(
    request: RunRequest,
    workshop: RunServices,
    supervision: Supervision,
): Promise<WholeOutcome> {
    const { run, base, options = {} } = request;
    const runs = runsFolder(base, options.out);
    const folder = runFolder(runs, run.name, run.work);
    try {
        refuseLinks(base, runs, folder);
    } catch (error) {
        return outcomeOf(error, folder, undefined);
    }
    const digests = await fileDigests(join(base, '.sdspec', 'digests.json'));
    const place: RunPlace = { request, workshop, supervision, folder, digests };
    try {
        const done = await upToDate(place);
        return done ?? (await withRunClaim(folder, run.name, supervision, () => makeRun(place)));
    } catch (error) {
        return outcomeOf(error, folder, undefined);
    } finally {
        await digests.save();
    }
}

interface RunPlace {
    readonly request: RunRequest;
    readonly workshop: RunServices;
    readonly supervision: Supervision;
    readonly folder: string;
    readonly digests: FileDigests;
}

/** The outcome of a run that is done already. */
async function upToDate({
    request,
    workshop,
    supervision,
    folder,
    digests,
}: RunPlace): Promise<WholeOutcome | undefined> {
    if (request.options?.tensors) return undefined;
    const inputs = await checkInputs(request.run.work, request.base, digests);
    const earlier = await usableRun(request, inputs, digests, workshop);
    if (earlier?.state !== 'complete') return undefined;
    await keepPlan(folder, request.run);
    const record = await judgedRecord(earlier.record, folder, { request, workshop, digests, ...supervision });
    return { kind: 'done', folder, record, upToDate: true };
}

/** Writes the plan again where it was damaged, or where the spec expects another thing now. */
async function keepPlan(folder: string, run: Run): Promise<void> {
    const file = join(folder, 'plan.json');
    const text = planText(run);
    const same = await readFile(file, 'utf8').then(
        (there) => there === text,
        () => false,
    );
    // A folder that is read-only is read all the same.
    if (!same) await writeWhole(file, text).catch(() => {});
}

function planText(run: Run): string {
    return `${JSON.stringify(run, null, 2)}\n`;
}

async function makeRun(place: RunPlace): Promise<WholeOutcome> {
    // Another process may have made it while this one waited.
    const done = await upToDate(place);
    if (done) return done;
    const { request, workshop, supervision, folder, digests } = place;
    const { options = {} } = request;
    let record: OpenRecord | undefined;
    const inner: MadeFirstContext = { request, workshop, digests, ...supervision };
    try {
        const inputs = await checkInputs(request.run.work, request.base, digests);
        const earlier = await usableRun(request, inputs, digests, workshop);
        record = await begin(request, folder, inputs, earlier);
        const emit = recordedEvents(record, supervision.emit);
        if (earlier) await setForeignAside(earlier, folder, emit);
        const sink = options.tensors ? tensorFile(options.tensors.sites) : undefined;
        const making: RunContext = {
            ...inner,
            folder,
            record,
            usesBefore: new Map(),
            ...(sink ? { sink } : {}),
            emit,
            ...(options.keep ? { keep: AbortSignal.abort() } : supervision.keep ? { keep: supervision.keep } : {}),
        };
        if (earlier && earlier.record.pictures.length > 0) announceKept(earlier, making);
        const results = await makeWork(making, inputs);
        if (sink && options.tensors) sink.save(options.tensors.file);
        if (results.failures && results.failures.length > 0) {
            const failure = together(results.failures, record.now);
            const { notices, pictures } = await record.close({ state: 'failed', failure, ...results });
            return { kind: 'failed', failure, notices, pictures: pictures.length, folder };
        }
        // What was stopped before its end is not complete, even where nothing was left to do.
        supervision.signal.throwIfAborted();
        const whole = await record.close({ state: 'complete', ...results });
        return { kind: 'done', folder, record: await judgedRecord(whole, folder, inner), upToDate: false };
    } catch (error) {
        return outcomeOf(error, folder, record);
    }
}

/** What is in the place of the run's pictures and is none of them makes room. */
async function setForeignAside({ foreign }: UsableRun, folder: string, emit: (event: RunEvent) => void): Promise<void> {
    for (const file of foreign) {
        const kept = await setAside(folder, file);
        const text = `${file} was not the picture that this run made: it is made again, and what was there is kept as ${kept}.`;
        emit({ kind: 'notice', text });
    }
}

function announceKept(earlier: UsableRun, { folder, record, emit }: RunContext): void {
    const pictures = earlier.record.pictures.map(({ cell, seed, file }) => ({ cell, seed, file: join(folder, file) }));
    emit({ kind: 'kept', pictures });
    const mixed = otherCpusNotice(record.now);
    if (mixed) emit({ kind: 'notice', text: mixed });
}

async function begin(
    request: RunRequest,
    folder: string,
    inputs: readonly RecordedFile[],
    earlier: UsableRun | undefined,
): Promise<OpenRecord> {
    const { run, base, spec, options = {} } = request;
    // Beside the spec, `lock` and `format` may have been killed while they wrote.
    await removeLeftovers(base);
    if (!options.out) await ignoreInGit(base);
    // Tiles of other inputs, weights or versions are not built upon.
    if (!earlier) await forgetTiles(join(folder, TILES));
    await writeWhole(join(folder, 'plan.json'), planText(run));
    return openRecord(folder, {
        run,
        digest: digest(run.work),
        ...(spec === undefined ? {} : { spec }),
        cells: cellCount(run.work),
        versions: versions(),
        // Kept where every picture is there already and no model is opened any more.
        device: earlier?.record.device ?? {
            asked: options.device ?? 'auto',
            used: '',
            threads: options.threads ?? 0,
            fallbacks: [],
            options: {},
        },
        inputs,
        ...(earlier ? { earlier: earlier.record } : {}),
    });
}

/** A picture made of parts counts as one; a learning need not make any. */
function cellCount(work: Work): number {
    const cells = cellsIn(work).length;
    return work.kind === 'learn' ? cells : Math.max(1, cells);
}

/** Events on their way out, which the record receives too. Each notice counts once for the run, whichever of its cells repeats it. */
function recordedEvents(record: OpenRecord, emit: (event: RunEvent) => void): (event: RunEvent) => void {
    const said = new Set<string>();
    return (event) => {
        record.onEvent(event);
        if (event.kind === 'notice') {
            if (said.has(event.text)) return;
            said.add(event.text);
        }
        emit(event);
    };
}

async function outcomeOf(error: unknown, folder: string, record: OpenRecord | undefined): Promise<WholeOutcome> {
    const pictures = record?.now.pictures.length ?? 0;
    const cancelled = isCancelled(error);
    const failure = failureOf(error);
    // The record may be what could not be written; the reason is reported all the same.
    await record?.close(cancelled ? { state: 'cancelled' } : { state: 'failed', failure }).catch(() => {});
    if (cancelled) return { kind: 'cancelled', pictures, ...(record ? { folder } : {}) };
    return { kind: 'failed', failure, notices: record?.now.notices ?? [], pictures, ...(record ? { folder } : {}) };
}
