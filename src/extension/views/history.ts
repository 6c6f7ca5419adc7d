/** The Runs tree: what was run, by picture or by time, with thumbnails. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { deleteRun } from '../../runtime/run/runs.ts';
import { basesOpen } from '../results/pages/pages.ts';
import { makersOf } from '../runs/makers.ts';
import {
    fileOf,
    RECORDS_GLOB,
    readMark,
    runIn,
    runLabel,
    runsFolderOf,
    runsIn,
    type StoredRun,
} from '../runs/records.ts';
import type { Runs } from '../runs/run.ts';
import { endWords, stateWord } from '../runs/state-words.ts';
import { RunTexts } from './run-texts.ts';

/** A heading of the tree, or a run beneath one. */
export type HistoryNode = { readonly title: string; readonly runs: readonly StoredRun[] } | StoredRun;

const LOOK_AGAIN_MS = 5000;

export class History implements vscode.TreeDataProvider<HistoryNode>, vscode.Disposable {
    private readonly changed = new vscode.EventEmitter<void>();
    readonly onDidChangeTreeData = this.changed.event;
    private readonly view: vscode.TreeView<HistoryNode>;
    private readonly watcher = vscode.workspace.createFileSystemWatcher(RECORDS_GLOB);
    private bases: Promise<readonly string[]> | undefined;
    private filter = '';
    private grouping: 'runnable' | 'time' = 'runnable';
    private timer: NodeJS.Timeout | undefined;
    private readonly texts = new RunTexts();
    /** By folder: what changed since the run before. */
    private changes = new Map<string, string>();
    private later: NodeJS.Timeout | undefined;

    constructor() {
        this.view = vscode.window.createTreeView('sdspec.runs', {
            treeDataProvider: this,
            canSelectMany: true,
            showCollapseAll: true,
        });
        this.view.onDidChangeVisibility(({ visible }) => visible && this.refresh());
        for (const event of [this.watcher.onDidCreate, this.watcher.onDidChange, this.watcher.onDidDelete]) {
            event(() => this.refresh());
        }
    }

    /** Reads again; many calls make one reading. */
    refresh(): void {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => {
            this.bases = undefined;
            this.changes = new Map();
            this.changed.fire();
        }, 150);
    }

    get selection(): readonly StoredRun[] {
        return this.view.selection.filter((node) => 'folder' in node);
    }

    setFilter(text: string): void {
        this.filter = text.trim().toLowerCase();
        vscode.commands.executeCommand('setContext', 'sdspec.runsFiltered', this.filter !== '');
        this.view.message = this.filter ? `Runs with “${text.trim()}”` : undefined!;
        this.changed.fire();
    }

    setGrouping(grouping: 'runnable' | 'time'): void {
        this.grouping = grouping;
        vscode.commands.executeCommand('setContext', 'sdspec.runsGrouping', grouping);
        this.changed.fire();
    }

    /** All runs of the open folders, newest first. */
    async all(): Promise<readonly StoredRun[]> {
        this.bases ??= findBases();
        const runs = (await this.bases).flatMap((base) => runsIn(runsFolderOf(base)));
        if (runs.some(({ state }) => state === 'running')) this.lookAgain();
        return runs.sort((a, b) => (a.record.started < b.record.started ? 1 : -1));
    }

    /** Nothing reports what another machine writes: while a run is under way, the tree is read again. */
    private lookAgain(): void {
        this.later ??= setTimeout(() => {
            this.later = undefined;
            if (this.view.visible) this.changed.fire();
        }, LOOK_AGAIN_MS);
    }

    /** Deletes what the user agrees to; a run that is under way is stopped first. */
    async delete(stored: readonly StoredRun[], runs: Runs): Promise<void> {
        const what = stored.length === 1 ? `the run of ${stored[0]?.record.name}` : `${stored.length} runs`;
        const remove = 'Delete';
        const detail = 'The pictures are removed from the disk. The spec can make them again.';
        const choice = await vscode.window.showWarningMessage(`Delete ${what}?`, { modal: true, detail }, remove);
        if (choice !== remove) return;
        const others: StoredRun[] = [];
        for (const run of stored) {
            const live = runs.in(run.folder);
            if (live && live.state !== 'ended') {
                runs.stop(live);
                await runs.ended(live);
            } else if (runIn(run.folder)?.state === 'running') {
                others.push(run);
                continue;
            }
            deleteRun(run);
        }
        this.refresh();
        if (others.length === 0) return;
        const names = others.map(({ record }) => record.name).join(', ');
        vscode.window.showInformationMessage(`Still under way elsewhere, and kept: ${names}. Stop it there first.`);
    }

    async getChildren(node?: HistoryNode): Promise<HistoryNode[]> {
        if (node) return 'runs' in node ? [...node.runs] : [];
        const all = await this.all();
        const passing = await Promise.all(all.map((run) => this.passes(run)));
        const runs = all.filter((_, index) => passing[index]);
        await this.describe(runs, all);
        const groups = new Map<string, StoredRun[]>();
        for (const run of runs) {
            const title = this.grouping === 'time' ? dayOf(run) : titleOf(run);
            groups.set(title, [...(groups.get(title) ?? []), run]);
        }
        return [...groups].map(([title, members]) => ({ title, runs: members }));
    }

    /** Says of each run what changed since the one before it of the same name. */
    private async describe(shown: readonly StoredRun[], all: readonly StoredRun[]): Promise<void> {
        for (const run of shown) {
            if (this.changes.has(run.folder)) continue;
            const earlier = all.find((one) => titleOf(one) === titleOf(run) && one.record.started < run.record.started);
            if (earlier) this.changes.set(run.folder, await this.texts.changesOf(run, earlier));
        }
    }

    getTreeItem(node: HistoryNode): vscode.TreeItem {
        if ('folder' in node) return runItem(node, this.grouping === 'time', this.changes.get(node.folder));
        const item = new vscode.TreeItem(node.title, vscode.TreeItemCollapsibleState.Expanded);
        item.description = `${node.runs.length}`;
        item.contextValue = 'group';
        item.id = `${this.grouping}:${node.title}`;
        return item;
    }

    private async passes(run: StoredRun): Promise<boolean> {
        if (!this.filter) return true;
        const { record, state } = run;
        const words = await this.texts.wordsOf(run);
        const seeds = record.pictures.map(({ seed }) => seed).join(' ');
        const models = record.models.map(({ name }) => name).join(' ');
        const { star, note } = readMark(run.folder);
        const text = `${star ? '★ star ' : ''}${note} ${record.name} ${record.spec ?? ''} ${stateWord(state)} ${record.digest} ${seeds} ${models} ${record.started} ${words}`;
        return text.toLowerCase().includes(this.filter);
    }

    dispose(): void {
        clearTimeout(this.timer);
        clearTimeout(this.later);
        vscode.Disposable.from(this.view, this.watcher, this.changed).dispose();
    }
}

