/** Starts the runtime's process and speaks to it. Used by the command line and the editor alike. */
import type { RunEvent } from '../events.ts';
import type { RunComparison } from '../run/compare/compare-runs.ts';
import type { ExaminedPicture } from '../run/lock/examine.ts';
import type { RunOutcome, RunRequest } from '../run/request.ts';
import { type Failure, RunError } from '../run-error.ts';
import { answerFailure, endChild, GRACE, ignore, type RuntimeOptions } from './child.ts';
import type { ExpectedModels } from './prepare-models.ts';
import {
    CompareMessage,
    DoctorMessage,
    type DoctorReport,
    type DoctorRequest,
    ExamineMessage,
    KeepMessage,
    PrepareMessage,
    type QueueEntry,
    ReorderMessage,
    RunMessage,
} from './protocol.ts';
import { type RunningProcess, startProcess } from './running-process.ts';
import { type ChildWork, cancel, endOf, endWithout, newWork } from './work.ts';

export type { NodeProgram, RuntimeOptions } from './child.ts';

/** The runtime's process. It is started by the first message and again, after it ended, by the next one. */
export interface Runtime {
    /** Carries a run out. The outcome never rejects: a dead process is a failed outcome with the reason. */
    run(request: RunRequest, onEvent?: (event: RunEvent) => void): RunHandle;
    doctor(request?: DoctorRequest): Promise<DoctorReport>;
    /** Compares the pictures of a run's folder with those of another run's folder or `record.json`. */
    compare(folder: string, other: string): Promise<RunComparison>;
    /** Reads the pictures of a run's folder as they are on disk. */
    examine(folder: string): Promise<readonly ExaminedPicture[]>;
    readonly queue: readonly QueueEntry[];
    onQueue(listener: (queue: readonly QueueEntry[]) => void): () => void;
    /** Puts waiting runs into this order. */
    reorder(ids: readonly string[]): void;
    /** Memory that the process holds, reported along with progress. */
    onMemory(listener: (bytes: number) => void): () => void;
    /** Called when the process ended without being asked to. */
    onCrash(listener: (failure: Failure) => void): () => void;
    /** Called when the process was started, or ended because it was asked to. */
    onRenewed(listener: () => void): () => void;
    /** The process while it lives. */
    readonly pid: number | undefined;
    /** Starts the process ahead of the first run. */
    start(): void;
    /** Has the process open models ahead of the run that will probably need them. */
    prepare(expected: ExpectedModels): void;
    /** Ends the process and with it all runs, as if each had been cancelled; finished pictures are kept. */
    stop(): Promise<void>;
    /** Ends the process and starts another. The run that is running is cancelled, the waiting ones stay queued. */
    restart(): Promise<void>;
    /** Options for the next process. The one at hand ends as soon as it has nothing left to do. */
    configure(options: RuntimeOptions): void;
    /** Ends the process because its parent ends. Its run was not cancelled: on disk it stays interrupted. */
    abandon(): void;
}

export interface RunHandle {
    readonly id: string;
    readonly outcome: Promise<RunOutcome>;
    /** Stops the run before its next step; kills the process where that takes longer than the grace period. */
    cancel(): void;
    /** Ends a learning after its step, with what is learnt by then as its result. */
    keep(): void;
}

