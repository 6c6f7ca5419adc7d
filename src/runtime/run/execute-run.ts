/** Carries a run out: from its plan to a folder with pictures, contact sheet and record. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cell, cellsIn } from '../../plan/cells.ts';
import { digest } from '../../plan/digest.ts';
import { assertNever } from '../../plan/problem.ts';
import type { Run, Work } from '../../plan/run.ts';
import type { MadeSource } from '../../plan/sources.ts';
import type { RunEvent } from '../events.ts';
import { forgetTiles } from '../mosaic/tile-store.ts';
import { type Failure, failureOf, isCancelled } from '../run-error.ts';
import { tensorFile } from '../tensor-sink.ts';
import { removeLeftovers, writeWhole } from '../write-whole.ts';
import { reuseCells } from './cells/reuse-cells.ts';
import { judge } from './expect.ts';
import { type FileDigests, fileDigests } from './file-digests.ts';
import { checkInputs } from './inputs.ts';
import { runLearning } from './learning/run-learning.ts';
import { readLock } from './lock/lock.ts';
import { otherCpusNotice, versions } from './machine.ts';
import { type MadeFirstContext, makeSource } from './make-first.ts';
import { makePictures, type RunContext, scanPictures, showDraft } from './make-pictures.ts';
import { measureSweep } from './measures/measures.ts';
import { makeMosaic } from './mosaic/make-mosaic.ts';
import { type OpenRecord, openRecord } from './open-record.ts';
import { makePrint } from './prints/make-print.ts';
import type { RecordedFailure, RecordedFile, RunRecord } from './record.ts';
import type { RunRequest, Supervision, WholeOutcome } from './request.ts';
import { withRunClaim } from './run-claim.ts';
import type { RunServices } from './run-services.ts';
import {
    ignoreInGit,
    refuseLinks,
    runFolder,
    runsFolder,
    type StoredRun,
    setAside,
    TILES,
    writeRecord,
} from './runs.ts';
import { saveScan, saveTogether } from './save.ts';
import { missingFrom } from './shards/gather.ts';
import { usableRun } from './up-to-date.ts';

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
    const record = await judged(earlier.record, folder, { request, workshop, digests, ...supervision });
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
        for (const file of earlier?.foreign ?? []) {
            const kept = await setAside(folder, file);
            emit({
                kind: 'notice',
                text: `${file} was not the picture that this run made: it is made again, and what was there is kept as ${kept}.`,
            });
        }
        const sink = options.tensors ? tensorFile(options.tensors.sites) : undefined;
        const making: RunContext = {
            request,
            folder,
            workshop,
            digests,
            record,
            ...(sink ? { sink } : {}),
            emit,
            signal: supervision.signal,
            ...(options.keep ? { keep: AbortSignal.abort() } : supervision.keep ? { keep: supervision.keep } : {}),
        };
        const kept = earlier?.record.pictures ?? [];
        if (kept.length > 0) {
            const pictures = kept.map(({ cell, seed, file }) => ({ cell, seed, file: join(folder, file) }));
            emit({ kind: 'kept', pictures });
            const mixed = otherCpusNotice(record.now);
            if (mixed) emit({ kind: 'notice', text: mixed });
        }
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
        return { kind: 'done', folder, record: await judged(whole, folder, inner), upToDate: false };
    } catch (error) {
        return outcomeOf(error, folder, record);
    }
}

/** Makes what is missing of the work, and returns what the record says about the whole. */
async function makeWork(making: RunContext, inputs: readonly RecordedFile[]): Promise<Results> {
    const { folder, record, workshop, request } = making;
    const { work } = request.run;
    const cells = cellsIn(work);
    // Tensors are wanted of every picture, made before or not.
    const isGathering = request.options?.gather === true;
    const wanted = making.sink ? cells : isGathering ? [] : missing(cells, record.now);
    const left = isGathering ? missingFrom(folder, missing(cells, record.now)) : [];
    switch (work.kind) {
        case 'picture':
            return failuresIn([...(await makeOrReuse(wanted, cells, inputs, making)), ...left]);
        case 'sweep': {
            const failures = [...(await makeOrReuse(wanted, cells, inputs, making)), ...left];
            const whole = await saveTogether(folder, work, cells, record.now, workshop);
            // A scan compares all of its pictures.
            if (failures.length > 0) return { ...whole, failures };
            return { ...whole, ...(await saveScan(folder, work, cells, scanPictures(making))) };
        }
        case 'learn':
            return runLearning(work, making);
        case 'mosaic':
            return makeMosaic(work, making);
        case 'print':
            return makePrint(work, making);
        default:
            return assertNever(work);
    }
}

