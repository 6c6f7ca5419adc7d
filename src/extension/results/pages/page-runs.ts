/** Which run a page shows: read from its folder, with what is known of it while it is running. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { RunnableId } from '../../runnable.ts';
import { baseOf, isRunFolder, runIn, runsOf } from '../../runs/records.ts';
import type { Runs } from '../../runs/run.ts';
import { mayRun } from '../../trust.ts';
import { runnableOf } from '../actions.ts';
import type { AdjustPanes } from '../adjust/adjust-panes.ts';
import { type FindBase, showingOf } from '../showing.ts';
import { shownOf } from '../shown.ts';
import type { Shown } from '../shown-run.ts';
import type { Page, Pages } from './pages.ts';

export interface PageRunsParts {
    readonly pages: Pages;
    readonly panes: AdjustPanes;
    readonly runs: Runs;
    /** Which runnable another one is based on. */
    readonly findBase: FindBase | undefined;
}

export class PageRuns {
    private readonly parts: PageRunsParts;

    constructor(parts: PageRunsParts) {
        this.parts = parts;
    }

    /** Shows a run on a page: at once, or when it is ready, unless another is asked for meanwhile. */
    async show(page: Page, folder: string | undefined, nothing = NOTHING): Promise<void> {
        const { pages, panes } = this.parts;
        const asked = ++page.asked;
        page.folder = folder;
        if (!page.ready) return;
        const shown = folder ? await this.shown(page, folder) : undefined;
        if (asked !== page.asked || !page.ready) return;
        page.answered = asked;
        if (shown) {
            page.runnable = `${shown.spec}#${shown.name}`;
            page.setTitle(shown.name);
            panes.follow(page, this.runnableIn(shown.key));
            pages.allow(page, baseOf(shown.key));
            pages.post(page, { kind: 'show', shown, trusted: mayRun() });
        } else {
            page.folder = undefined;
            page.chosen = undefined;
            this.reportChosen();
            const text = mayRun() ? nothing : 'Restricted mode: specs can be edited here and not run.';
            pages.post(page, { kind: 'empty', text });
        }
        this.endStarting(page);
    }

    /** Draws a run again where it is shown. */
    showAgain(folder: string): void {
        for (const page of this.parts.pages.all) if (page.folder === folder) void this.show(page, folder);
    }

    /** Draws all pages again. */
    refresh(): void {
        for (const page of this.parts.pages.all) void this.show(page, page.folder);
    }

    /** A run as a page shows it; undefined where there is none. */
    async shown(page: Page, folder: string): Promise<Shown | undefined> {
        if (!isRunFolder(folder)) return undefined;
        const showing = await showingOf(folder, this.parts.runs, this.parts.findBase);
        return showing && shownOf(showing, (file, mark) => addressOf(page, file, mark));
    }

    /** Where a run will be shown that is still planned, it can be stopped already. */
    showStarting(id: RunnableId): void {
        const { pages, runs } = this.parts;
        if (!runs.isAskedFor(id)) {
            for (const page of pages.all) this.endStarting(page);
            return;
        }
        for (const page of pages.all) {
            const same = page.runnable === `${basename(id.uri.fsPath)}#${id.name}`;
            if (!same && (page.place !== 'view' || page.pinned)) continue;
            page.starting = id;
            page.isStarting = true;
            pages.post(page, { kind: 'starting', name: id.name });
        }
    }

    /** The page says that a run is planned until it is, and until the run itself is shown: Stop is there all the time. */
    private endStarting(page: Page): void {
        const { pages, runs } = this.parts;
        if (!page.isStarting || (page.starting && runs.isAskedFor(page.starting))) return;
        if (page.ready && page.asked !== page.answered) return;
        page.isStarting = false;
        pages.post(page, { kind: 'starting' });
    }

    /** Commands for a picture are offered while there is one. */
    reportChosen(): void {
        const { chosen } = this.parts.pages.active ?? {};
        vscode.commands.executeCommand('setContext', 'sdspec.hasPicture', chosen !== undefined);
    }

    /** The folder of a runnable's latest run. */
    latestOf(id: RunnableId): string | undefined {
        const base = dirname(id.uri.fsPath);
        return this.parts.runs.of(id)?.folder ?? runsOf(base, id.name, basename(id.uri.fsPath))[0]?.folder;
    }

    /** The runnable that a run is of. */
    runnableIn(folder: string | undefined): RunnableId | undefined {
        if (!folder || !isRunFolder(folder)) return undefined;
        const live = this.parts.runs.in(folder);
        const stored = live ? undefined : runIn(folder);
        return live ?? (stored && runnableOf(stored));
    }
}

const NOTHING = 'Run a picture to see it here.';

/** A file's address for the page; the mark makes a new address for a file that was written again. */
export function addressOf({ webview }: Page, file: string, mark: string): string {
    return webview.asWebviewUri(vscode.Uri.file(file).with({ query: `v=${mark}` })).toString();
}