/** A runtime that is not started yet. */
export function createRuntime(first: RuntimeOptions): Runtime {
    let options = first;
    const work = new Map<string, ChildWork>();
    const queueListeners = new Set<(queue: readonly QueueEntry[]) => void>();
    const memoryListeners = new Set<(bytes: number) => void>();
    const crashListeners = new Set<(failure: Failure) => void>();
    const renewedListeners = new Set<() => void>();
    let queue: readonly QueueEntry[] = [];
    let current: RunningProcess | undefined;
    /** The order that waiting runs were put into last. */
    let order: readonly string[] = [];

    function running(): RunningProcess {
        if (current) return current;
        current = startProcess(options, {
            event: (id, event) => work.get(id)?.event(event),
            queue: setQueue,
            memory: (bytes) => memoryListeners.forEach((tell) => void tell(bytes)),
            ended: (process, failure) => processEnded(process, failure),
        });
        notifyRenewed();
        return current;
    }

    function notifyRenewed(): void {
        for (const tell of renewedListeners) tell();
    }

    function isRunning(id: string): boolean {
        return queue.some((entry) => entry.id === id && entry.state === 'running');
    }

    function setQueue(entries: readonly QueueEntry[]): void {
        queue = entries;
        for (const listener of queueListeners) listener(entries);
    }

    function processEnded(process: RunningProcess, failure: Failure): void {
        if (current === process) current = undefined;
        const left = [...work.values()].filter((one) => one.process === process);
        // A process that was ended on purpose owes the runs that were not cancelled only a new start.
        const again = process.expected ? inOrder(left.filter((one) => !one.cancelled)) : [];
        for (const one of left) if (!again.includes(one)) void endWithout(one, process, failure);
        setQueue([]);
        for (const one of again) submit(one);
        if (!process.expected) for (const tell of crashListeners) tell(failure);
        else if (!current) notifyRenewed();
    }

    /** As the process had them, and by the latest order, which may not have arrived there. */
    function inOrder(left: readonly ChildWork[]): readonly ChildWork[] {
        const ids = queue.map(({ id }) => id);
        const place = (all: readonly string[], { request: { id } }: ChildWork) =>
            all.includes(id) ? all.indexOf(id) : all.length;
        const queued = left.toSorted((a, b) => place(ids, a) - place(ids, b));
        return queued.sort((a, b) => place(order, a) - place(order, b));
    }

    /** Ends the process on purpose. */
    async function end(asked: { readonly cancelled: (one: ChildWork) => boolean }): Promise<void> {
        for (const one of work.values()) if (asked.cancelled(one)) one.cancelled = true;
        if (!current) return;
        current.expected = true;
        await endChild(current);
    }

    /** Ends a process whose options are out of date once nothing is left for it to do. */
    function endIfStale(): void {
        if (current && current.options !== options && work.size === 0) void end({ cancelled: () => false });
    }

    function submit(one: ChildWork): void {
        const process = running();
        one.process = process;
        process.connection.sendRequest(RunMessage, one.request).then(
            (outcome) => one.end(outcome),
            // The process is ending; `processEnded` says how. Anything else is an answer that was an error.
            (error: unknown) =>
                setTimeout(() => one.process === process && one.end(endOf(one, answerFailure(error))), 2000).unref(),
        );
    }

    /** The answer of the process; rejects when it dies before. */
    async function ask<Answer>(send: (to: RunningProcess['connection']) => Promise<Answer>): Promise<Answer> {
        const process = running();
        const death = process.ended.then((failure) => Promise.reject(new Error(failure.message)));
        return Promise.race([send(process.connection), death]);
    }

    return {
        run(request, onEvent) {
            const one = newWork(request, onEvent);
            work.set(request.id, one);
            const outcome = one.outcome.finally(() => {
                work.delete(request.id);
                endIfStale();
            });
            submit(one);
            return {
                id: request.id,
                outcome,
                keep: () =>
                    void one.process?.connection.sendNotification(KeepMessage, { id: request.id }).catch(ignore),
                cancel: () => cancel(one, isRunning(request.id), options.graceMilliseconds ?? GRACE),
            };
        },
        doctor: (request = {}) => ask((connection) => connection.sendRequest(DoctorMessage, request)),
        examine: (folder) => ask((connection) => connection.sendRequest(ExamineMessage, { folder })),
        async compare(folder, other) {
            const answer = await ask((connection) => connection.sendRequest(CompareMessage, { folder, other }));
            if ('pictures' in answer) return answer;
            throw new RunError('input/unreadable', answer.message);
        },
        get queue() {
            return queue;
        },
        onQueue: (listener) => subscribe(queueListeners, listener),
        reorder(ids) {
            order = ids;
            current?.connection.sendNotification(ReorderMessage, { ids }).catch(ignore);
        },
        onMemory: (listener) => subscribe(memoryListeners, listener),
        onCrash: (listener) => subscribe(crashListeners, listener),
        onRenewed: (listener) => subscribe(renewedListeners, listener),
        get pid() {
            return current?.child.pid;
        },
        start() {
            running();
        },
        prepare(expected) {
            running().connection.sendNotification(PrepareMessage, expected).catch(ignore);
        },
        stop: () => end({ cancelled: () => true }),
        async restart() {
            await end({ cancelled: ({ request }) => isRunning(request.id) });
            running();
        },
        configure(changed) {
            options = changed;
            endIfStale();
        },
        abandon() {
            work.clear();
            void end({ cancelled: () => false });
        },
    };
}

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}
