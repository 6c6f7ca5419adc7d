/** The runtime's process while it lives, and its messages. */
import type { RunEvent } from '../events.ts';
import type { Failure } from '../run-error.ts';
import { type Child, type RuntimeOptions, startChild } from './child.ts';
import { EventMessage, fromWire, MemoryMessage, QueueChangedMessage, type QueueEntry } from './protocol.ts';

export interface RunningProcess extends Child {
    /** Those that it was started with. */
    readonly options: RuntimeOptions;
    /** Its end was asked for. */
    expected: boolean;
}

export interface ProcessListeners {
    event(id: string, event: RunEvent): void;
    queue(queue: readonly QueueEntry[]): void;
    memory(bytes: number): void;
    ended(process: RunningProcess, failure: Failure): void;
}

export function startProcess(options: RuntimeOptions, listeners: ProcessListeners): RunningProcess {
    const child = startChild(options, 'Finished pictures are kept.');
    const started: RunningProcess = { ...child, options, expected: false };
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
