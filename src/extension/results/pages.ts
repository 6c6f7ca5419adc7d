/** The places where results are shown: the view beside the text, and editors. */
import * as vscode from 'vscode';
import { pageHtml, readableFolders } from './html.ts';
import { parseToHost, type ToHost, type ToPage } from './messages.ts';

/** A place where results are shown. */
export interface Page {
    readonly webview: vscode.Webview;
    readonly place: 'view' | 'panel';
    readonly setTitle: (title: string) => void;
    /** The run in sight. */
    folder: string | undefined;
    runnable: string | undefined;
    pinned: boolean;
    /** Whether it hears: not before its script has begun. */
    ready: boolean;
    /** Folders whose runs it may read. */
    readonly bases: Set<string>;
}

const VIEW = 'sdspec.results';

export class Pages implements vscode.Disposable {
    private readonly pages = new Set<Page>();
    private readonly extension: vscode.Uri;
    private readonly hear: (page: Page, message: ToHost) => void;
    private readonly registrations: vscode.Disposable;
    private view: vscode.WebviewView | undefined;
    /** The page that was looked at last: commands are for it. */
    active: Page | undefined;

    constructor(extension: vscode.Uri, hear: (page: Page, message: ToHost) => void) {
        this.extension = extension;
        this.hear = hear;
        this.registrations = vscode.Disposable.from(
            vscode.window.registerWebviewViewProvider(VIEW, { resolveWebviewView: (view) => this.resolve(view) }),
            vscode.window.registerWebviewPanelSerializer(VIEW, {
                deserializeWebviewPanel: async (panel) => void this.adopt(panel),
            }),
        );
    }

    get all(): readonly Page[] {
        return [...this.pages];
    }

    /** The view's page, once the view was opened. */
    get inView(): Page | undefined {
        return this.all.find(({ place }) => place === 'view');
    }

    get isViewVisible(): boolean {
        return this.view?.visible ?? false;
    }

    /** Brings the view into sight; the text keeps the focus unless asked otherwise. */
    async reveal({ focus = false } = {}): Promise<void> {
        if (this.view) this.view.show(!focus);
        else await vscode.commands.executeCommand(`${VIEW}.focus`, { preserveFocus: !focus });
    }

    /** The view's page as soon as it hears. */
    async readyView(): Promise<Page | undefined> {
        for (let waited = 0; waited < 5000; waited += 50) {
            if (this.inView?.ready) return this.inView;
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        return undefined;
    }

    /** A page in an editor of its own. */
    openEditor(title: string): Page {
        return this.adopt(vscode.window.createWebviewPanel(VIEW, title, { viewColumn: vscode.ViewColumn.Beside }, {}));
    }

    /** Lets a page read the runs of these folders. Where that is new the page begins again, and says when it is ready. */
    allow(page: Page, ...bases: readonly string[]): void {
        const news = bases.filter((base) => !page.bases.has(base));
        if (news.length === 0) return;
        for (const base of news) page.bases.add(base);
        page.ready = false;
        this.setReadable(page);
    }

    post(page: Page, message: ToPage): void {
        void page.webview.postMessage(message);
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
        const page: Page = {
            webview,
            place,
            setTitle,
            folder: undefined,
            runnable: undefined,
            pinned: false,
            ready: false,
            bases: new Set(basesOpen()),
        };
        this.pages.add(page);
        this.active ??= page;
        this.setReadable(page);
        webview.onDidReceiveMessage((data: unknown) => {
            const message = parseToHost(data);
            if (message) this.hear(page, message);
        });
        webview.html = pageHtml(webview, this.extension, place);
        return page;
    }

    private setReadable({ webview, bases }: Page): void {
        webview.options = { enableScripts: true, localResourceRoots: readableFolders(this.extension, bases) };
    }

    private forget(page: Page): void {
        this.pages.delete(page);
        if (this.active === page) this.active = this.inView;
    }

    dispose(): void {
        this.registrations.dispose();
    }
}

/** The folders below which runs may lie: those of the window, and those of open specs. */
export function basesOpen(): readonly string[] {
    const roots = (vscode.workspace.workspaceFolders ?? [])
        .filter(({ uri }) => uri.scheme === 'file')
        .map(({ uri }) => uri.fsPath);
    const specs = vscode.workspace.textDocuments
        .filter(({ languageId, uri }) => languageId === 'sdspec' && uri.scheme === 'file')
        .map(({ uri }) => vscode.Uri.joinPath(uri, '..').fsPath);
    return [...roots, ...specs];
}
