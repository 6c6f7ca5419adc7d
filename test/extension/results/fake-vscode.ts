/** As much of the editor as the results need: places for pages, and their messages. */
import { vi } from 'vitest';
import { EventEmitter } from '../fake-vscode.ts';

export { Disposable, EventEmitter } from '../fake-vscode.ts';

/** A view or a panel, and the page within it, which is gone while the place is hidden. */
export class FakePlace {
    visible = true;
    active = true;
    description = '';
    title = '';
    iconPath: unknown;
    /** The messages to the page since it began. */
    told: Record<string, unknown>[] = [];
    private readonly said = new EventEmitter<unknown>();
    private readonly turned = new EventEmitter<unknown>();
    private readonly gone = new EventEmitter<void>();
    readonly onDidChangeVisibility = this.turned.event;
    readonly onDidChangeViewState = this.turned.event;
    readonly onDidDispose = this.gone.event;
    readonly webview = {
        html: '',
        options: {},
        cspSource: 'self',
        asWebviewUri: (uri: unknown) => uri,
        onDidReceiveMessage: this.said.event,
        postMessage: async (message: Record<string, unknown>) => this.visible && this.told.push(message) > 0,
    };

    show = vi.fn(() => this.turn({ visible: true }));
    reveal = vi.fn(() => this.turn({ visible: true, active: true }));

    turn(state: { readonly visible?: boolean; readonly active?: boolean }): void {
        Object.assign(this, state);
        if (!this.visible) this.told = [];
        this.turned.fire(undefined);
    }
    /** The page says something, and its host has had the time to answer. */
    async say(message: unknown): Promise<void> {
        this.said.fire(message);
        await soon();
    }
    close(): void {
        this.gone.fire();
    }
    /** The run that the page shows. */
    get run(): string | undefined {
        const shown = this.told.findLast(({ kind }) => kind === 'show')?.['shown'];
        return (shown as { key: string } | undefined)?.key;
    }
}

export const soon = () => new Promise((resolve) => setTimeout(resolve, 30));

/** The editor as the extension sees it. */
export const editor = {
    settings: {} as Record<string, unknown>,
    contexts: {} as Record<string, unknown>,
    errors: [] as string[],
    panels: [] as FakePlace[],
    resolveView: (_view: FakePlace): void => {},
    /** A record on disk changed. */
    recordChanged: (_uri: unknown): void => {},
};

export const Uri = {
    file: (fsPath: string) => ({ scheme: 'file', fsPath, with: () => ({ toString: () => fsPath }) }),
    joinPath: ({ fsPath }: { fsPath: string }, ...parts: string[]) => Uri.file([fsPath, ...parts].join('/')),
};
export const ViewColumn = { Beside: -2 };
export const workspace = {
    isTrusted: true,
    workspaceFolders: [] as { uri: unknown }[],
    textDocuments: [],
    onDidGrantWorkspaceTrust: () => ({ dispose() {} }),
    createFileSystemWatcher: () => ({
        onDidChange(heard: (uri: unknown) => void) {
            editor.recordChanged = heard;
            return { dispose() {} };
        },
        dispose() {},
    }),
    getConfiguration: () => ({ get: (name: string, otherwise: unknown) => editor.settings[name] ?? otherwise }),
};
export const commands = {
    async executeCommand(name: string, ...words: unknown[]) {
        if (name === 'setContext') editor.contexts[String(words[0])] = words[1];
    },
};
export const window = {
    registerWebviewViewProvider(_: string, provider: { resolveWebviewView(view: FakePlace): void }) {
        editor.resolveView = (view) => provider.resolveWebviewView(view);
        return { dispose() {} };
    },
    registerWebviewPanelSerializer: () => ({ dispose() {} }),
    createWebviewPanel() {
        const panel = new FakePlace();
        editor.panels.push(panel);
        return panel;
    },
    showErrorMessage: async (text: string) => void editor.errors.push(text),
};
