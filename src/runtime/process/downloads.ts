/**
 * Downloads as the editor asks for them: each in a process of its own. A step of the U-Net blocks its process, and a
 * download shall neither wait for it nor end with a run that has to be killed.
 */
import type { MessageConnection } from 'vscode-jsonrpc';
import type { Fetched, FetchProgress } from '../hub/fetch-model.ts';
import type { Survey } from '../hub/survey.ts';
import { answerFailure, endChild, GRACE, ignore, type RuntimeOptions, startChild } from './child.ts';
import {
    CancelMessage,
    type DownloadOutcome,
    type DownloadRequest,
    FetchMessage,
    FetchProgressMessage,
    type FetchRequest,
    SurveyMessage,
} from './protocol.ts';

export interface Downloads {
    /** Asks the hub how much a download would bring, and brings nothing. */
    survey(request: Omit<DownloadRequest, 'id'>): DownloadHandle<Survey>;
    /** Downloads a model. The outcome never rejects: a dead process is a failed outcome with the reason. */
    fetch(request: Omit<FetchRequest, 'id'>, onProgress?: (progress: FetchProgress) => void): DownloadHandle<Fetched>;
    /** Ends all that is under way. The part already downloaded is kept. */
    stop(): Promise<void>;
}

export interface DownloadHandle<Answer> {
    readonly outcome: Promise<DownloadOutcome<Answer>>;
    /** The process while it lives. */
    readonly pid: number | undefined;
    /** Stops it; kills its process where that takes longer than the grace period. */
    cancel(): void;
}

/** How long an answer that failed may wait for the end of its process, which says more. */
const LAST_WORDS = 2000;

export function createDownloads(options: RuntimeOptions): Downloads {
    const underWay = new Set<DownloadHandle<unknown>>();
    let count = 0;

    function ask<Answer>(
        send: (connection: MessageConnection, id: string) => Promise<DownloadOutcome<Answer>>,
        onProgress: (progress: FetchProgress) => void = ignore,
    ): DownloadHandle<Answer> {
        const id = `download-${++count}`;
        const { child, connection, ended } = startChild(
            options,
            'The part already downloaded is kept: download it again to continue.',
        );
        connection.onNotification(FetchProgressMessage, ({ progress }) => onProgress(progress));
        let cancelled = false;
        const dead = ended.then((failure): DownloadOutcome<Answer> => {
            return cancelled ? { kind: 'cancelled' } : { kind: 'failed', failure };
        });
        const answered = send(connection, id).catch(async (error: unknown): Promise<DownloadOutcome<Answer>> => {
            await new Promise((resolve) => setTimeout(resolve, LAST_WORDS).unref());
            return { kind: 'failed', failure: answerFailure(error) };
        });
        let grace: NodeJS.Timeout | undefined;
        const outcome = Promise.race([answered, dead]).finally(() => {
            clearTimeout(grace);
            underWay.delete(handle);
            void endChild({ child, connection, ended }).then(() => connection.dispose());
        });
        const handle: DownloadHandle<Answer> = {
            outcome,
            get pid() {
                return child.pid;
            },
            cancel() {
                if (cancelled || !underWay.has(handle)) return;
                cancelled = true;
                connection.sendNotification(CancelMessage, { id }).catch(ignore);
                grace = setTimeout(() => child.kill('SIGKILL'), options.graceMilliseconds ?? GRACE);
            },
        };
        underWay.add(handle);
        return handle;
    }

    return {
        survey: (request) => ask((connection, id) => connection.sendRequest(SurveyMessage, { ...request, id })),
        fetch: (request, onProgress) =>
            ask((connection, id) => connection.sendRequest(FetchMessage, { ...request, id }), onProgress),
        async stop() {
            const all = [...underWay];
            for (const handle of all) handle.cancel();
            await Promise.all(all.map(({ outcome }) => outcome));
        },
    };
}
