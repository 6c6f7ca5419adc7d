/** A record during its run: written when the run begins, after every picture, and when it ends. */

import type { Run } from '../../plan/run.ts';
import type { RunEvent } from '../events.ts';
import { cpusOf, hostOf, isSameDevice } from './machine.ts';
import type { RecordedDevice, RecordedFile, RecordedModel, RecordedPicture, RunRecord } from './record.ts';
import { beatRecord, writeRecord } from './runs.ts';

export interface OpenRecord {
    /** The current record. */
    readonly now: RunRecord;
    /** Receives the run's events: notices and the seconds of each phase. */
    onEvent(event: RunEvent): void;
    /** Whether a picture that is about to be saved is still wanted. */
    wants(cell: number): Promise<boolean>;
    /**
     * Adds a finished picture, in the order of the cells, and writes the record. One that was made on another device than the
     * copied ones takes those out: they are missing then.
     */
    add(picture: RecordedPicture): Promise<void>;
    /** Where the work runs: asked for again at every writing, since sessions are made as they are needed. */
    watchDevice(now: () => RecordedDevice): void;
    addModel(model: RecordedModel): void;
    /** Writes what is finished of a work that has no pictures of its own. */
    note(change: Pick<RunRecord, 'print'>): Promise<void>;
    /** Ends the record and writes it. Throws where a complete run has fewer pictures than cells. */
    close(
        end: Pick<RunRecord, 'state' | 'sheet' | 'animation' | 'scan' | 'mosaic' | 'print' | 'failure' | 'failures'> &
            Partial<Pick<RunRecord, 'cells' | 'learnt'>>,
    ): Promise<RunRecord>;
}

export interface RecordHead {
    readonly run: Run;
    readonly digest: string;
    readonly spec?: string;
    readonly cells: number;
    readonly versions: Readonly<Record<string, string>>;
    readonly device: RecordedDevice;
    readonly inputs: readonly RecordedFile[];
    /** An earlier attempt, whose pictures are kept. */
    readonly earlier?: RunRecord;
}

/** Begins a record in `folder`. */
export async function openRecord(folder: string, { run, spec, earlier, ...head }: RecordHead): Promise<OpenRecord> {
    const begun = performance.now();
    const timings: Record<string, number> = { ...earlier?.timings };
    // Where nothing is left to make, nothing is opened: then the pictures are those of the earlier device.
    const first = earlier?.device.used ? earlier.device : head.device;
    let device = () => first;
    /** The device of the pictures that were copied from other runs; undefined where there are none. */
    let copied = earlier?.pictures.some(({ from }) => from) ? earlier.device : undefined;
    const otherCpus = earlier?.pictures.length ? cpusOf(earlier).filter((cpu) => cpu !== hostOf().cpu) : [];
    let phase: { readonly name: string; readonly since: number } | undefined;
    let record: RunRecord = {
        format: 1,
        name: run.name,
        kind: run.work.kind,
        ...(spec === undefined ? {} : { spec }),
        ...head,
        state: 'running',
        process: process.pid,
        ...hostOf(),
        ...(otherCpus.length > 0 ? { otherCpus } : {}),
        started: new Date().toISOString(),
        seconds: 0,
        models: earlier?.models ?? [],
        notices: [],
        timings,
        pictures: earlier?.pictures ?? [],
        ...(earlier?.workers ? { workers: earlier.workers } : {}),
        ...(earlier?.print ? { print: earlier.print } : {}),
    };

    function closePhase(): void {
        if (phase) timings[phase.name] = round((timings[phase.name] ?? 0) + (performance.now() - phase.since) / 1000);
        phase = undefined;
    }

    async function write(change: Partial<RunRecord>): Promise<RunRecord> {
        const seconds = round((earlier?.seconds ?? 0) + (performance.now() - begun) / 1000);
        record = { ...record, ...change, device: device(), seconds, timings: { ...timings } };
        await writeRecord(folder, record);
        return record;
    }

    await write({});
    // Other machines that see the folder judge by the file's age whether this process lives.
    const beat = setInterval(() => beatRecord(folder).catch(() => {}), BEAT_MS);
    beat.unref();
    return {
        get now() {
            return record;
        },
        onEvent(event) {
            if (event.kind === 'notice' && !record.notices.includes(event.text)) {
                record = { ...record, notices: [...record.notices, event.text] };
            }
            const name = event.kind === 'learn' ? event.kind : event.kind === 'stage' ? event.stage : undefined;
            // A draft is no part of the making of the picture.
            if (name === 'draft') closePhase();
            if (name === undefined || name === 'draft' || name === phase?.name) return;
            closePhase();
            phase = { name, since: performance.now() };
        },
        async wants() {
            return true;
        },
        async add(picture) {
            const isMixed = !picture.from && copied !== undefined && !isSameDevice(copied, device());
            const others = record.pictures.filter(({ cell, from }) => cell !== picture.cell && !(isMixed && from));
            if (isMixed || picture.from) copied = picture.from ? device() : undefined;
            await write({ pictures: [...others, picture].sort((a, b) => a.cell - b.cell) });
        },
        watchDevice(now) {
            device = now;
        },
        addModel(model) {
            const others = record.models.filter(({ name }) => name !== model.name);
            record = { ...record, models: [...others, model] };
        },
        async note(change) {
            await write(change);
        },
        async close(end) {
            closePhase();
            clearInterval(beat);
            const { cells = record.cells, state } = end;
            if (state === 'complete') refuseMissing(record.pictures, cells);
            return write({ ...end, finished: new Date().toISOString() });
        },
    };
}

/** A run without all of its pictures is not complete, whatever its parts say. Throws an error that is a bug's. */
function refuseMissing(pictures: readonly RecordedPicture[], cells: number): void {
    if (pictures.length >= cells) return;
    const made = new Set(pictures.map(({ cell }) => cell));
    const missing = Array.from({ length: cells }, (_, cell) => cell).find((cell) => !made.has(cell));
    throw new Error(`Picture ${missing} of ${cells} (counted from 0) was neither made nor reported as failed.`);
}

/** Between two signs of life: a picture may take minutes. */
const BEAT_MS = 10_000;

/** Milliseconds are enough. */
function round(seconds: number): number {
    return Math.round(seconds * 1000) / 1000;
}
