/** Adjustments of the results page written into the spec's text: one after the other, a drag as one step of undo. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Adjustment } from '../../../language/write/adjust/adjustment.ts';
import type { LanguageConnection, RangeEdit } from '../../client.ts';
import type { RunnableId } from '../../runnable.ts';
import type { LiveMode } from '../../runs/live-mode.ts';
import { mayRun } from '../../trust.ts';
import type { ShownAdjustable } from '../shown-run.ts';

/** An adjustment that a page reported, at the beginning, in the middle or at the end of a drag. */
export interface ReportedAdjustment {
    readonly adjustment: Adjustment;
    readonly begins: boolean;
    readonly ends: boolean;
}

/** Milliseconds without a change of the text until a page shows what it is now. */
const PAUSE = 80;
/** How often an edit is asked for again because the text changed meanwhile. */
const ATTEMPTS = 3;

export class Adjusting implements vscode.Disposable {
    private readonly language: LanguageConnection;
    private readonly liveMode: LiveMode;
    private readonly changed = new vscode.EventEmitter<void>();
    private readonly registration: vscode.Disposable;
    private timer: NodeJS.Timeout | undefined;
    /** What is to be written next: of a drag that is faster than the text, only its last state is. */
    private next: { readonly id: RunnableId; readonly reported: ReportedAdjustment } | undefined;
    private writing = false;

    /** What can be adjusted may be something else now. */
    readonly onDidChange = this.changed.event;

    constructor(language: LanguageConnection, liveMode: LiveMode) {
        this.language = language;
        this.liveMode = liveMode;
        this.registration = vscode.Disposable.from(
            this.changed,
            vscode.workspace.onDidChangeTextDocument(({ document }) => {
                if (document.languageId === 'sdspec') this.changeSoon();
            }),
            liveMode.onDidChange(() => this.changed.fire()),
            vscode.workspace.onDidGrantWorkspaceTrust(() => this.changed.fire()),
        );
    }

    /** What can be adjusted in a runnable; undefined where there is no such one. */
    async of(id: RunnableId): Promise<ShownAdjustable | undefined> {
        // The language knows documents that were opened.
        await vscode.workspace.openTextDocument(id.uri);
        const found = await this.language.adjustable(id);
        return (
            found && {
                ...found,
                spec: basename(id.uri.path),
                isLive: this.liveMode.isOn(id),
                mayRun: mayRun(),
            }
        );
    }

    toggleLive(id: RunnableId): void {
        this.liveMode.toggle(id);
    }

    /** Writes an adjustment, as soon as those before it are written. */
    async write(id: RunnableId, reported: ReportedAdjustment): Promise<void> {
        const begins = reported.begins || (this.next?.reported.begins ?? false);
        this.next = { id, reported: { ...reported, begins } };
        if (this.writing) return;
        this.writing = true;
        try {
            while (this.next) {
                const now: NonNullable<typeof this.next> = this.next;
                this.next = undefined;
                await this.writeNow(now.id, now.reported);
            }
        } finally {
            this.writing = false;
        }
    }

    private async writeNow(id: RunnableId, { adjustment, begins, ends }: ReportedAdjustment): Promise<void> {
        const document = await vscode.workspace.openTextDocument(id.uri);
        const editor = vscode.window.visibleTextEditors.find((one) => one.document === document);
        // A text that no one sees is changed once, when the drag ends.
        if (!editor && !ends) return;
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
            const { version } = document;
            const edits = await this.language.adjustEdits(id, adjustment);
            if (document.version !== version) continue;
            if (edits.length > 0) await apply(document, editor, edits, { begins, ends });
            return;
        }
    }

    private changeSoon(): void {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.changed.fire(), PAUSE);
    }

    dispose(): void {
        clearTimeout(this.timer);
        this.registration.dispose();
    }
}

async function apply(
    document: vscode.TextDocument,
    editor: vscode.TextEditor | undefined,
    edits: readonly RangeEdit[],
    { begins, ends }: Pick<ReportedAdjustment, 'begins' | 'ends'>,
): Promise<void> {
    if (editor) {
        const stops = { undoStopBefore: begins, undoStopAfter: ends };
        const done = await editor.edit((edit) => {
            for (const { range, text } of edits) edit.replace(range, text);
        }, stops);
        if (!done) return;
        editor.revealRange(edits[0]!.range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
        return;
    }
    const edit = new vscode.WorkspaceEdit();
    for (const { range, text } of edits) edit.replace(document.uri, range, text);
    await vscode.workspace.applyEdit(edit);
}
