/** Answers what concerns downloads: beside the queue of runs, each by itself. */
import type { MessageConnection } from 'vscode-jsonrpc';
import { fetchModel } from '../hub/fetch-model.ts';
import { surveyModel } from '../hub/survey.ts';
import { failureOf } from '../run-error.ts';
import { type DownloadOutcome, FetchMessage, FetchProgressMessage, SurveyMessage } from './protocol.ts';

/** Listens for downloads; the result stops one. */
export function serveDownloads(connection: MessageConnection): { cancel(id: string): void } {
    const underWay = new Map<string, AbortController>();

    async function outcomeOf<Answer>(
        id: string,
        work: (signal: AbortSignal) => Promise<Answer>,
    ): Promise<DownloadOutcome<Answer>> {
        const stopping = new AbortController();
        underWay.set(id, stopping);
        try {
            return { kind: 'done', answer: await work(stopping.signal) };
        } catch (error) {
            return stopping.signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', failure: failureOf(error) };
        } finally {
            underWay.delete(id);
        }
    }

    connection.onRequest(SurveyMessage, ({ id, model, access = {} }) =>
        outcomeOf(id, (signal) => surveyModel(model, { signal, access })),
    );
    connection.onRequest(FetchMessage, ({ id, model, half = false, access = {} }) =>
        outcomeOf(id, (signal) =>
            fetchModel(model, {
                signal,
                half,
                access,
                onProgress(progress) {
                    // The parent may be gone; then this process ends.
                    connection.sendNotification(FetchProgressMessage, { id, progress }).catch(() => {});
                },
            }),
        ),
    );
    return { cancel: (id) => underWay.get(id)?.abort() };
}
