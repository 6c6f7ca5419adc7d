/** Commands: what every menu, lens, key and button of the editor does. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { LanguageConnection } from './client.ts';
import { importPicture } from './new-spec/drop.ts';
import { newExperiment } from './new-spec/example.ts';
import type { Parts } from './parts.ts';
import { explainPictures } from './resolved/explain.ts';
import { act } from './results/act.ts';
import * as actions from './results/actions.ts';
import { askNote, toggleStar } from './results/marks.ts';
import { CHOSEN_ACTIONS, PAGE_ACTIONS } from './results/messages.ts';
import { reportSpec } from './results/report.ts';
import type { RunnableId } from './runnable.ts';
import { runToStop } from './runs/queue-order.ts';
import { runsOf, type StoredRun } from './runs/records.ts';
import type { Runs } from './runs/run.ts';
import { allRunnables, runnableAt, specInView } from './runs/which-runnable.ts';
import { showQueue } from './views/queue.ts';
import { compareExpected } from './views/tests.ts';

export function registerCommands(parts: Parts): vscode.Disposable {
    const { language, runtime, runs, results, history, documents } = parts;
    const run = async (uri?: vscode.Uri, name?: string) => {
        const id = await runnableAt(language, uri, name);
        if (id) await runs.start(id);
    };
    const stored = (node: unknown, all?: unknown): readonly StoredRun[] => {
        const many = Array.isArray(all) ? all : [node];
        const found = many.filter(
            (one): one is StoredRun => typeof one === 'object' && one !== null && 'folder' in one,
        );
        return found.length > 0 ? found : history.selection;
    };
    const handlers: Readonly<Record<string, (...args: never[]) => unknown>> = {
        run,
        runAll: (uri?: vscode.Uri) => runAll(language, runs, uri),
        runWithParameters: (uri?: vscode.Uri, name?: string) => runWithParameters(parts, uri, name),
        stop: (uri?: vscode.Uri, name?: string) => stop(parts, uri, name),
        keep: (uri: vscode.Uri, name: string) => {
            const live = runs.of({ uri, name });
            if (live) runs.keep(live);
        },
        stopAll: () => stopAll(runs),
        toggleLive: async (uri?: vscode.Uri, name?: string) => {
            const id = await runnableAt(language, uri, name);
            if (id) parts.liveMode.toggle(id);
        },
        showQueue: () => showQueue(runs, runtime),
        openResults: async (uri?: vscode.Uri, name?: string) => {
            const id = uri && name ? { uri, name } : await runnableAt(language, uri, name, { ask: false });
            if (id) await results.openRunnable(id);
            else await results.reveal({ focus: true });
        },
        adjust: async (uri?: vscode.Uri, name?: string) => {
            const id = await runnableAt(language, uri, name);
            if (id) await results.adjust(id);
        },
        openInEditor: async () => {
            const id = await runnableAt(language, undefined, undefined, { ask: false });
            const folder = (id && latestFolder(runs, id)) ?? results.chosen?.folder ?? (await history.all())[0]?.folder;
            results.openInEditor(folder);
        },
        newExperiment,
        compareExpected,
        importPicture: (uri?: vscode.Uri) => importPicture(uri),
        showResolved: async (uri?: vscode.Uri, name?: string) => {
            const id = await runnableAt(language, uri, name);
            if (id) await documents.show(id);
        },
        diffLastRun: async (uri?: vscode.Uri, name?: string) => {
            const id = await runnableAt(language, uri, name);
            if (id) await documents.diffLastRun(id);
        },
        restartRuntime: () => runtime.restart(),
        stopRuntime: () => runtime.stop(),
        showLog: () => runtime.log.show(true),
        'runs.refresh': () => history.refresh(),
        'runs.filter': async () => {
            const prompt =
                'Words of a prompt, a picture, a setting like `guidance 7.5`, name, spec, state, seed, model or digest';
            history.setFilter((await vscode.window.showInputBox({ title: 'Filter runs', prompt })) ?? '');
        },
        'runs.clearFilter': () => history.setFilter(''),
        'runs.groupByTime': () => history.setGrouping('time'),
        'runs.groupByRunnable': () => history.setGrouping('runnable'),
        'runs.more': (title: string) => history.showMore(title),
        'runs.open': (node: unknown) =>
            stored(node)
                .slice(0, 1)
                .map(({ folder }) => results.open(folder)),
        'runs.showResolved': (node: unknown) => stored(node).slice(0, 1).map(documents.show),
        'runs.diff': async (node: unknown, all: unknown) => {
            const [one, two] = stored(node, all);
            const now = two ?? (one && actions.runnableOf(one));
            if (one && now) await documents.diff(one, now);
        },
        'runs.compare': (node: unknown, all: unknown) => compareRuns(parts, stored(node, all)),
        'runs.reveal': (node: unknown) =>
            stored(node)
                .slice(0, 1)
                .map(({ folder }) => actions.revealPath(folder)),
        report: async (uri?: vscode.Uri) => {
            const spec = uri ?? specInView();
            if (spec) await reportSpec(spec, parts.extension, language);
        },
        explain: (uri?: vscode.Uri, all?: readonly vscode.Uri[]) => explainPictures(language, uri, all),
        'runs.star': (node: unknown, all: unknown) =>
            mark(parts, stored(node, all), ({ folder }) => toggleStar(folder)),
        'runs.note': (node: unknown) => mark(parts, stored(node).slice(0, 1), ({ folder }) => askNote(folder)),
        'runs.delete': (node: unknown, all: unknown) => history.delete(stored(node, all), runs),
    };
    return vscode.Disposable.from(
        ...Object.entries(handlers).map(([name, handler]) =>
            vscode.commands.registerCommand(`sdspec.${name}`, handler as (...args: unknown[]) => unknown),
        ),
        ...PAGE_ACTIONS.map((action) =>
            vscode.commands.registerCommand(`sdspec.results.${action}`, () => results.do(action)),
        ),
        ...CHOSEN_ACTIONS.map((action) =>
            vscode.commands.registerCommand(`sdspec.results.${action}`, () => {
                if (results.chosen) return act(parts, action, results.chosen);
            }),
        ),
    );
}

/**
 * Stops the run of this runnable, or the one that a key means: the run under the cursor, else the one that is running. Where
 * there is none yet, it takes back what is being planned.
 */
