/** The results, wherever they are shown: which run a page shows, and the messages about it. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { LanguageConnection } from '../client.ts';
import type { RunnableId } from '../runnable.ts';
import { pollElsewhere } from '../runs/elsewhere.ts';
import { type LiveRun, type PreviewEvent, shownProgress } from '../runs/live-run.ts';
import { baseOf, isRunFolder, RECORDS_GLOB, runIn, runsOf } from '../runs/records.ts';
import type { Runs } from '../runs/run.ts';
import { mayRun } from '../trust.ts';
import { runnableOf } from './actions.ts';
import { AdjustPanes } from './adjust/adjust-panes.ts';
import type { Adjusting } from './adjust/adjusting.ts';
import { answerPage } from './answer.ts';
import type { HostAction, PageAction, ToHost } from './messages.ts';
import { type ChosenPlace, type Page, Pages } from './pages.ts';
import { type FindBase, livePicture, showingOf } from './showing.ts';
import { shownOf } from './shown.ts';
import type { Shown } from './shown-run.ts';

export type { ChosenPlace };

export interface ResultsParts {
    readonly extension: vscode.Uri;
    readonly runs: Runs;
    readonly newest: () => Promise<string | undefined>;
    readonly act: (action: HostAction, chosen: ChosenPlace) => Promise<void>;
    /** Which runnable another one is based on. */
    readonly findBase?: FindBase;
    readonly adjusting: Adjusting;
    readonly language: LanguageConnection;
}

export class Results implements vscode.Disposable {
    private readonly pages: Pages;
    private readonly panes: AdjustPanes;
    private readonly language: LanguageConnection;
    private readonly runs: Runs;
    /** The folder of the latest run, for pages that have nothing to remember. */
    private readonly newest: () => Promise<string | undefined>;
    private readonly act: (action: HostAction, chosen: ChosenPlace) => Promise<void>;
    private readonly registrations: vscode.Disposable;
    /** For the view, before it was ever opened: a run that was asked for, or else the latest that started. */
    private pending: { readonly folder: string; readonly asked: boolean } | undefined;
    /** What was to be adjusted in the view before it was ever opened. */
    private pendingAdjust: RunnableId | undefined;
    private states = new Map<string, string>();
    /** Runs that took the view when they were asked for. */
    private readonly shownAtOnce = new Set<string>();
    private readonly records = vscode.workspace.createFileSystemWatcher(RECORDS_GLOB);

    private readonly findBase: FindBase | undefined;

    constructor({ extension, runs, newest, act, findBase, adjusting, language }: ResultsParts) {
        this.findBase = findBase;
        this.pages = new Pages(extension, (page, message) => void this.hear(page, message).catch(postUpdate));
        this.runs = runs;
        this.newest = newest;
        this.act = act;
        this.language = language;
        this.panes = new AdjustPanes(this.pages, adjusting, language);
        this.registrations = vscode.Disposable.from(
            this.pages,
            this.panes,
            this.pages.onDidChangeActive(() => this.tellChosen()),
            runs.onDidChange((run) => ('state' in run ? this.follow(run) : this.showStarting(run))),
            runs.onDidPreview(({ run, preview }) => this.preview(run, preview)),
            runs.onDidPicture((run) => this.picture(run)),
            runs.onDidKeep((run) => this.showAgain(run.folder)),
            this.records,
            this.records.onDidChange(({ fsPath }) => this.recordChanged(dirname(fsPath))),
            pollElsewhere(
                () => this.pages.all.flatMap(({ folder }) => folder ?? []),
                (folder) => this.recordChanged(folder),
            ),
            vscode.workspace.onDidGrantWorkspaceTrust(() => this.refresh()),
        );
    }

    /** Brings the view into sight; the text keeps the focus unless asked otherwise. */
    reveal({ focus = false } = {}): Promise<void> {
        return this.pages.reveal({ focus });
    }

    /** The picture that commands act on. */
    get chosen(): ChosenPlace | undefined {
        return this.pages.active?.chosen;
    }

    /** Shows a run in the view. */
    async open(folder: string): Promise<void> {
        const page = this.pages.inView;
        if (page) await this.show(page, folder);
        else this.pending = { folder, asked: true };
        await this.reveal();
    }

    /** Shows a run, or the one in sight, in an editor of its own. */
    openInEditor(folder: string | undefined): void {
        const run = folder ? runIn(folder) : undefined;
        this.pages.openEditor(`Results: ${run?.record.name ?? 'pictures'}`).folder = folder;
    }

