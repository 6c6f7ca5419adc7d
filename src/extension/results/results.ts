/** The results, wherever they are shown: one view beside the text, and any number of editors. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { isRunFolder, readRun, runsOf } from '../records.ts';
import type { LiveRun, PreviewEvent, RunnableId, Runs } from '../run.ts';
import { mayRun } from '../trust.ts';
import { pageHtml, readableFolders } from './html.ts';
import { type HostAction, type PageAction, parseToHost, type Shown, type ToPage } from './messages.ts';
import { livePicture, showingOf } from './showing.ts';
import { shownOf } from './shown.ts';

/** A picture that somebody looks at. */
export interface Chosen {
    readonly folder: string;
    readonly cell: number;
}

/** A place where results are shown. */
interface Page {
    readonly webview: vscode.Webview;
    readonly place: 'view' | 'panel';
    readonly setTitle: (title: string) => void;
    /** The run in sight. */
    folder: string | undefined;
    runnable: string | undefined;
    pinned: boolean;
    ready: boolean;
    /** Runs whose spec's folders the page may read. */
    bases: string[];
}

export interface ResultsParts {
    readonly extension: vscode.Uri;
    readonly runs: Runs;
    readonly newest: () => Promise<string | undefined>;
    readonly act: (action: HostAction, chosen: Chosen) => void;
}

const VIEW = 'sdspec.results';

export class Results implements vscode.Disposable {
    private readonly pages = new Set<Page>();
    private readonly extension: vscode.Uri;
    private readonly runs: Runs;
    /** The folder of the latest run, for pages that have nothing to remember. */
    private readonly newest: () => Promise<string | undefined>;
    private readonly act: (action: HostAction, chosen: Chosen) => void;
    private readonly registrations: vscode.Disposable;
    private view: vscode.WebviewView | undefined;
    private active: Page | undefined;
    private pending: string | undefined;
    private states = new Map<string, string>();
    /** The picture that commands act on. */
    chosen: Chosen | undefined;

    constructor({ extension, runs, newest, act }: ResultsParts) {
        this.extension = extension;
        this.runs = runs;
        this.newest = newest;
        this.act = act;
        this.registrations = vscode.Disposable.from(
            vscode.window.registerWebviewViewProvider(VIEW, { resolveWebviewView: (view) => this.resolve(view) }),
            vscode.window.registerWebviewPanelSerializer(VIEW, {
                deserializeWebviewPanel: async (panel) => void this.adopt(panel),
            }),
            runs.onDidChange((run) => 'state' in run && this.follow(run)),
            runs.onDidPreview(({ run, preview }) => this.preview(run, preview)),
            runs.onDidPicture((run) => this.picture(run)),
            vscode.workspace.onDidGrantWorkspaceTrust(() => this.pages.forEach((page) => void this.refresh(page))),
        );
    }

    /** Brings the view into sight; the text keeps the focus unless asked otherwise. */
    async reveal({ focus = false } = {}): Promise<void> {
        if (this.view) this.view.show(!focus);
        else await vscode.commands.executeCommand(`${VIEW}.focus`, { preserveFocus: !focus });
    }

    /** Shows a run in the view. */
    async open(folder: string): Promise<void> {
        const page = this.viewPage();
        if (page?.ready) await this.show(page, folder);
        else this.pending = folder;
        await this.reveal();
    }

    /** Shows a run, or the one in sight, in an editor of its own. */
    async openInEditor(folder: string | undefined): Promise<void> {
        const run = folder ? readRun(folder) : undefined;
        const title = `Results: ${run?.record.name ?? 'pictures'}`;
        const panel = vscode.window.createWebviewPanel(VIEW, title, { viewColumn: vscode.ViewColumn.Beside }, {});
        const page = this.adopt(panel);
        page.folder = folder;
    }

    /** Shows two pictures side by side in the view. */
    async compare(a: Chosen, b: Chosen): Promise<void> {
        await this.open(a.folder);
        const page = await this.readyView();
        if (!page) return;
        await this.show(page, a.folder);
        const shown = await this.shown(page, b.folder);
        if (shown) this.post(page, { kind: 'other', shown, compare: { a: a.cell, b: b.cell } });
    }

    /** Passes a command on to the page in sight. */
    do(action: PageAction): void {
        const page = this.active ?? this.viewPage();
        if (page) this.post(page, { kind: 'do', action });
    }

    private viewPage(): Page | undefined {
        return [...this.pages].find(({ place }) => place === 'view');
    }

