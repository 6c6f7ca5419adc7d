/** What went wrong beside the user's text: a runtime that died, runs that a closed window left behind. */
import * as vscode from 'vscode';
import type { Parts } from './commands.ts';
import { runnableOf } from './results/actions.ts';

/** How old an interrupted run may be to be told of, in milliseconds. */
const RECENT = 60 * 60 * 1000;

export function watchForTrouble(parts: Parts): vscode.Disposable {
    void tellInterrupted(parts);
    return parts.runtime.onDidCrash(async ({ message }) => {
        const [restart, log] = ['Restart', 'Show Log'];
        const choice = await vscode.window.showErrorMessage(message, restart, log);
        if (choice === restart) await parts.runtime.restart();
        if (choice === log) parts.runtime.log.show(true);
    });
}

/** Runs that were under way when the window was closed or reloaded ended with it: say so once, and offer to go on. */
async function tellInterrupted({ history, runs, results }: Parts): Promise<void> {
    const found = (await history.all()).filter(
        ({ state, record }) =>
            state === 'interrupted' && record.state === 'running' && Date.now() - Date.parse(record.started) < RECENT,
    );
    const [first] = found;
    if (!first) return;
    const more = found.length > 1 ? ` So did ${found.length - 1} more.` : '';
    const made = `${first.record.pictures.length} of ${first.record.cells} pictures were made and kept`;
    const text = `${first.record.name} ended with its window: ${made}.${more}`;
    const [again, show] = ['Run Again', 'Show'];
    const choice = await vscode.window.showWarningMessage(text, again, show);
    if (choice === show) await results.open(first.folder);
    if (choice === again) for (const id of found.map(runnableOf)) if (id) await runs.start(id);
}
