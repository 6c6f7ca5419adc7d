/** What went wrong beside the user's text: a runtime that died, runs that a closed window left behind. */
import * as vscode from 'vscode';
import type { Parts } from '../parts.ts';
import { runnableOf } from '../results/actions.ts';
import { leftBehind, nameOf } from '../runs/interrupted.ts';
import { runIn, type StoredRun } from '../runs/records.ts';

/** Milliseconds until runs that are still running elsewhere are looked at again. */
const PAUSE = 2000;
/** Where the window remembers what it reported. */
const TOLD = 'sdspec.toldCutOff';
/** How many runs are remembered as reported: more than can be interrupted within the days that they are reported. */
const MAX_REMEMBERED = 200;

export function watchForTrouble(parts: Parts, memory: vscode.Memento): vscode.Disposable {
    const cutOff = watchInterrupted(parts, memory);
    const crashes = parts.runtime.onDidCrash(async ({ message }) => {
        const [restart, log] = ['Restart', 'Show Log'];
        const choice = await vscode.window.showErrorMessage(message, restart, log);
        if (choice === restart) await parts.runtime.restart();
        if (choice === log) parts.runtime.log.show(true);
    });
    return vscode.Disposable.from(cutOff, crashes);
}

/**
 * Runs that were under way when their window was closed or reloaded ended with it: says so once. Their process may live a
 * little longer, as it looks up only between two steps; until it is gone they are looked at again.
 */
function watchInterrupted(parts: Parts, memory: vscode.Memento): vscode.Disposable {
    let timer: NodeJS.Timeout | undefined;
    function look(all: readonly StoredRun[]): void {
        const told = memory.get<readonly string[]>(TOLD, []);
        const { ended, going } = leftBehind(all, told);
        const cutOff = ended.filter(({ folder }) => !parts.runs.in(folder));
        if (cutOff.length > 0) {
            void memory.update(TOLD, [...told, ...cutOff.map(nameOf)].slice(-MAX_REMEMBERED));
            parts.history.refresh();
            void reportInterrupted(cutOff, parts);
        }
        if (going.length > 0) timer = setTimeout(() => look(reread(going)), PAUSE);
    }
    void parts.history.all().then(look);
    return new vscode.Disposable(() => clearTimeout(timer));
}

function reread(runs: readonly StoredRun[]): readonly StoredRun[] {
    return runs.flatMap(({ folder }) => runIn(folder) ?? []);
}

async function reportInterrupted(found: readonly StoredRun[], { runs, results }: Parts): Promise<void> {
    const [first] = found;
    if (!first) return;
    const more = found.length > 1 ? ` So were ${found.length - 1} more.` : '';
    const made = `${first.record.pictures.length} of ${first.record.cells} pictures were made and kept`;
    const text = `${first.record.name} was cut off: ${made}.${more}`;
    const [again, show] = ['Run Again', 'Show'];
    const choice = await vscode.window.showWarningMessage(text, again, show);
    if (choice === show) await results.open(first.folder);
    if (choice === again) for (const id of found.map(runnableOf)) if (id) await runs.start(id);
}
