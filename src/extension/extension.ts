/** Entry of the editor's extension: wires its parts. */
import type * as vscode from 'vscode';
import { type Language, startLanguage } from './client.ts';
import { act, registerCommands } from './commands.ts';
import { provideResolved } from './documents.ts';
import { provideDownloads } from './download.ts';
import { acceptDrops } from './drop.ts';
import { watchForTrouble } from './failures.ts';
import { History } from './history.ts';
import { showLenses } from './lens.ts';
import type { Parts } from './parts.ts';
import { Results } from './results/results.ts';
import { Runs } from './run.ts';
import { createWindowRuntime } from './runtime.ts';
import { showStatus } from './status.ts';
import { provideTests } from './tests.ts';
import { onTurns } from './turns.ts';

export function activate(context: vscode.ExtensionContext): void {
    const language: Language = startLanguage(context);
    const runtime = createWindowRuntime(context);
    const runs = new Runs(language, runtime);
    const history = new History();
    const documents = provideResolved(language);
    const results: Results = new Results({
        extension: context.extensionUri,
        runs,
        newest: async () => (await history.all())[0]?.folder,
        act: (action, chosen) => act(parts, action, chosen),
    });
    const parts: Parts = { language, runtime, runs, results, history, documents };
    context.subscriptions.push(
        language,
        runtime,
        runs,
        history,
        documents,
        results,
        registerCommands(parts),
        showStatus(runs, runtime),
        showLenses(context.extensionUri, language, runs),
        provideTests(language, runs),
        acceptDrops(),
        provideDownloads(parts, context.secrets),
        watchForTrouble(parts, context.workspaceState),
        runs.onDidChange(onTurns(() => history.refresh())),
    );
}
