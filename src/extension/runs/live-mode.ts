/** Live mode: while it is on for a runnable, every change of its text runs it again. */
import * as vscode from 'vscode';
import { keyOf, type RunnableId } from '../runnable.ts';
import { mayRunOrWarn } from '../trust.ts';
import type { Runs } from './run.ts';

/** Milliseconds without a key until the text is run: a word is not run letter by letter. */
const PAUSE = 220;
/**
 * The same after a number was replaced by another one, by a key or a slider: nothing more belongs to it. What changes while
 * the text is planned is planned together, so that a drag asks no more often than it is answered.
 */
const SHORT_PAUSE = 12;

/** One runnable of the window is live at a time. */
export class LiveMode implements vscode.Disposable {
    private readonly changed = new vscode.EventEmitter<void>();
    private readonly runs: Runs;
    private readonly registration: vscode.Disposable;
    private current: RunnableId | undefined;
    private timer: NodeJS.Timeout | undefined;
    /** It was turned on, off, or for another runnable. */
    readonly onDidChange = this.changed.event;

    constructor(runs: Runs) {
        this.runs = runs;
        this.registration = vscode.Disposable.from(
            this.changed,
            // Also of other specs: what is imported has a say in it.
            vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
                // Without a change it was saved.
                if (!this.current || document.languageId !== 'sdspec' || contentChanges.length === 0) return;
                this.runSoon(contentChanges.every(isWholeNumber) ? SHORT_PAUSE : PAUSE);
            }),
            vscode.workspace.onDidCloseTextDocument(({ uri }) => {
                if (uri.toString() === this.current?.uri.toString()) this.set(undefined);
            }),
        );
    }

    isOn(id: RunnableId): boolean {
        return this.current !== undefined && keyOf(this.current) === keyOf(id);
    }

    /** Turns it on for a runnable, which is run at once, or off. */
    toggle(id: RunnableId): void {
        if (this.isOn(id)) this.set(undefined);
        else if (mayRunOrWarn()) {
            this.set(id);
            this.run();
        }
    }

    private set(id: RunnableId | undefined): void {
        clearTimeout(this.timer);
        this.current = id;
        this.changed.fire();
    }

    private runSoon(pause: number): void {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.run(), pause);
    }

    private run(): void {
        if (this.current) void this.runs.start(this.current, { live: true });
    }

    dispose(): void {
        clearTimeout(this.timer);
        this.registration.dispose();
    }
}

function isWholeNumber({ rangeLength, text }: vscode.TextDocumentContentChangeEvent): boolean {
    return rangeLength > 0 && /^[\d.]+$/.test(text);
}