/** Makes the wanted pictures that no other run has made, and all that turn out to have been copied from another device. */
async function makeOrReuse(
    wanted: readonly Cell[],
    cells: readonly Cell[],
    inputs: readonly RecordedFile[],
    making: RunContext,
): Promise<readonly RecordedFailure[]> {
    const { record, request, emit } = making;
    const { force, gather, draft } = request.options ?? {};
    const unknown = making.sink || force ? wanted : await reuseCells(wanted, inputs, making);
    const copies = new Set(record.now.pictures.filter(({ from }) => from).map(({ cell }) => cell));
    if (draft && unknown.length === 1) await showDraft(draft, unknown, making);
    const failures = await makePictures(unknown, making);
    const dropped = gather ? [] : missing(cells, record.now).filter(({ index }) => copies.has(index));
    if (dropped.length === 0) return failures;
    const text = `What was taken from other runs is made again: this run is on ${record.now.device.used}, in a way that differs from theirs.`;
    emit({ kind: 'notice', text });
    return [...failures, ...(await makePictures(dropped, making))];
}

function failuresIn(failures: readonly RecordedFailure[]): Results {
    return failures.length > 0 ? { failures } : {};
}

/** So many failed pictures are named; the record has all of them. */
const MAX_NAMED = 8;

/** One failure that names the pictures which failed, those of one reason together. */
function together(failures: readonly RecordedFailure[], { cells }: RunRecord): Failure {
    const [first] = failures as readonly [RecordedFailure];
    const { cell: _, seed: __, labels: ___, ...failure } = first;
    const reasons = new Map<string, string[]>();
    for (const { seed, labels = { seed: `${seed}` }, message } of failures.slice(0, MAX_NAMED)) {
        const name = Object.entries(labels).map((pair) => pair.join(' '));
        reasons.set(message, [...(reasons.get(message) ?? []), name.join(', ')]);
    }
    const why = [...reasons].map(([message, names]) => `${names.join('; ')}: ${message}`);
    const more = failures.length > MAX_NAMED ? ` And ${failures.length - MAX_NAMED} more.` : '';
    const message = `${failures.length} of ${cells} pictures could not be made; the next run tries them again. ${why.join(' ')}${more}`;
    return { ...failure, message };
}

/** What a record says about a finished run as a whole. */
type Results = Omit<Parameters<OpenRecord['close']>[0], 'state' | 'failure'>;

async function begin(
    request: RunRequest,
    folder: string,
    inputs: readonly RecordedFile[],
    earlier: StoredRun | undefined,
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

/** Events on their way out, which the record receives too. */
/** Each notice counts once for the run, whichever of its cells repeats it. */
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

function missing(cells: readonly Cell[], { pictures }: RunRecord): readonly Cell[] {
    const made = new Set(pictures.map(({ cell }) => cell));
    return cells.filter(({ index }) => !made.has(index));
}

/** The record with its pictures measured and judged as the spec states it now. */
async function judged(record: RunRecord, folder: string, making: MadeFirstContext): Promise<RunRecord> {
    const { request, workshop, emit } = making;
    const { run, base } = request;
    const { expectations: _, measures: __, ...rest } = record;
    const { measure, work } = run;
    if (run.expect.length === 0 && !measure) return rest;
    if (measure) emit({ kind: 'stage', stage: 'measure' });
    const measures =
        measure && work.kind === 'sweep' ? await measureSweep(work, measure, record, folder, making) : undefined;
    const measured = measures ? { ...rest, measures } : rest;
    const judging = {
        record: measured,
        folder,
        base,
        lock: readLock(base),
        makeSource: (one: MadeSource) => makeSource(one, making),
    };
    const expectations = await judge(run.expect, judging, workshop);
    const whole = expectations.length > 0 ? { ...measured, expectations } : measured;
    await writeRecord(folder, whole);
    return whole;
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
