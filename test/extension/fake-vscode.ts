/** The editor as far as the extension's parts need it here: events are fired by hand, what is said to the user is kept. */

export class Uri {
    readonly scheme = 'file';
    readonly path: string;
    constructor(path: string) {
        this.path = path;
    }
    get fsPath(): string {
        return this.path;
    }
    toString(): string {
        return `file://${this.path}`;
    }
    static file(path: string): Uri {
        return new Uri(path);
    }
}

/** What the editor knows and was shown; tests set it up again by `reset`. */
export const editor = {
    trusted: true,
    /** Messages to the user. */
    said: [] as string[],
    /** What the user presses next in a message. */
    pressed: undefined as string | undefined,
    /** What `findFiles` finds. */
    files: [] as Uri[],
    documents: [] as Document[],
    opened: undefined! as EventEmitter<Document>,
    changed: undefined! as EventEmitter<DocumentChange>,
    deleted: undefined! as EventEmitter<Uri>,
    /** Items of the status bar and of the Test Explorer, as they were made last. */
    status: { text: '' },
    tests: undefined! as Items,
    refreshTests: async () => {},
};

interface DocumentChange {
    readonly document: Document;
    readonly contentChanges?: readonly { readonly text: string; readonly rangeLength: number }[];
}

export interface Document {
    readonly uri: Uri;
    readonly languageId: string;
    readonly isClosed: boolean;
}

export function reset(): void {
    Object.assign(editor, { trusted: true, said: [], pressed: undefined, files: [], documents: [] });
    editor.opened = new EventEmitter();
    editor.changed = new EventEmitter();
    editor.deleted = new EventEmitter();
}

export class Disposable {
    readonly dispose: () => void;
    constructor(dispose: () => void) {
        this.dispose = dispose;
    }
    static from(...all: { dispose(): void }[]): Disposable {
        return new Disposable(() => all.forEach((one) => void one.dispose()));
    }
}

export class EventEmitter<Value> {
    private readonly listeners = new Set<(value: Value) => void>();
    readonly event = (listener: (value: Value) => void) => {
        this.listeners.add(listener);
        return new Disposable(() => this.listeners.delete(listener));
    };
    fire(value: Value): void {
        for (const listener of this.listeners) listener(value);
    }
    dispose(): void {
        this.listeners.clear();
    }
}

/** Items of the Test Explorer. */
class Items extends Map<string, Item> {
    add(item: Item): void {
        this.set(item.id, item);
    }
    replace(items: readonly Item[]): void {
        this.clear();
        for (const item of items) this.add(item);
    }
}

interface Item {
    readonly id: string;
    readonly children: Items;
}

const say = async (text: string) => {
    editor.said.push(text);
    return editor.pressed;
};

export const window = {
    showInformationMessage: say,
    showWarningMessage: say,
    showErrorMessage: say,
    setStatusBarMessage: () => new Disposable(() => {}),
    createOutputChannel: () => ({ info() {}, error() {}, show() {}, dispose() {} }),
    createStatusBarItem: () => {
        editor.status = Object.assign({ text: '' }, { show() {}, dispose() {} });
        return editor.status;
    },
    createTreeView: () => ({
        selection: [],
        onDidChangeVisibility: () => new Disposable(() => {}),
        dispose() {},
    }),
};

export const workspace = {
    get isTrusted() {
        return editor.trusted;
    },
    get textDocuments() {
        return editor.documents;
    },
    workspaceFolders: [],
    getConfiguration: () => ({ get: (_: string, otherwise: unknown) => otherwise }),
    onDidChangeConfiguration: () => new Disposable(() => {}),
    onDidGrantWorkspaceTrust: () => new Disposable(() => {}),
    onDidCloseTextDocument: () => new Disposable(() => {}),
    onDidOpenTextDocument: (listener: (document: Document) => void) => editor.opened.event(listener),
    onDidChangeTextDocument: (listener: (change: DocumentChange) => void) => editor.changed.event(listener),
    createFileSystemWatcher: () => ({
        onDidCreate: () => new Disposable(() => {}),
        onDidChange: () => new Disposable(() => {}),
        onDidDelete: editor.deleted.event,
        dispose() {},
    }),
    findFiles: async () => editor.files,
    openTextDocument: async () => {},
    asRelativePath: (uri: Uri) => uri.path,
};

export const tests = {
    createTestController: () => {
        editor.tests = new Items();
        return {
            items: editor.tests,
            createTestItem: (id: string): Item => ({ id, children: new Items() }),
            createRunProfile() {},
            set refreshHandler(refresh: () => Promise<void>) {
                editor.refreshTests = refresh;
            },
            dispose() {},
        };
    },
};

export const commands = { executeCommand: async () => {} };
export const StatusBarAlignment = { Left: 1 };
export const TestRunProfileKind = { Run: 1 };
export class ThemeColor {}
