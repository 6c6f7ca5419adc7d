/** The results, wherever they are shown: which run a page shows, and the messages about it. */
import * as vscode from 'vscode';
import type { LanguageConnection } from '../client.ts';
import type { RunnableId } from '../runnable.ts';
import { baseOf, isRunFolder, runIn } from '../runs/records.ts';
import type { Runs } from '../runs/run.ts';
import { AdjustPanes } from './adjust/adjust-panes.ts';
import type { Adjusting } from './adjust/adjusting.ts';
import { answerPage } from './answer.ts';
import type { HostAction, PageAction, ToHost } from './messages.ts';
import { followRuns } from './pages/follow-runs.ts';
import { PageRuns } from './pages/page-runs.ts';
import { type ChosenPlace, type Page, Pages } from './pages/pages.ts';
import type { FindBase } from './showing.ts';

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
    private readonly pageRuns: PageRuns;
    private readonly parts: ResultsParts;
    private readonly registrations: vscode.Disposable;
    /** For the view, before it was ever opened: a run that was asked for, or else the latest that started. */
    private pending: { readonly folder: string; readonly asked: boolean } | undefined;
    /** What was to be adjusted in the view before it was ever opened. */
    private pendingAdjust: RunnableId | undefined;

    constructor(parts: ResultsParts) {
        const { extension, runs, findBase, adjusting, language } = parts;
        this.parts = parts;
        this.pages = new Pages(extension, (page, message) => void this.hear(page, message).catch(postUpdate));
        const { pages } = this;
        this.panes = new AdjustPanes(pages, adjusting, language);
        this.pageRuns = new PageRuns({ pages, panes: this.panes, runs, findBase });
        const { pageRuns } = this;
        this.registrations = vscode.Disposable.from(
            pages,
            this.panes,
            pages.onDidChangeActive(() => pageRuns.reportChosen()),
            followRuns({
                pages,
                pageRuns,
                runs,
                onHidden: (folder) => {
                    this.pending = { folder, asked: false };
                },
            }),
            vscode.workspace.onDidGrantWorkspaceTrust(() => pageRuns.refresh()),
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
        if (page) await this.pageRuns.show(page, folder);
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
        const shown = page && (await this.pageRuns.shown(page, b.folder));
        // Another run may have been asked for since.
        if (!shown || page.folder !== a.folder) return;
        this.pages.post(page, { kind: 'other', shown, compare: { key: a.folder, a: a.cell, b: b.cell } });
    }

    /** Shows what can be adjusted in a runnable in the view, beside its latest run if there is one. */
    async adjust(id: RunnableId): Promise<void> {
        const folder = this.pageRuns.latestOf(id);
        const page = this.pages.inView;
        if (page) {
            await this.pageRuns.show(page, folder, NOT_RUN);
            await this.panes.show(page, id);
        } else {
            this.pendingAdjust = id;
            if (folder) this.pending = { folder, asked: true };
        }
        await this.reveal({ focus: true });
    }

    /** Draws a run again where it is shown. */
    showAgain(folder: string): void {
        this.pageRuns.showAgain(folder);
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
                    const folder = page.folder ?? pending ?? message.key ?? (await this.parts.newest());
                    // A run may have been asked for while the newest was looked for.
                    await this.pageRuns.show(page, page.folder ?? folder);
                    const adjust = page.place === 'view' ? this.pendingAdjust : undefined;
                    this.pendingAdjust = undefined;
                    await (adjust ? this.panes.show(page, adjust) : this.panes.send(page));
                });
            case 'adjust':
            case 'adjusted':
            case 'adjusting':
                return this.panes.hear(
                    page,
                    message,
                    'key' in message ? this.pageRuns.runnableIn(message.key) : undefined,
                );
            case 'focus':
                this.pages.focused(page);
                return;
            case 'other': {
                const shown = await this.pageRuns.shown(page, message.key);
                if (shown) this.pages.post(page, { kind: 'other', shown });
                return;
            }
            case 'viewing':
                if (!isRunFolder(message.key)) return;
                page.chosen = { folder: message.key, cell: message.cell };
                this.pageRuns.reportChosen();
                return;
            case 'cell':
            case 'differences':
            case 'copy':
            case 'copied':
            case 'mask':
            case 'save':
                return answerPage(message, {
                    runs: this.parts.runs,
                    language: this.parts.language,
                    runnableIn: (folder) => this.pageRuns.runnableIn(folder),
                    post: (answer) => this.pages.post(page, answer),
                });
            case 'withdraw':
                if (page.starting) this.parts.runs.stopLatest(page.starting);
                return;
            case 'pin':
                page.pinned = message.pinned;
                return;
            case 'act':
                if (isRunFolder(message.key))
                    await this.parts.act(message.action, { folder: message.key, cell: message.cell });
        }
    }

    /** What was meant for the view before it was there. A pinned one keeps its run, unless another was asked for. */
    private takePending({ place, pinned }: Page): string | undefined {
        if (place !== 'view') return undefined;
        const { pending } = this;
        this.pending = undefined;
        return pending && (pending.asked || !pinned) ? pending.folder : undefined;
    }

    /** Shows the latest run of a runnable, wherever it is. */
    async openRunnable(id: RunnableId): Promise<void> {
        const folder = this.pageRuns.latestOf(id);
        if (folder) await this.open(folder);
        else await this.reveal();
    }

    dispose(): void {
        this.registrations.dispose();
    }
}

const NOT_RUN = 'This was not run yet: Run makes its picture.';

function postUpdate(error: Error): void {
    vscode.window.showErrorMessage(`This could not be done: ${error.message}`);
}