async function stop({ language, runs }: Parts, uri?: vscode.Uri, name?: string): Promise<void> {
    if (uri && name) {
        const live = runs.of({ uri, name });
        if (runs.isBeginning({ uri, name })) runs.withdraw({ uri, name });
        else if (live) runs.stop(live);
        return;
    }
    // The language is asked only where there is a choice: it may be busy with the very plan that is to be stopped.
    const among = runs.active.length > 1;
    const id = among ? await runnableAt(language, undefined, undefined, { ask: false }) : undefined;
    const live = runToStop(runs.active, id && runs.of(id));
    if (live) runs.stop(live);
    else if (runs.active.length === 0) runs.withdraw();
}

function stopAll(runs: Runs): void {
    runs.withdraw();
    for (const live of runs.active) runs.stop(live);
}

async function runAll(language: LanguageConnection, runs: Runs, uri?: vscode.Uri): Promise<void> {
    for (const id of await allRunnables(language, uri)) if (!(await runs.start(id))) return;
}

async function runWithParameters({ language, runs }: Parts, uri?: vscode.Uri, name?: string): Promise<void> {
    const id = await runnableAt(language, uri, name);
    if (!id) return;
    const params: Record<string, string> = {};
    const known = await language.parameters(id);
    if (known.length === 0) {
        const told = `${id.name} uses no parameters: declare one with \`param name = "value"\`, and write {name} in its words.`;
        vscode.window.showInformationMessage(told);
        return;
    }
    for (const [index, { name: param, value }] of known.entries()) {
        const given = await vscode.window.showInputBox({
            title: `${id.name}: ${param} (${index + 1} of ${known.length})`,
            value: String(value),
            ignoreFocusOut: true,
            validateInput: (text) => (typeof value === 'number' && !isNumber(text) ? 'A number.' : undefined),
        });
        if (given === undefined) return;
        if (given !== String(value)) params[param] = given;
    }
    await runs.start(id, { params });
}

function isNumber(text: string): boolean {
    return text.trim() !== '' && Number.isFinite(Number(text));
}

async function compareRuns({ results, history }: Parts, chosen: readonly StoredRun[]): Promise<void> {
    const [a, second] = chosen;
    if (!a) return;
    const others = (await history.all()).filter(
        ({ folder, record }) => folder !== a.folder && record.pictures.length > 0,
    );
    const b =
        second ??
        others.find(({ record }) => record.name === a.record.name && record.started < a.record.started) ??
        others[0];
    if (!b) {
        vscode.window.showInformationMessage('There is no other run to compare with yet.');
        return;
    }
    const cell = a.record.pictures[0]?.cell ?? 0;
    await results.compare({ folder: a.folder, cell }, { folder: b.folder, cell: b.record.pictures[0]?.cell ?? 0 });
}

function latestFolder(runs: Runs, id: RunnableId): string | undefined {
    return runs.of(id)?.folder ?? runsOf(dirname(id.uri.fsPath), id.name, basename(id.uri.fsPath))[0]?.folder;
}

/** Changes what is said of some runs, and shows it. */
async function mark(
    { results, history }: Parts,
    runs: readonly StoredRun[],
    change: (run: StoredRun) => Promise<unknown>,
): Promise<void> {
    for (const run of runs) {
        await change(run);
        results.showAgain(run.folder);
    }
    history.refresh();
}