    /** Shows two pictures side by side in the view. */
    async compare(a: ChosenPlace, b: ChosenPlace): Promise<void> {
        await this.open(a.folder);
        const before = await this.pages.readyView();
        if (before) this.pages.allow(before, baseOf(a.folder), baseOf(b.folder));
        const page = await this.pages.readyView();
        const shown = page && (await this.shown(page, b.folder));
        // Another run may have been asked for since.
        if (!shown || page.folder !== a.folder) return;
        this.pages.post(page, { kind: 'other', shown, compare: { key: a.folder, a: a.cell, b: b.cell } });
    }

    /** Shows what can be adjusted in a runnable in the view, beside its latest run if there is one. */
    async adjust(id: RunnableId): Promise<void> {
        const folder = this.latestOf(id);
        const page = this.pages.inView;
        if (page) {
            await this.show(page, folder, NOT_RUN);
            await this.panes.show(page, id);
        } else {
            this.pendingAdjust = id;
            if (folder) this.pending = { folder, asked: true };
        }
        await this.reveal({ focus: true });
    }

    /** Passes a command on to the page that it is for. */
    async do(action: PageAction): Promise<void> {
        const page = await this.pages.readyActive();
        if (page) this.pages.post(page, { kind: 'do', action });
    }

    private async hear(page: Page, message: ToHost): Promise<void> {
        switch (message.kind) {
            case 'ready':
                page.pinned = message.pinned;
                return this.pages.begin(page, async () => {
                    const pending = this.takePending(page);
                    const folder = page.folder ?? pending ?? message.key ?? (await this.newest());
                    // A run may have been asked for while the newest was looked for.
                    await this.show(page, page.folder ?? folder);
                    const adjust = page.place === 'view' ? this.pendingAdjust : undefined;
                    this.pendingAdjust = undefined;
                    await (adjust ? this.panes.show(page, adjust) : this.panes.send(page));
                });
            case 'adjust':
            case 'adjusted':
            case 'adjusting':
                return this.panes.hear(page, message, 'key' in message ? this.runnableIn(message.key) : undefined);
            case 'focus':
                this.pages.focused(page);
                return;
            case 'other': {
                const shown = await this.shown(page, message.key);
                if (shown) this.pages.post(page, { kind: 'other', shown });
                return;
            }
            case 'viewing':
                if (!isRunFolder(message.key)) return;
                page.chosen = { folder: message.key, cell: message.cell };
                this.tellChosen();
                return;
            case 'cell':
            case 'differences':
            case 'copy':
            case 'copied':
            case 'mask':
            case 'save':
                return answerPage(message, {
                    runs: this.runs,
                    language: this.language,
                    runnableIn: (folder) => this.runnableIn(folder),
                    post: (answer) => this.pages.post(page, answer),
                });
            case 'withdraw':
                if (page.starting) this.runs.withdraw(page.starting);
                return;
            case 'pin':
                page.pinned = message.pinned;
                return;
            case 'act':
                if (isRunFolder(message.key))
                    await this.act(message.action, { folder: message.key, cell: message.cell });
        }
    }

    /** What was meant for the view before it was there. A pinned one keeps its run, unless another was asked for. */
    private takePending({ place, pinned }: Page): string | undefined {
        if (place !== 'view') return undefined;
        const { pending } = this;
        this.pending = undefined;
        return pending && (pending.asked || !pinned) ? pending.folder : undefined;
    }

    private tellChosen(): void {
        vscode.commands.executeCommand('setContext', 'sdspec.hasPicture', this.chosen !== undefined);
    }

    /** Shows a run on a page: at once, or when it is ready, unless another is asked for meanwhile. */
    private async show(page: Page, folder: string | undefined, nothing = NOTHING): Promise<void> {
        const asked = ++page.asked;
        page.folder = folder;
        if (!page.ready) return;
        const shown = folder ? await this.shown(page, folder) : undefined;
        if (asked !== page.asked || !page.ready) return;
        if (!shown) {
            page.folder = undefined;
            page.chosen = undefined;
            this.tellChosen();
            const text = mayRun() ? nothing : 'Restricted mode: specs can be edited here and not run.';
            this.pages.post(page, { kind: 'empty', text });
            return;
        }
        page.runnable = `${shown.spec}#${shown.name}`;
        page.setTitle(shown.name);
        this.panes.follow(page, this.runnableIn(shown.key));
        this.pages.allow(page, baseOf(shown.key));
        this.pages.post(page, { kind: 'show', shown, trusted: mayRun() });
    }

    private refresh(): void {
        for (const page of this.pages.all) void this.show(page, page.folder);
    }

    private async shown(page: Page, folder: string): Promise<Shown | undefined> {
        if (!isRunFolder(folder)) return undefined;
        const showing = await showingOf(folder, this.runs, this.findBase);
        if (!showing) return undefined;
        return shownOf(showing, (file, mark) => addressOf(page.webview, file, mark));
    }

