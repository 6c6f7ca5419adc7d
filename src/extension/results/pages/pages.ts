/** The places where results are shown: the view beside the text, and editors. */
import * as vscode from 'vscode';
import type { RunnableId } from '../../runnable.ts';
import { pageHtml, readableFolders } from '../html.ts';
import type { ToHost, ToPage } from '../messages.ts';
import { parseToHost } from '../parse-messages.ts';

/** A picture that is in sight. */
export interface ChosenPlace {
    readonly folder: string;
    readonly cell: number;
}

/** A place where results are shown. */
export interface Page {
    readonly webview: vscode.Webview;
    readonly place: 'view' | 'panel';
    readonly setTitle: (title: string) => void;
    readonly isVisible: () => boolean;
    /** Brings it into sight; the text keeps the focus unless asked otherwise. */
    readonly reveal: (how?: { readonly focus?: boolean }) => void;
    /** The run that it is to show. */
    folder: string | undefined;
    runnable: string | undefined;
    /** The picture in sight, as the page reported it. */
    chosen: ChosenPlace | undefined;
    pinned: boolean;
    /** What was planned last to be shown on it next, and whether the page says so. */
    starting: RunnableId | undefined;
    isStarting: boolean;
    /** Whether it can receive messages: not before its script has started, nor while it is hidden, as it is disposed then. */
    ready: boolean;
    /** How often it was asked to show a run: only what was asked last is shown. The number of the one that is. */
    asked: number;
    answered: number;
    /** Folders whose runs it may read. */
    readonly bases: Set<string>;
}

type Place = Pick<Page, 'webview' | 'place' | 'setTitle' | 'isVisible' | 'reveal'>;

const VIEW = 'sdspec.results';
/** Milliseconds that a page has until it is ready. */
const PATIENCE = 10_000;

export class Pages implements vscode.Disposable {
    private readonly pages = new Set<Page>();
    private readonly extension: vscode.Uri;
    private readonly hear: (page: Page, message: ToHost) => void;
    private readonly changed = new vscode.EventEmitter<void>();
    private readonly heard = new vscode.EventEmitter<void>();
    private readonly registrations: vscode.Disposable;
    /** The page that had the focus last. */
    private last: Page | undefined;

    /** Another page may be the active one. */
    readonly onDidChangeActive = this.changed.event;

    constructor(extension: vscode.Uri, hear: (page: Page, message: ToHost) => void) {
        this.extension = extension;
        this.hear = hear;
        this.registrations = vscode.Disposable.from(
            this.changed,
            this.heard,
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

    /** The page that commands are for: the one that had the focus last, unless that is hidden and another is not. */
    get active(): Page | undefined {
        const candidates = [this.last, this.inView, ...this.all];
        return candidates.find((page) => page?.isVisible()) ?? candidates.find((page) => page !== undefined);
    }

    /** This page received the focus. */
    focused(page: Page): void {
        this.last = page;
        this.changed.fire();
    }

    /** Brings the view into sight; the text keeps the focus unless asked otherwise. */
    async reveal({ focus = false } = {}): Promise<void> {
        if (this.inView) this.inView.reveal({ focus });
        else await vscode.commands.executeCommand(`${VIEW}.focus`, { preserveFocus: !focus });
    }

    /** The view's page as soon as it is ready. */
    readyView(): Promise<Page | undefined> {
        return this.ready(() => this.inView);
    }

    /** The active page, brought into sight, as soon as it is ready. */
    async readyActive(): Promise<Page | undefined> {
        const { active } = this;
        if (!active) await this.reveal();
        else if (!active.isVisible()) active.reveal();
        return this.ready(() => this.active);
    }

    /** A page can receive messages from now on: `show` sends what it begins with, before anything that waits for the page. */
    async begin(page: Page, show: () => Promise<void>): Promise<void> {
        page.ready = true;
        try {
            await show();
        } finally {
            this.heard.fire();
        }
    }

    /** A page as soon as it is ready; undefined where it is not in time. Which one it is may change until then. */
    private ready(which: () => Page | undefined): Promise<Page | undefined> {
        return new Promise((resolve) => {
            const end = (page?: Page) => {
                clearTimeout(timer);
                events.dispose();
                resolve(page);
            };
            const look = () => {
                const page = which();
                if (page?.ready) end(page);
            };
            const timer = setTimeout(end, PATIENCE);
            const events = vscode.Disposable.from(this.heard.event(look), this.changed.event(look));
            look();
        });
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

    /** A page that is not ready yet receives all that it needs when it is. */
    post(page: Page, message: ToPage): void {
        if (page.ready) void page.webview.postMessage(message);
    }

    private resolve(view: vscode.WebviewView): void {
        const page = this.connect({
            webview: view.webview,
            place: 'view',
            setTitle: (title) => {
                view.description = title;
            },
            isVisible: () => view.visible,
            reveal: ({ focus = false } = {}) => view.show(!focus),
        });
        view.onDidDispose(() => this.forget(page));
        view.onDidChangeVisibility(() => this.turned(page));
    }

    private adopt(panel: vscode.WebviewPanel): Page {
        panel.iconPath = vscode.Uri.joinPath(this.extension, 'media', 'file.svg');
        const page = this.connect({
            webview: panel.webview,
            place: 'panel',
            setTitle: (title) => {
                panel.title = `Results: ${title}`;
            },
            isVisible: () => panel.visible,
            reveal: ({ focus = false } = {}) => panel.reveal(undefined, !focus),
        });
        const come = () => panel.active && this.focused(page);
        panel.onDidDispose(() => this.forget(page));
        panel.onDidChangeViewState(() => {
            this.turned(page);
            come();
        });
        come();
        return page;
    }

    private connect(place: Place): Page {
        const { webview } = place;
        const page: Page = {
            ...place,
            folder: undefined,
            runnable: undefined,
            chosen: undefined,
            pinned: false,
            starting: undefined,
            isStarting: false,
            ready: false,
            asked: 0,
            answered: 0,
            bases: new Set(basesOpen()),
        };
        this.pages.add(page);
        this.setReadable(page);
        webview.onDidReceiveMessage((data: unknown) => {
            const message = parseToHost(data);
            if (message) this.hear(page, message);
        });
        webview.html = pageHtml(webview, this.extension, place.place);
        return page;
    }

    private setReadable({ webview, bases }: Page): void {
        webview.options = { enableScripts: true, localResourceRoots: readableFolders(this.extension, bases) };
    }

    /** It came into sight or went out of it. */
    private turned(page: Page): void {
        if (!page.isVisible()) page.ready = false;
        this.changed.fire();
    }

    private forget(page: Page): void {
        this.pages.delete(page);
        page.ready = false;
        if (this.last === page) this.last = undefined;
        this.changed.fire();
    }

    dispose(): void {
        this.registrations.dispose();
    }
}

/** The folders below which runs may be: those of the window, and those of open specs. */
export function basesOpen(): readonly string[] {
    const roots = (vscode.workspace.workspaceFolders ?? [])
        .filter(({ uri }) => uri.scheme === 'file')
        .map(({ uri }) => uri.fsPath);
    const specs = vscode.workspace.textDocuments
        .filter(({ languageId, uri }) => languageId === 'sdspec' && uri.scheme === 'file')
        .map(({ uri }) => vscode.Uri.joinPath(uri, '..').fsPath);
    return [...roots, ...specs];
}
