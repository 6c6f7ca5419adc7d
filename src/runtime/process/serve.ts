/** Serves runs to the parent process: takes them by message, executes them one by one, reports progress. */
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { version } from '../../../package.json';
import { releaseClaims } from '../claim.ts';
import { compareRuns } from '../run/compare/compare-runs.ts';
import { executeRun } from '../run/execute-run.ts';
import { examineRun } from '../run/lock/examine.ts';
import type { RunOutcome, RunRequest } from '../run/request.ts';
import type { RunServices } from '../run/run-services.ts';
import { executeShard } from '../run/shards/execute-shard.ts';
import { failureOf } from '../run-error.ts';
import { removeUnfinished, survivesFileLimit } from '../write-whole.ts';
import { prepareModels } from './prepare-models.ts';
import {
    CancelMessage,
    CompareMessage,
    DoctorMessage,
    EndMessage,
    EventMessage,
    ExamineMessage,
    KeepMessage,
    MemoryMessage,
    PrepareMessage,
    QueueChangedMessage,
    QueueMessage,
    ReadyMessage,
    ReorderMessage,
    RunMessage,
    toWire,
} from './protocol.ts';
import { runQueue } from './queue.ts';
import { serveDownloads } from './serve-downloads.ts';

/** Listens on the channel to the parent process until that process is gone. */
export function serve(workshop: RunServices): void {
    // These reach every process of a terminal; this one is stopped by a message of its parent, so that it can finish its step.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
    survivesFileLimit();
    // The parent is gone, or has asked for the end. Finished pictures are on disk; the record of a run shows that it broke off.
    process.on('disconnect', end);
    process.on('uncaughtException', fatal);
    process.on('unhandledRejection', fatal);

    const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
    const queue = runQueue((entries) => send(connection.sendNotification(QueueChangedMessage, { queue: entries })));
    const reportMemory = atMostEvery(250, () => {
        send(connection.sendNotification(MemoryMessage, { bytes: process.memoryUsage.rss() }));
    });

    function run(request: RunRequest, signal: AbortSignal, keep: AbortSignal): Promise<RunOutcome> {
        const { shard } = request.options ?? {};
        const carryOut = shard ? executeShard : executeRun;
        return carryOut(request, workshop, {
            signal,
            keep,
            emit(event) {
                send(connection.sendNotification(EventMessage, { id: request.id, event: toWire(event) }));
                if (event.kind === 'step' || event.kind === 'learn') reportMemory();
            },
        });
    }

    connection.onRequest(RunMessage, (request) =>
        queue.add<RunOutcome>({
            id: request.id,
            name: request.run.name,
            work: (signal, keep) => run(request, signal, keep),
            skipped: () => ({ kind: 'cancelled', pictures: 0 }),
        }),
    );
    connection.onNotification(PrepareMessage, (expected) =>
        prepareModels(expected, workshop, () => queue.entries.length === 0),
    );
    const downloads = serveDownloads(connection);
    connection.onNotification(CancelMessage, ({ id }) => {
        queue.cancel(id);
        downloads.cancel(id);
    });
    connection.onNotification(EndMessage, end);
    connection.onNotification(KeepMessage, ({ id }) => queue.keep(id));
    connection.onNotification(ReorderMessage, ({ ids }) => queue.reorder(ids));
    connection.onRequest(QueueMessage, () => queue.entries);
    connection.onRequest(DoctorMessage, async (request) => (await import('./doctor.ts')).examine(request));
    connection.onRequest(CompareMessage, ({ folder, other }) => compareRuns(folder, other, workshop).catch(failureOf));
    connection.onRequest(ExamineMessage, ({ folder }) => examineRun(folder, workshop));
    connection.listen();
    send(connection.sendNotification(ReadyMessage, { pid: process.pid, sdspec: version }));
}

function end(): never {
    removeUnfinished();
    releaseClaims();
    process.exit(0);
}

function atMostEvery(milliseconds: number, act: () => void): () => void {
    let last = -Infinity;
    return () => {
        if (performance.now() - last < milliseconds) return;
        last = performance.now();
        act();
    };
}

/** The parent may be gone; then the process ends by itself. */
function send(sent: Promise<void>): void {
    sent.catch(() => {});
}

/** A broken promise: the reason goes to the log, and the parent process shows it to the user. */
function fatal(error: unknown): void {
    const { message, detail } = failureOf(error);
    console.error(detail ?? message);
    process.exit(70);
}
