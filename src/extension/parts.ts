/** The parts of the extension that commands and views work with. */
import type * as vscode from 'vscode';
import type { LanguageConnection } from './client.ts';
import type { ResolvedDocuments } from './resolved/documents.ts';
import type { Results } from './results/results.ts';
import type { LiveMode } from './runs/live-mode.ts';
import type { Runs } from './runs/run.ts';
import type { WindowRuntime } from './runs/runtime.ts';
import type { History } from './views/history.ts';

export interface Parts {
    /** The extension's own folder. */
    readonly extension: vscode.Uri;
    readonly language: LanguageConnection;
    readonly runtime: WindowRuntime;
    readonly runs: Runs;
    readonly liveMode: LiveMode;
    readonly results: Results;
    readonly history: History;
    readonly documents: ResolvedDocuments;
}
