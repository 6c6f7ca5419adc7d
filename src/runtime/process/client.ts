/** Starts the runtime's process and speaks to it. Used by the command line and the editor alike. */
import type { RunEvent } from '../events.ts';
import type { Failure } from '../run-error.ts';
import { broken, type Child, GRACE, ignore, type RuntimeOptions, startChild } from './child.ts';
import {
    CancelMessage,
    DoctorMessage,
    type DoctorReport,
    type DoctorRequest,
    EventMessage,
    fromWire,
    MemoryMessage,
    QueueChangedMessage,
    type QueueEntry,
    ReorderMessage,
    RunMessage,
    type RunOutcome,
    type RunRequest,
} from './protocol.ts';

export type { NodeProgram, RuntimeOptions } from './child.ts';

/** The runtime's process. It is started by the first message and again, after it ended, by the next one. */
export interface Runtime {
    /** Carries a run out. The outcome never rejects: a dead process is a failed outcome with the reason. */
    run(request: RunRequest, onEvent?: (event: RunEvent) => void): RunHandle;
    doctor(request?: DoctorRequest): Promise<DoctorReport>;
    readonly queue: readonly QueueEntry[];
    onQueue(listener: (queue: readonly QueueEntry[]) => void): () => void;
    /** Puts waiting runs into this order. */
    reorder(ids: readonly string[]): void;
    /** Memory that the process holds, told along with progress. */
    onMemory(listener: (bytes: number) => void): () => void;
    /** Told when the process ended without being asked to. */
    onCrash(listener: (failure: Failure) => void): () => void;
    /** The process while it lives. */
    readonly pid: number | undefined;
    /** Starts the process ahead of the first run. */
    start(): void;
    /** Ends the process; finished pictures are kept. */
    stop(): Promise<void>;
}

export interface RunHandle {
    readonly id: string;
    readonly outcome: Promise<RunOutcome>;
    /** Stops the run before its next step; kills the process where that takes longer than the grace period. */
    cancel(): void;
}

/** A runtime that is not started yet. */
export function createRuntime(options: RuntimeOptions): Runtime {
    const work = new Map<string, Work>();
    const queueListeners = new Set<(queue: readonly QueueEntry[]) => void>();
    const memoryListeners = new Set<(bytes: number) => void>();
    const crashListeners = new Set<(failure: Failure) => void>();
    let queue: readonly QueueEntry[] = [];
    let current: RunningProcess | undefined;

    function running(): RunningProcess {
        current ??= startProcess(options, {
            event: (id, event) => work.get(id)?.event(event),
            queue: setQueue,
            memory: (bytes) => memoryListeners.forEach((tell) => void tell(bytes)),
            ended: (process, failure) => processEnded(process, failure),
        });
        return current;
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
        // A process that was killed to stop one run owes the others nothing but a new start.
        const again = process.killedFor === undefined ? [] : left.filter((one) => !one.cancelled);
        for (const one of left) if (!again.includes(one)) one.end(endOf(one, failure));
        setQueue([]);
        for (const one of again) submit(one);
        if (process.killedFor === undefined && !process.stopping) for (const tell of crashListeners) tell(failure);
    }

    function submit(one: Work): void {
        const process = running();
        one.process = process;
        process.connection.sendRequest(RunMessage, one.request).then(
            (outcome) => one.end(outcome),
            // The process is ending; `processEnded` tells how. Anything else is an answer that was an error.
            (error: unknown) =>
                setTimeout(() => one.process === process && one.end(endOf(one, broken(error))), 2000).unref(),
        );
    }

    return {
        run(request, onEvent) {
            const one = newWork(request, onEvent);
            work.set(request.id, one);
            const outcome = one.outcome.finally(() => work.delete(request.id));
            submit(one);
            return {
                id: request.id,
                outcome,
                cancel: () => cancel(one, isRunning(request.id), options.graceMilliseconds ?? GRACE),
            };
        },
        async doctor(request = {}) {
            const process = running();
            const death = process.ended.then((failure) => Promise.reject(new Error(failure.message)));
            return Promise.race([process.connection.sendRequest(DoctorMessage, request), death]);
        },
        get queue() {
            return queue;
        },
        onQueue: (listener) => subscribe(queueListeners, listener),
        reorder(ids) {
            current?.connection.sendNotification(ReorderMessage, { ids }).catch(ignore);
        },
        onMemory: (listener) => subscribe(memoryListeners, listener),
        onCrash: (listener) => subscribe(crashListeners, listener),
        get pid() {
            return current?.child.pid;
        },
        start() {
            running();
        },
        async stop() {
            if (!current) return;
            const { ended, child } = current;
            current.stopping = true;
            child.kill();
            await ended;
        },
    };
}

/** A run on its way. */
interface Work {
    readonly request: RunRequest;
    readonly outcome: Promise<RunOutcome>;
    process: RunningProcess | undefined;
    cancelled: boolean;
    pictures: number;
    event(event: RunEvent): void;
    end(outcome: RunOutcome): void;
}

function newWork(request: RunRequest, onEvent: ((event: RunEvent) => void) | undefined): Work {
    let end: (outcome: RunOutcome) => void = ignore;
    const outcome = new Promise<RunOutcome>((resolve) => {
        end = resolve;
    });
    const one: Work = {
        request,
        outcome,
        end,
        process: undefined,
        cancelled: false,
        pictures: 0,
        event(event) {
            if (event.kind === 'picture') one.pictures++;
            onEvent?.(event);
        },
    };
    return one;
}

/** A run that is not yet begun ends at once: the process may be busy with another run's step, which must not suffer. */
function cancel(one: Work, running: boolean, grace: number): void {
    const { process } = one;
    if (one.cancelled || !process) return;
    one.cancelled = true;
    process.connection.sendNotification(CancelMessage, { id: one.request.id }).catch(ignore);
    if (!running) {
        one.end({ kind: 'cancelled', pictures: 0 });
        return;
    }
    const timer = setTimeout(() => {
        process.killedFor = one.request.id;
        process.child.kill('SIGKILL');
    }, grace);
    one.outcome.finally(() => clearTimeout(timer));
}

/** How a run ends whose process is gone. */
function endOf({ cancelled, pictures }: Work, failure: Failure): RunOutcome {
    return cancelled ? { kind: 'cancelled', pictures } : { kind: 'failed', failure, notices: [], pictures };
}

interface RunningProcess extends Child {
    /** The run for whose sake the process was killed. */
    killedFor?: string;
    stopping: boolean;
}

interface ProcessListeners {
    event(id: string, event: RunEvent): void;
    queue(queue: readonly QueueEntry[]): void;
    memory(bytes: number): void;
    ended(process: RunningProcess, failure: Failure): void;
}

function startProcess(options: RuntimeOptions, listeners: ProcessListeners): RunningProcess {
    const started: RunningProcess = { ...startChild(options, 'Finished pictures are kept.'), stopping: false };
    const { connection } = started;
    connection.onNotification(EventMessage, ({ id, event }) => listeners.event(id, fromWire(event)));
    connection.onNotification(MemoryMessage, ({ bytes }) => listeners.memory(bytes));
    connection.onNotification(QueueChangedMessage, ({ queue }) => listeners.queue(queue));
    started.ended.then((failure) => {
        connection.dispose();
        listeners.ended(started, failure);
    });
    return started;
}

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}