    private async readyView(): Promise<Page | undefined> {
        for (let waited = 0; waited < 5000; waited += 50) {
            const page = this.viewPage();
            if (page?.ready) return page;
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        return undefined;
    }

    private resolve(view: vscode.WebviewView): void {
        this.view = view;
        const page = this.connect(view.webview, 'view', (title) => {
            view.description = title;
        });
        view.onDidDispose(() => {
            this.view = undefined;
            this.forget(page);
        });
        view.onDidChangeVisibility(() => {
            if (view.visible) this.active = page;
        });
    }

    private adopt(panel: vscode.WebviewPanel): Page {
        panel.iconPath = vscode.Uri.joinPath(this.extension, 'media', 'file.svg');
        const page = this.connect(panel.webview, 'panel', (title) => {
            panel.title = `Results: ${title}`;
        });
        panel.onDidDispose(() => this.forget(page));
        panel.onDidChangeViewState(() => {
            if (panel.active) this.active = page;
        });
        return page;
    }

    private connect(webview: vscode.Webview, place: Page['place'], setTitle: Page['setTitle']): Page {
        const roots = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
        const specs = vscode.workspace.textDocuments
            .filter(({ languageId, uri }) => languageId === 'sdspec' && uri.scheme === 'file')
            .map(({ uri }) => vscode.Uri.joinPath(uri, '..').fsPath);
        const bases = [...new Set([...roots, ...specs])];
        const page: Page = {
            webview,
            place,
            setTitle,
            folder: undefined,
            runnable: undefined,
            pinned: false,
            ready: false,
            bases,
        };
        this.pages.add(page);
        this.active ??= page;
        this.allow(page);
        webview.onDidReceiveMessage((message: unknown) => this.hear(page, message));
        webview.html = pageHtml(webview, this.extension, place);
        return page;
    }

    private allow(page: Page): void {
        const roots = readableFolders(
            this.extension,
            page.bases.map((base) => vscode.Uri.file(base)),
        );
        page.webview.options = { enableScripts: true, localResourceRoots: roots };
    }

    private forget(page: Page): void {
        this.pages.delete(page);
        if (this.active === page) this.active = this.viewPage();
    }

    private async hear(page: Page, data: unknown): Promise<void> {
        const message = parseToHost(data);
        if (!message) return;
        switch (message.kind) {
            case 'ready': {
                page.ready = true;
                const folder = this.pending ?? page.folder ?? message.key ?? (await this.newest());
                if (page.place === 'view') this.pending = undefined;
                await this.show(page, folder);
                return;
            }
            case 'other': {
                const shown = await this.shown(page, message.key);
                if (shown) this.post(page, { kind: 'other', shown });
                return;
            }
            case 'viewing':
                this.active = page;
                this.chosen = { folder: message.key, cell: message.cell };
                vscode.commands.executeCommand('setContext', 'sdspec.hasPicture', true);
                return;
            case 'pin':
                page.pinned = message.pinned;
                await this.refresh(page);
                return;
            case 'act':
                if (isRunFolder(message.key)) this.act(message.action, { folder: message.key, cell: message.cell });
        }
    }

    private async refresh(page: Page): Promise<void> {
        if (page.ready) await this.show(page, page.folder);
    }

    private async show(page: Page, folder: string | undefined): Promise<void> {
        const shown = folder ? await this.shown(page, folder) : undefined;
        if (!shown) {
            const text = mayRun()
                ? 'Run a picture to see it here.'
                : 'Restricted mode: specs can be edited here and not run.';
            this.post(page, { kind: 'empty', text });
            return;
        }
        page.folder = shown.key;
        page.runnable = `${shown.spec}#${shown.name}`;
        page.setTitle(shown.name);
        this.post(page, { kind: 'show', shown, trusted: mayRun(), pinned: page.pinned });
    }

    private async shown(page: Page, folder: string): Promise<Shown | undefined> {
        if (!isRunFolder(folder)) return undefined;
        const showing = await showingOf(folder, this.runs);
        if (!showing) return undefined;
        return shownOf(showing, (file, mark) => addressOf(page.webview, file, mark));
    }

    /** A run began, went on or ended: pages that show it hear of it; a new run takes the view's place. */
    private follow(run: LiveRun): void {
        const old = this.states.get(run.id);
        const now = run.state;
        this.states.set(run.id, now);
        for (const page of this.pages) {
            const mine = page.folder === run.folder;
            const same = page.runnable === `${run.spec}#${run.name}`;
            const takes = old === undefined && !page.pinned && (page.place === 'view' || same);
            if (!mine && !takes) continue;
            page.folder = run.folder;
            if (!page.ready) continue;
            if (old !== now) void this.show(page, run.folder);
            else if (run.progress) this.post(page, { kind: 'progress', key: run.folder, progress: run.progress });
        }
        if (old !== undefined) return;
        const wanted = vscode.workspace.getConfiguration('sdspec').get('results.reveal', 'always') === 'always';
        if (!this.viewPage()?.ready) this.pending = run.folder;
        if (wanted && !this.view?.visible) void this.reveal();
    }

    private preview(run: LiveRun, { cell, step, picture }: PreviewEvent): void {
        const { width, height, data } = picture;
        for (const page of this.showingRun(run)) {
            this.post(page, { kind: 'preview', key: run.folder, cell, step, width, height, data });
        }
    }

    private picture(run: LiveRun): void {
        const newest = run.pictures.at(-1);
        if (!newest) return;
        for (const page of this.showingRun(run)) {
            const picture = livePicture(run, newest, (file, mark) => addressOf(page.webview, file, mark));
            this.post(page, { kind: 'picture', key: run.folder, picture });
        }
    }

    private showingRun(run: LiveRun): readonly Page[] {
        return [...this.pages].filter(({ folder, ready }) => ready && folder === run.folder);
    }

    private post(page: Page, message: ToPage): void {
        void page.webview.postMessage(message);
    }

    /** Shows the latest run of a runnable, wherever it stands. */
    async openRunnable(id: RunnableId, base: string): Promise<void> {
        const live = this.runs.of(id);
        const folder = live?.folder ?? runsOf(base, id.name, basename(id.uri.fsPath))[0]?.folder;
        if (folder) await this.open(folder);
        else await this.reveal();
    }

    dispose(): void {
        this.registrations.dispose();
    }
}

/** A file's address for the page; the mark makes a new address for a file that was written anew. */
function addressOf(webview: vscode.Webview, file: string, mark: string): string {
    return webview.asWebviewUri(vscode.Uri.file(file).with({ query: `v=${mark}` })).toString();
}
