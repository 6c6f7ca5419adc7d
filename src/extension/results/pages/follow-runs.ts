/** Keeps pages up to date while runs come and go: a new run takes the view's place, previews and pictures arrive. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { pollElsewhere } from '../../runs/elsewhere.ts';
import { type LiveRun, type PreviewEvent, shownProgress } from '../../runs/live-run.ts';
import { RECORDS_GLOB } from '../../runs/records.ts';
import type { Runs } from '../../runs/run.ts';
import { livePicture } from '../showing.ts';
import { addressOf, type PageRuns } from './page-runs.ts';
import type { Page, Pages } from './pages.ts';

export interface FollowParts {
    readonly pages: Pages;
    readonly pageRuns: PageRuns;
    readonly runs: Runs;
    /** A run begins for a view that was never opened. */
    readonly onHidden: (folder: string) => void;
}

export function followRuns({ pages, pageRuns, runs, onHidden }: FollowParts): vscode.Disposable {
    const states = new Map<string, string>();
    /** Runs that took the view when they were asked for. */
    const shownAtOnce = new Set<string>();
    const records = vscode.workspace.createFileSystemWatcher(RECORDS_GLOB);

    /** A run began, continued or ended: pages that show it are updated; a new run takes the view's place. */
    function follow(run: LiveRun): void {
        const old = states.get(run.id);
        const now = run.state;
        states.set(run.id, now);
        // One that waits for others is shown when its turn comes: until then the view follows the one that is running.
        const [first] = runs.active;
        const isAlone = !first || first.id === run.id || first.state === 'waiting';
        const begins = old === undefined ? isAlone : now === 'running' && old !== now && !shownAtOnce.has(run.id);
        if (begins) shownAtOnce.add(run.id);
        if (now === 'ended') {
            states.delete(run.id);
            shownAtOnce.delete(run.id);
        }
        const progress = shownProgress(run);
        for (const page of pages.all) {
            const mine = page.folder === run.folder;
            const same = page.runnable === `${run.spec}#${run.name}`;
            const takes = begins && !page.pinned && (page.place === 'view' || same);
            if (!mine && !takes) continue;
            if (old !== now) void pageRuns.show(page, run.folder);
            else if (progress) pages.post(page, { kind: 'progress', key: run.folder, progress });
        }
        if (!begins) return;
        const wanted = vscode.workspace.getConfiguration('sdspec').get('results.reveal', 'always') === 'always';
        if (!pages.inView) onHidden(run.folder);
        if (wanted && !pages.inView?.isVisible()) void pages.reveal();
    }

    /** Another window or the command line continues with a run: what this window makes reports itself. */
    function recordChanged(folder: string): void {
        const live = runs.in(folder);
        if (!live || live.state === 'ended' || !live.begun) pageRuns.showAgain(folder);
    }

    function preview(run: LiveRun, { cell, step, picture, draft }: PreviewEvent): void {
        const { width, height, data } = picture;
        const shown = { cell, step, width, height, data, ...(draft === undefined ? {} : { draft }) };
        for (const page of showing(run)) pages.post(page, { kind: 'preview', key: run.folder, ...shown });
    }

    function picture(run: LiveRun): void {
        const newest = run.pictures.at(-1);
        if (!newest) return;
        for (const page of showing(run)) {
            const made = livePicture(run, newest, (file, mark) => addressOf(page, file, mark));
            pages.post(page, { kind: 'picture', key: run.folder, picture: made });
        }
    }

    function showing(run: LiveRun): readonly Page[] {
        return pages.all.filter(({ folder }) => folder === run.folder);
    }

    return vscode.Disposable.from(
        runs.onDidChange((run) => ('state' in run ? follow(run) : pageRuns.showStarting(run))),
        runs.onDidPreview(({ run, preview: made }) => preview(run, made)),
        runs.onDidPicture(picture),
        runs.onDidKeep((run) => pageRuns.showAgain(run.folder)),
        records,
        records.onDidChange(({ fsPath }) => recordChanged(dirname(fsPath))),
        pollElsewhere(() => pages.all.flatMap(({ folder }) => folder ?? []), recordChanged),
    );
}
