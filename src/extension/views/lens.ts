/** What is above every runnable: Run, or Stop with the step it is at, Open, and whether its pictures are up to date. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { EditorRunnable, LanguageConnection } from '../client.ts';
import { keyOf, type RunnableId } from '../runnable.ts';
import type { LiveRun } from '../runs/live-run.ts';
import { runsOf, type StoredRun } from '../runs/records.ts';
import type { Runs } from '../runs/run.ts';
import { mayRun } from '../trust.ts';
import { progressText } from './status.ts';

/** Milliseconds between two drawings of a run's progress. */
const PAUSE = 700;

export function showLenses(extension: vscode.Uri, language: LanguageConnection, runs: Runs): vscode.Disposable {
    const changed = new vscode.EventEmitter<void>();
    const states = new Map<string, string>();
    let last = 0;
    /**
     * Whether the editor has asked since it was last notified. It waits until lenses stop changing before it asks, the longer
     * the slower they come: notified every step it would never ask, and draw no progress at all.
     */
    let asked = true;
    function refresh(run: LiveRun | RunnableId): void {
        const state = 'state' in run ? `${run.id} ${run.state} ${run.stopping}` : 'beginning';
        if (states.get(keyOf(run)) === state && (!asked || Date.now() - last < PAUSE)) return;
        states.set(keyOf(run), state);
        last = Date.now();
        asked = false;
        changed.fire();
    }
    const provider: vscode.CodeLensProvider = {
        onDidChangeCodeLenses: changed.event,
        async provideCodeLenses(document) {
            const found = await language.runnables(document.uri);
            asked = true;
            const all = found.length > 1 && mayRun() ? [runAllLens(document, found[0]!)] : [];
            return [...all, ...found.flatMap((one) => lensesOf(document, one, runs))];
        },
    };
    // Runs of the command line, and deleted ones. Those of this window report themselves.
    const records = vscode.workspace.createFileSystemWatcher('**/.sdspec/runs/*/*/record.json');
    let timer: NodeJS.Timeout | undefined;
    const elsewhere = () => {
        clearTimeout(timer);
        timer = setTimeout(() => runs.isBusy || changed.fire(), PAUSE);
    };
    return vscode.Disposable.from(
        changed,
        records,
        records.onDidCreate(elsewhere),
        records.onDidChange(elsewhere),
        records.onDidDelete(elsewhere),
        vscode.languages.registerCodeLensProvider({ language: 'sdspec' }, provider),
        runs.onDidChange(refresh),
        vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
        showMarks(extension, language, runs),
    );
}

function runAllLens(document: vscode.TextDocument, first: EditorRunnable): vscode.CodeLens {
    const command = { title: '$(run-all) Run all', command: 'sdspec.runAll', arguments: [document.uri] };
    return new vscode.CodeLens(first.nameRange, command);
}

function lensesOf(document: vscode.TextDocument, runnable: EditorRunnable, runs: Runs): vscode.CodeLens[] {
    const { name, nameRange } = runnable;
    const id = { uri: document.uri, name };
    const lens = (title: string, command: string) =>
        new vscode.CodeLens(nameRange, { title, command, arguments: [document.uri, name] });
    const live = runs.of(id);
    if (runs.isBeginning(id)) return [lens('$(sync~spin) starting', '')];
    if (live && live.state !== 'ended') {
        const learns = live.run.work.kind === 'learn' && live.progress?.stage === 'learn';
        return [
            lens('$(debug-stop) Stop', 'sdspec.stop'),
            ...(learns ? [lens('$(save) Stop here and keep', 'sdspec.keep')] : []),
            lens(progressText(live), 'sdspec.openResults'),
        ];
    }
    const stored = document.uri.scheme === 'file' ? runsOf(dirname(document.uri.fsPath), name, undefined) : [];
    return [
        ...(mayRun() ? [lens('$(play) Run', 'sdspec.run')] : []),
        ...(stored.length > 0 ? [lens('Open', 'sdspec.openResults'), lens(stateWords(runnable, stored), '')] : []),
    ];
}

function stateWords({ digest, errors }: EditorRunnable, stored: readonly StoredRun[]): string {
    if (errors > 0) return 'has errors';
    const same = stored.find(({ record }) => record.digest === digest);
    return same?.state === 'complete' ? '$(check) up to date' : 'changed since its last run';
}

/** Marks in the gutter and behind the line. Unlike lenses, which editors draw when they find time, these come at once. */
function showMarks(extension: vscode.Uri, language: LanguageConnection, runs: Runs): vscode.Disposable {
    const gutter = (name: string) =>
        vscode.window.createTextEditorDecorationType({
            gutterIconPath: vscode.Uri.joinPath(extension, 'media', `gutter-${name}.svg`),
            gutterIconSize: '75%',
            rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        });
    const marks = { running: gutter('run'), done: gutter('done'), failed: gutter('failed') };
    const places = new Map<string, readonly EditorRunnable[]>();

    async function draw(editor: vscode.TextEditor | undefined): Promise<void> {
        if (editor?.document.languageId !== 'sdspec') return;
        const { uri } = editor.document;
        const known = places.get(uri.toString()) ?? (await language.runnables(uri));
        places.set(uri.toString(), known);
        const options: Record<keyof typeof marks, vscode.DecorationOptions[]> = { running: [], done: [], failed: [] };
        for (const { name, nameRange } of known) {
            const mark = markOf(runs, { uri, name });
            if (!mark) continue;
            const line = editor.document.lineAt(Math.min(nameRange.start.line, editor.document.lineCount - 1));
            options[mark.kind].push({ range: line.range, ...(mark.text ? { renderOptions: after(mark.text) } : {}) });
        }
        for (const kind of ['running', 'done', 'failed'] as const) editor.setDecorations(marks[kind], options[kind]);
    }
    const drawAll = () => vscode.window.visibleTextEditors.forEach((editor) => void draw(editor));
    return vscode.Disposable.from(
        ...Object.values(marks),
        runs.onDidChange(drawAll),
        vscode.window.onDidChangeVisibleTextEditors(drawAll),
        vscode.workspace.onDidChangeTextDocument(({ document }) => {
            places.delete(document.uri.toString());
            if (runs.isBusy) drawAll();
        }),
        vscode.workspace.onDidCloseTextDocument(({ uri }) => places.delete(uri.toString())),
    );
}

function markOf(runs: Runs, id: RunnableId) {
    const live = runs.of(id);
    if (runs.isBeginning(id)) return { kind: 'running', text: 'starting' } as const;
    if (!live) return undefined;
    if (live.state !== 'ended') return { kind: 'running', text: progressText(live) } as const;
    return endOf(live);
}

function endOf({ outcome }: LiveRun) {
    if (outcome?.kind === 'done') return { kind: 'done', text: '' } as const;
    return outcome?.kind === 'failed' ? ({ kind: 'failed', text: '' } as const) : undefined;
}

function after(text: string): vscode.DecorationInstanceRenderOptions {
    const color = new vscode.ThemeColor('editorCodeLens.foreground');
    return { after: { contentText: `   ⟳ ${text}`, color, fontStyle: 'italic' } };
}
