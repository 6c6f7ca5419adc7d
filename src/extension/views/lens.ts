/** What is above every runnable: Run, or Stop with the step it is at, Open, and whether its pictures are up to date. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { EditorRunnable, LanguageConnection } from '../client.ts';
import { keyOf, type RunnableId } from '../runnable.ts';
import type { LiveMode } from '../runs/live-mode.ts';
import type { LiveRun } from '../runs/live-run.ts';
import { RECORDS_GLOB, runsOf, type StoredRun } from '../runs/records.ts';
import type { Runs } from '../runs/run.ts';
import { endWords } from '../runs/state-words.ts';
import { mayRun } from '../trust.ts';
import { progressText } from './status.ts';

/** Milliseconds between two drawings of a run's progress. */
const PAUSE = 700;

export function showLenses(
    extension: vscode.Uri,
    language: LanguageConnection,
    runs: Runs,
    liveMode: LiveMode,
): vscode.Disposable {
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
    /** What was last found, by document: while runs change lenses and the text does not, the language is not asked again. */
    const found = new Map<string, { readonly version: number; readonly runnables: readonly EditorRunnable[] }>();
    async function known(document: vscode.TextDocument): Promise<readonly EditorRunnable[]> {
        const key = document.uri.toString();
        const last = found.get(key);
        if (last?.version === document.version && runs.isBusy) return last.runnables;
        const { version } = document;
        const runnables = await language.runnables(document.uri);
        found.set(key, { version, runnables });
        return runnables;
    }
    const provider: vscode.CodeLensProvider = {
        onDidChangeCodeLenses: changed.event,
        async provideCodeLenses(document) {
            const runnables = await known(document);
            asked = true;
            const all = runnables.length > 1 && mayRun() ? [runAllLens(document, runnables[0]!)] : [];
            return [...all, ...runnables.flatMap((one) => lensesOf(document, one, runs, liveMode))];
        },
    };
    // Runs of the command line, and deleted ones. Those of this window report themselves.
    const records = vscode.workspace.createFileSystemWatcher(RECORDS_GLOB);
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
        liveMode.onDidChange(() => changed.fire()),
        vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
        vscode.workspace.onDidCloseTextDocument(({ uri }) => found.delete(uri.toString())),
        showMarks(extension, language, runs, records),
    );
}

function runAllLens(document: vscode.TextDocument, first: EditorRunnable): vscode.CodeLens {
    const command = { title: '$(run-all) Run all', command: 'sdspec.runAll', arguments: [document.uri] };
    return new vscode.CodeLens(first.nameRange, command);
}

function lensesOf(
    document: vscode.TextDocument,
    runnable: EditorRunnable,
    runs: Runs,
    liveMode: LiveMode,
): vscode.CodeLens[] {
    const { name, nameRange } = runnable;
    const id = { uri: document.uri, name };
    const lens = (title: string, command: string) =>
        new vscode.CodeLens(nameRange, { title, command, arguments: [document.uri, name] });
    const live = runs.of(id);
    const isLive = liveMode.isOn(id);
    const eye = lens(isLive ? '$(eye) Live' : '$(eye-closed) Live', 'sdspec.toggleLive');
    const stop = lens('$(debug-stop) Stop', 'sdspec.stop');
    if (runs.isBeginning(id)) return [stop, lens('$(sync~spin) starting', ''), ...(isLive ? [eye] : [])];
    if (live && live.state !== 'ended') {
        const learns = live.run.work.kind === 'learn' && live.progress?.stage === 'learn';
        return [
            stop,
            ...(learns ? [lens('$(save) Stop here and keep', 'sdspec.keep')] : []),
            lens(progressText(live) + waitingText(runs.activeOf(id)), 'sdspec.openResults'),
            ...(isLive ? [eye] : []),
        ];
    }
    const stored = document.uri.scheme === 'file' ? runsOf(dirname(document.uri.fsPath), name, undefined) : [];
    return [
        ...(mayRun() ? [lens('$(play) Run', 'sdspec.run')] : []),
        ...(mayRun() && runnable.kind !== 'learn' ? [eye] : []),
        ...(adjusts(runnable) ? [lens('Layers…', 'sdspec.adjust')] : []),
        ...(stored.length > 0 ? [lens('Open', 'sdspec.openResults'), lens(stateWords(runnable, stored), '')] : []),
    ];
}

/** Whether its layers and numbers can be adjusted beside its pictures. */
function adjusts({ kind }: EditorRunnable): boolean {
    return kind === 'generate' || kind === 'sweep';
}