/** The folders that hold runs: those of specs, open ones wherever they are, and the open folders themselves. */
async function findBases(): Promise<readonly string[]> {
    const specs = await vscode.workspace.findFiles('**/*.sdspec', '**/node_modules/**', 2000);
    return [...new Set([...basesOpen(), ...specs.map(({ fsPath }) => dirname(fsPath))])];
}

function titleOf({ record }: StoredRun): string {
    return record.spec ? `${record.name} · ${record.spec}` : record.name;
}

function dayOf({ record }: StoredRun): string {
    const day = new Date(record.started);
    const days = Math.round((startOfDay(new Date()) - startOfDay(day)) / 86_400_000);
    if (days === 0) return 'Today';
    return days === 1 ? 'Yesterday' : day.toLocaleDateString([], { dateStyle: 'medium' });
}

function startOfDay(date: Date): number {
    return new Date(date).setHours(0, 0, 0, 0);
}

function runItem(run: StoredRun, withName: boolean, changes: string | undefined): vscode.TreeItem {
    const { record, state, folder } = run;
    const item = new vscode.TreeItem(withName ? `${record.name}, ${runLabel(run)}` : runLabel(run));
    const count = record.pictures.length === 1 ? '' : ` · ${record.pictures.length} pictures`;
    item.id = folder;
    const { star, note } = readMark(folder);
    const said = `${star ? '★ ' : ''}${note ? `${note} · ` : ''}`;
    const changed = changes ? `${changes} · ` : '';
    item.description = `${said}${changed}${record.seconds.toFixed(1)} s${count} · ${record.digest.slice(0, 8)}`;
    item.contextValue = `run.${state}`;
    item.command = { title: 'Open in Results', command: 'sdspec.runs.open', arguments: [run] };
    const first = record.pictures[0];
    const file = first && fileOf(folder, first.file);
    item.iconPath = file ? vscode.Uri.file(file) : new vscode.ThemeIcon(ICONS[state]);
    item.tooltip = tooltipOf(run, file, note);
    item.accessibilityInformation = { label: `${record.name}, ${runLabel(run)}, ${item.description}` };
    return item;
}

const ICONS = {
    running: 'sync~spin',
    complete: 'check',
    cancelled: 'debug-stop',
    failed: 'error',
    interrupted: 'warning',
};

function tooltipOf(run: StoredRun, file: string | undefined, note: string): vscode.MarkdownString {
    const { record, state } = run;
    const text = new vscode.MarkdownString();
    if (file) text.appendMarkdown(`![](${vscode.Uri.file(file).toString()}|width=192)\n\n`);
    text.appendText(`${record.name}, ${endWords(state, record.pictures.length, record.cells)}`);
    for (const line of [note, ...makersOf(run)].filter(Boolean)) {
        text.appendMarkdown('\n\n');
        text.appendText(line);
    }
    text.appendMarkdown(`\n\n${record.digest.slice(0, 16)} · ${record.device.used} · ${record.seconds.toFixed(2)} s`);
    return text;
}
