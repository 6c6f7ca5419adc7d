/** The Runs tree: what was run, by picture or by time, with thumbnails. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { deleteRun } from '../../runtime/run/runs.ts';
import { basesOpen } from '../results/pages/pages.ts';
import { RECORDS_GLOB, readMark, runIn, runsFolderOf, runsIn, type StoredRun } from '../runs/records.ts';
import type { Runs } from '../runs/run.ts';
import { stateWord } from '../runs/state-words.ts';
import { runItem, runTooltip } from './run-item.ts';
import { type MoreRuns, type RunGroup, runPages } from './run-pages.ts';
import { RunTexts } from './run-texts.ts';

/** A heading of the tree, a run beneath one, or the row behind which the older runs are. */
export type HistoryNode = RunGroup | StoredRun | MoreRuns;

const LOOK_AGAIN_MS = 5000;
/** Milliseconds without a change until the tree is read again, and between two drawings of it: live mode makes runs faster. */
const PAUSE_MS = 150;
const LEAST_MS = 1000;

export class History implements vscode.TreeDataProvider<HistoryNode>, vscode.Disposable {
    private readonly changed = new vscode.EventEmitter<HistoryNode | undefined>();
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
    private readonly pages = runPages();
    /** All runs as they were listed last, and the headings that are shown. */
    private listed: readonly StoredRun[] = [];
    private groups: readonly RunGroup[] = [];
    private drawnAt = 0;
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
        const pause = Math.max(PAUSE_MS, this.drawnAt + LEAST_MS - Date.now());
        this.timer = setTimeout(() => void this.update(), pause);
    }

    /** Draws the headings again below which something changed: the editor keeps a little of every row that it ever drew. */
    private async update(): Promise<void> {
        this.bases = undefined;
        if (!this.view.visible) return;
        this.drawnAt = Date.now();
        const groups = await this.grouped();
        const titles = (all: readonly RunGroup[]) => all.map(({ title }) => title).join('\n');
        if (titles(groups) !== titles(this.groups)) return this.redraw();
        for (const [index, { runs, drawn }] of groups.entries()) {
            const shown = this.groups[index]!;
            if (shown.drawn === drawn) continue;
            Object.assign(shown, { runs, drawn });
            for (const { folder } of runs) this.changes.delete(folder);
            this.changed.fire(shown);
        }
    }

    private redraw(): void {
        this.changes = new Map();
        this.changed.fire(undefined);
    }

    get selection(): readonly StoredRun[] {
        return this.view.selection.filter((node) => 'folder' in node);
    }

    setFilter(text: string): void {
        this.filter = text.trim().toLowerCase();
        this.pages.reset();
        vscode.commands.executeCommand('setContext', 'sdspec.runsFiltered', this.filter !== '');
        this.view.message = this.filter ? `Runs with “${text.trim()}”` : undefined!;
        this.redraw();
    }

    setGrouping(grouping: 'runnable' | 'time'): void {
        this.grouping = grouping;
        this.pages.reset();
        vscode.commands.executeCommand('setContext', 'sdspec.runsGrouping', grouping);
        this.redraw();
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
            void this.update();
        }, LOOK_AGAIN_MS);
    }

    /** Deletes what the user agrees to; a run that is under way is stopped first. */
    async delete(stored: readonly StoredRun[], runs: Runs): Promise<void> {
        const what = stored.length === 1 ? `the run of ${stored[0]?.record.name}` : `${stored.length} runs`;
        const remove = 'Delete';
        const detail = 'Their pictures are removed from the disk, and the records of how they were made.';
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

    /** Shows more of the runs below a heading. */
    showMore(title: string): void {
        this.pages.more(title);
        this.changed.fire(this.groups.find((one) => one.title === title));
    }

    async getChildren(node?: HistoryNode): Promise<HistoryNode[]> {
        if (node) {
            if (!('runs' in node)) return [];
            const page = this.pages.of(node);
            await this.describe(page.filter((one) => 'folder' in one));
            return [...page];
        }
        const groups = await this.grouped();
        // The same heading is the same object: the editor knows it by that when it is to be drawn again.
        const known = new Map(this.groups.map((one) => [one.title, one]));
        this.groups = groups.map((one) => Object.assign(known.get(one.title) ?? {}, one));
        return [...this.groups];
    }

    private async grouped(): Promise<readonly RunGroup[]> {
        const all = await this.all();
        this.listed = all;
        const passing = await Promise.all(all.map((run) => this.passes(run)));
        const groups = new Map<string, StoredRun[]>();
        for (const run of all.filter((_, index) => passing[index])) {
            const title = this.grouping === 'time' ? dayOf(run) : titleOf(run);
            const members = groups.get(title);
            if (members) members.push(run);
            else groups.set(title, [run]);
        }
        return [...groups].map(([title, runs]) => ({ title, runs, drawn: this.pages.drawnOf({ title, runs }) }));
    }

    /** Says of each run what changed since the one before it of the same name. */
    private async describe(shown: readonly StoredRun[]): Promise<void> {
        for (const run of shown) {
            if (this.changes.has(run.folder)) continue;
            const earlier = this.listed.find(
                (one) => titleOf(one) === titleOf(run) && one.record.started < run.record.started,
            );
            if (earlier) this.changes.set(run.folder, await this.texts.changesOf(run, earlier));
        }
    }

    getTreeItem(node: HistoryNode): vscode.TreeItem {
        if ('folder' in node) return runItem(node, this.grouping === 'time', this.changes.get(node.folder));
        if ('rest' in node) return moreItem(node);
        const item = new vscode.TreeItem(node.title, vscode.TreeItemCollapsibleState.Expanded);
        item.description = `${node.runs.length}`;
        item.contextValue = 'group';
        item.id = `${this.grouping}:${node.title}`;
        return item;
    }

    /** Made when the pointer is over the row: a picture and a few lines for each run would be kept otherwise. */
    resolveTreeItem(item: vscode.TreeItem, node: HistoryNode): vscode.TreeItem {
        if ('folder' in node) item.tooltip = runTooltip(node);
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

function moreItem({ title, rest }: MoreRuns): vscode.TreeItem {
    const item = new vscode.TreeItem(`${rest} older…`);
    item.id = `more:${title}`;
    item.command = { title: 'Show More Runs', command: 'sdspec.runs.more', arguments: [title] };
    item.iconPath = new vscode.ThemeIcon('ellipsis');
    return item;
}