function stateWords({ digest, errors }: EditorRunnable, stored: readonly StoredRun[]): string {
    if (errors > 0) return 'has errors';
    const same = stored.find(({ record }) => record.digest === digest);
    if (!same) return 'changed since its last run';
    if (same.state === 'complete') return '$(check) up to date';
    return endWords(same.state, same.record.pictures.length, same.record.cells);
}

/** Runs of the same runnable that follow the first: of texts that changed meanwhile. */
function waitingText(active: readonly LiveRun[]): string {
    return active.length > 1 ? ` · ${active.length - 1} more waiting` : '';
}

/** Marks in the gutter and behind the line. Unlike lenses, which editors draw when they find time, these come at once. */
function showMarks(
    extension: vscode.Uri,
    language: LanguageConnection,
    runs: Runs,
    records: vscode.FileSystemWatcher,
): vscode.Disposable {
    let timer: NodeJS.Timeout | undefined;
    const gutter = (name: string) =>
        vscode.window.createTextEditorDecorationType({
            gutterIconPath: vscode.Uri.joinPath(extension, 'media', `gutter-${name}.svg`),
            gutterIconSize: '75%',
            rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        });
    const marks = { waiting: gutter('wait'), running: gutter('run'), done: gutter('done'), failed: gutter('failed') };
    const places = new Map<string, readonly EditorRunnable[]>();
    /** What each editor shows: the window draws again whatever it is given. */
    const drawn = new WeakMap<vscode.TextEditor, Readonly<Record<string, string>>>();

    async function draw(editor: vscode.TextEditor | undefined): Promise<void> {
        if (editor?.document.languageId !== 'sdspec') return;
        const { uri } = editor.document;
        const known = places.get(uri.toString()) ?? (await language.runnables(uri));
        places.set(uri.toString(), known);
        const options: Record<keyof typeof marks, vscode.DecorationOptions[]> = {
            waiting: [],
            running: [],
            done: [],
            failed: [],
        };
        for (const runnable of known) {
            const { name, nameRange } = runnable;
            const mark = markOf(runs, { uri, name }, runnable);
            if (!mark) continue;
            const line = editor.document.lineAt(Math.min(nameRange.start.line, editor.document.lineCount - 1));
            options[mark.kind].push({ range: line.range, ...(mark.text ? { renderOptions: after(mark.text) } : {}) });
        }
        const before = drawn.get(editor) ?? {};
        const now = Object.fromEntries(Object.entries(options).map(([kind, all]) => [kind, JSON.stringify(all)]));
        drawn.set(editor, now);
        for (const kind of ['waiting', 'running', 'done', 'failed'] as const)
            if (now[kind] !== before[kind]) editor.setDecorations(marks[kind], options[kind]);
    }
    const drawAll = () => vscode.window.visibleTextEditors.forEach((editor) => void draw(editor));
    return vscode.Disposable.from(
        ...Object.values(marks),
        runs.onDidChange(drawAll),
        vscode.window.onDidChangeVisibleTextEditors(drawAll),
        vscode.workspace.onDidChangeTextDocument(({ document }) => {
            places.delete(document.uri.toString());
            // An edit can take marks away with their line.
            for (const editor of vscode.window.visibleTextEditors)
                if (editor.document === document) drawn.delete(editor);
            if (runs.isBusy) return drawAll();
            clearTimeout(timer);
            timer = setTimeout(drawAll, PAUSE);
        }),
        records.onDidDelete(drawAll),
        vscode.workspace.onDidCloseTextDocument(({ uri }) => places.delete(uri.toString())),
    );
}

function markOf(runs: Runs, id: RunnableId, { digest }: EditorRunnable) {
    const live = runs.of(id);
    if (runs.isBeginning(id)) return { kind: 'running', text: 'starting' } as const;
    if (!live) return undefined;
    if (live.state === 'waiting') return { kind: 'waiting', text: progressText(live) } as const;
    if (live.state !== 'ended') return { kind: 'running', text: progressText(live) } as const;
    // What was made of another text, or was deleted since, says nothing of this one.
    const isCurrent = live.digest === digest && existsSync(join(live.folder, 'record.json'));
    return isCurrent ? endOf(live) : undefined;
}

function endOf({ outcome }: LiveRun) {
    if (outcome?.kind === 'done') return { kind: 'done', text: '' } as const;
    return outcome?.kind === 'failed' ? ({ kind: 'failed', text: '' } as const) : undefined;
}

function after(text: string): vscode.DecorationInstanceRenderOptions {
    const color = new vscode.ThemeColor('editorCodeLens.foreground');
    return { after: { contentText: `   ⟳ ${text}`, color, fontStyle: 'italic' } };
}