    /** A run began, continued or ended: pages that show it are updated; a new run takes the view's place. */
    private follow(run: LiveRun): void {
        const old = this.states.get(run.id);
        const now = run.state;
        this.states.set(run.id, now);
        if (now === 'ended') {
            this.states.delete(run.id);
            this.shownAtOnce.delete(run.id);
        }
        // One that waits for others is shown when its turn comes: until then the view follows the one that is running.
        const [first] = this.runs.active;
        const isAlone = !first || first.id === run.id || first.state === 'waiting';
        const begins = old === undefined ? isAlone : now === 'running' && old !== now && !this.shownAtOnce.has(run.id);
        if (begins) this.shownAtOnce.add(run.id);
        const progress = shownProgress(run);
        for (const page of this.pages.all) {
            const mine = page.folder === run.folder;
            const same = page.runnable === `${run.spec}#${run.name}`;
            const takes = begins && !page.pinned && (page.place === 'view' || same);
            if (!mine && !takes) continue;
            if (old !== now) void this.show(page, run.folder);
            else if (progress) this.pages.post(page, { kind: 'progress', key: run.folder, progress });
        }
        if (!begins) return;
        const wanted = vscode.workspace.getConfiguration('sdspec').get('results.reveal', 'always') === 'always';
        if (!this.pages.inView) this.pending = { folder: run.folder, asked: false };
        if (wanted && !this.pages.inView?.isVisible()) void this.reveal();
    }

    /** Where a run will be shown that is still planned, it can be stopped already. */
    private showStarting(id: RunnableId): void {
        const name = this.runs.isAskedFor(id) ? id.name : undefined;
        for (const page of this.pages.all) {
            const same = page.runnable === `${basename(id.uri.fsPath)}#${id.name}`;
            if (!same && (page.place !== 'view' || page.pinned)) continue;
            page.starting = name ? id : undefined;
            this.pages.post(page, { kind: 'starting', ...(name ? { name } : {}) });
        }
    }

    /** Draws a run again where it is shown. */
    showAgain(folder: string): void {
        for (const page of this.pages.all) if (page.folder === folder) void this.show(page, folder);
    }

    /** Another window or the command line continues with a run: what this window makes reports itself. */
    private recordChanged(folder: string): void {
        const live = this.runs.in(folder);
        if (!live || live.state === 'ended' || !live.begun) this.showAgain(folder);
    }

    private preview(run: LiveRun, { cell, step, picture, draft }: PreviewEvent): void {
        const { width, height, data } = picture;
        const shown = { cell, step, width, height, data, ...(draft === undefined ? {} : { draft }) };
        for (const page of this.showingRun(run)) this.pages.post(page, { kind: 'preview', key: run.folder, ...shown });
    }

    private picture(run: LiveRun): void {
        const newest = run.pictures.at(-1);
        if (!newest) return;
        for (const page of this.showingRun(run)) {
            const picture = livePicture(run, newest, (file, mark) => addressOf(page.webview, file, mark));
            this.pages.post(page, { kind: 'picture', key: run.folder, picture });
        }
    }

    private showingRun(run: LiveRun): readonly Page[] {
        return this.pages.all.filter(({ folder }) => folder === run.folder);
    }

    /** Shows the latest run of a runnable, wherever it is. */
    async openRunnable(id: RunnableId): Promise<void> {
        const folder = this.latestOf(id);
        if (folder) await this.open(folder);
        else await this.reveal();
    }

    /** The folder of a runnable's latest run. */
    private latestOf(id: RunnableId): string | undefined {
        const base = dirname(id.uri.fsPath);
        return this.runs.of(id)?.folder ?? runsOf(base, id.name, basename(id.uri.fsPath))[0]?.folder;
    }

    /** The runnable that a run is of. */
    private runnableIn(folder: string | undefined): RunnableId | undefined {
        if (!folder || !isRunFolder(folder)) return undefined;
        const live = this.runs.in(folder);
        const stored = live ? undefined : runIn(folder);
        return live ?? (stored && runnableOf(stored));
    }

    dispose(): void {
        this.registrations.dispose();
    }
}

const NOTHING = 'Run a picture to see it here.';
const NOT_RUN = 'This was not run yet: Run makes its picture.';

/** A file's address for the page; the mark makes a new address for a file that was written again. */
function addressOf(webview: vscode.Webview, file: string, mark: string): string {
    return webview.asWebviewUri(vscode.Uri.file(file).with({ query: `v=${mark}` })).toString();
}

function postUpdate(error: Error): void {
    vscode.window.showErrorMessage(`This could not be done: ${error.message}`);
}
