/** Entry of the editor's extension: wires its parts. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { type LanguageConnection, startLanguage } from './client.ts';
import { registerCommands } from './commands.ts';
import { provideDownloads } from './downloads/download.ts';
import { acceptDrops } from './new-spec/drop.ts';
import type { Parts } from './parts.ts';
import { provideResolved } from './resolved/documents.ts';
import { act } from './results/act.ts';
import { Adjusting } from './results/adjust/adjusting.ts';
import { Results } from './results/results.ts';
import { LiveMode } from './runs/live-mode.ts';
import { onMilestones } from './runs/milestones.ts';
import { registerNudges } from './runs/nudge-commands.ts';
import { Runs } from './runs/run.ts';
import { createWindowRuntime } from './runs/runtime.ts';
import { watchForTrouble } from './views/failures.ts';
import { History } from './views/history.ts';
import { showLenses } from './views/lens.ts';
import { showStatus } from './views/status.ts';
import { provideTests } from './views/tests.ts';

export function activate(context: vscode.ExtensionContext): void {
    const language: LanguageConnection = startLanguage(context);
    const runtime = createWindowRuntime(context);
    const runs = new Runs(language, runtime);
    const liveMode = new LiveMode(runs);
    const adjusting = new Adjusting(language, liveMode);
    const history = new History();
    const documents = provideResolved(language);
    const results: Results = new Results({
        extension: context.extensionUri,
        runs,
        adjusting,
        language,
        newest: async () => (await history.all())[0]?.folder,
        act: (action, chosen) => act(parts, action, chosen),
        findBase: async (folder, runnable) => {
            if (!runnable?.spec) return undefined;
            const uri = vscode.Uri.file(join(folder, runnable.spec));
            const all = language.lastRunnables(uri) ?? (await language.runnables(uri).catch(() => []));
            return all.find(({ name }) => name === runnable.name)?.base;
        },
    });
    const parts: Parts = {
        extension: context.extensionUri,
        language,
        runtime,
        runs,
        liveMode,
        results,
        history,
        documents,
    };
    context.subscriptions.push(
        language,
        runtime,
        runs,
        history,
        documents,
        results,
        registerCommands(parts),
        showStatus(runs, runtime),
        showLenses(context.extensionUri, language, runs, liveMode),
        liveMode,
        adjusting,
        registerNudges(),
        provideTests(language, runs),
        acceptDrops(language),
        provideDownloads(parts, context.secrets),
        watchForTrouble(parts, context.workspaceState),
        runs.onDidChange(onMilestones(() => history.refresh())),
    );
}
