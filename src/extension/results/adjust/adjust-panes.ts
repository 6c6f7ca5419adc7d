/** What is adjusted beside the pictures of each page: opened, kept up to date with the text, closed. */
import * as vscode from 'vscode';
import type { LanguageConnection } from '../../client.ts';
import { keyOf, type RunnableId } from '../../runnable.ts';
import type { AdjustAction, ToHost } from '../messages.ts';
import type { Page, Pages } from '../pages/pages.ts';
import type { Adjusting } from './adjusting.ts';

type AdjustMessage = Extract<ToHost, { readonly kind: 'adjust' | 'adjusted' | 'adjusting' }>;

export class AdjustPanes implements vscode.Disposable {
    private readonly pages: Pages;
    private readonly adjusting: Adjusting;
    private readonly language: LanguageConnection;
    private readonly open = new WeakMap<Page, RunnableId>();
    private readonly registration: vscode.Disposable;

    constructor(pages: Pages, adjusting: Adjusting, language: LanguageConnection) {
        this.pages = pages;
        this.adjusting = adjusting;
        this.language = language;
        this.registration = adjusting.onDidChange(() => {
            for (const page of pages.all) void this.send(page);
        });
    }

    /** Shows what can be adjusted in a runnable; undefined closes it. */
    async show(page: Page, id: RunnableId | undefined): Promise<void> {
        if (id) this.open.set(page, id);
        else this.open.delete(page);
        await this.send(page);
    }

    /** The page shows a run of another runnable now: where something is adjusted, that is. */
    follow(page: Page, id: RunnableId | undefined): void {
        const now = this.open.get(page);
        if (now && id && keyOf(now) !== keyOf(id)) void this.show(page, id);
    }

    /** The page begins again, and knows nothing. */
    async send(page: Page): Promise<void> {
        const id = this.open.get(page);
        if (!id) return this.pages.post(page, { kind: 'adjustable' });
        const adjustable = await this.adjusting.of(id).catch(() => undefined);
        if (this.open.get(page) !== id) return;
        if (adjustable) return this.pages.post(page, { kind: 'adjustable', adjustable });
        this.open.delete(page);
        this.pages.post(page, { kind: 'adjustable' });
    }

    /** `shown` is the runnable of the run that the message names. */
    async hear(page: Page, message: AdjustMessage, shown: RunnableId | undefined): Promise<void> {
        const id = this.open.get(page);
        switch (message.kind) {
            case 'adjust': {
                if (!message.open) return this.show(page, undefined);
                if (!shown || !(await this.adjusting.of(shown).catch(() => undefined))) {
                    const reason = 'Only a generate or a sweep over one, whose spec is here, can be adjusted.';
                    vscode.window.showInformationMessage(reason);
                    return;
                }
                return this.show(page, shown);
            }
            case 'adjusted':
                if (id) await this.adjusting.write(id, message);
                return;
            case 'adjusting':
                if (id) await this.act(id, message.action, message.picture);
        }
    }

    private async act(id: RunnableId, action: AdjustAction, picture: string | undefined): Promise<void> {
        switch (action) {
            case 'run':
                await vscode.commands.executeCommand('sdspec.run', id.uri, id.name);
                return;
            case 'live':
                return this.adjusting.toggleLive(id);
            case 'infuse': {
                const found = await this.adjusting.of(id);
                // What the page says is written into a text: only a name that the text has.
                if (!found || picture === undefined || !found.pictures.includes(picture)) return;
                const clause = { clause: `infuse ${picture}`, declarations: [] };
                const edits = await this.language.clauseEdits({ uri: id.uri, name: found.name }, clause);
                const edit = new vscode.WorkspaceEdit();
                for (const { range, text } of edits) edit.replace(id.uri, range, text);
                await vscode.workspace.applyEdit(edit);
                return;
            }
            case 'text': {
                const all = await this.language.runnables(id.uri);
                const selection = all.find(({ name }) => name === id.name)?.nameRange;
                const options = { viewColumn: vscode.ViewColumn.One, ...(selection ? { selection } : {}) };
                await vscode.window.showTextDocument(id.uri, options);
            }
        }
    }

    dispose(): void {
        this.registration.dispose();
    }
}
