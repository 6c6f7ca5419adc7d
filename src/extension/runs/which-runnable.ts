/** Which runnable is meant by a command that names none: by the cursor, the spec in sight, or a question. */
import * as vscode from 'vscode';
import type { EditorRunnable, LanguageConnection } from '../client.ts';
import type { RunnableId } from '../runnable.ts';

/** The runnable that is meant: named, under the cursor, the only one, or picked. */
export async function runnableAt(
    language: LanguageConnection,
    asked?: vscode.Uri,
    name?: string,
    { ask = true } = {},
): Promise<RunnableId | undefined> {
    const uri = asked ?? (ask ? specOrMessage() : specInView());
    if (!uri) return undefined;
    if (name) return { uri, name };
    const all = await runnablesOf(language, uri);
    const cursor = editors().find(({ document }) => document.uri.toString() === uri.toString())?.selection.active;
    const here = cursor && all.find(({ range }) => range.contains(cursor));
    const one = here ?? (all.length === 1 ? all[0] : undefined) ?? (ask ? await pick(all) : undefined);
    return one && { uri, name: one.name };
}

/** All of a spec, by default of the one in sight; where there is nothing, a message says so. */
export async function allRunnables(
    language: LanguageConnection,
    uri = specOrMessage(),
): Promise<readonly RunnableId[]> {
    if (!uri) return [];
    const all = await runnablesOf(language, uri);
    if (all.length === 0) await pick(all);
    return all.map(({ name }) => ({ uri, name }));
}

/** The spec in the active editor, else one in sight, else the last of the open tabs: walkthroughs and pages cover texts. */
export function specInView(): vscode.Uri | undefined {
    const shown = editors().find(({ document }) => isSpec(document.uri, document.languageId));
    return shown?.document.uri ?? openSpecs().at(-1);
}

function specOrMessage(): vscode.Uri | undefined {
    const uri = specInView();
    if (!uri) void showNoSpec();
    return uri;
}

async function showNoSpec(): Promise<void> {
    const create = 'New Experiment';
    const choice = await vscode.window.showInformationMessage('Open a spec first: none is open to be run.', create);
    if (choice === create) await vscode.commands.executeCommand('sdspec.newExperiment');
}

async function runnablesOf(language: LanguageConnection, uri: vscode.Uri): Promise<readonly EditorRunnable[]> {
    // The language knows documents that were opened.
    const { version } = await vscode.workspace.openTextDocument(uri);
    // Names and places are those of the text itself: what lenses asked for already need not be waited for.
    return language.lastRunnables(uri, version) ?? language.runnables(uri);
}

function editors(): readonly vscode.TextEditor[] {
    const active = vscode.window.activeTextEditor;
    return [...(active ? [active] : []), ...vscode.window.visibleTextEditors];
}

function openSpecs(): readonly vscode.Uri[] {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const uris = tabs.flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri] : []));
    return uris.filter((uri) => isSpec(uri, languageOf(uri)));
}

/** Tabs that were not looked at since the window opened have no document yet: then the name decides. */
function languageOf(uri: vscode.Uri): string | undefined {
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
    return document?.languageId ?? (uri.path.endsWith('.sdspec') ? 'sdspec' : undefined);
}

/** Other schemes show what was made of a spec, or how it was. */
function isSpec({ scheme }: vscode.Uri, language: string | undefined): boolean {
    return language === 'sdspec' && ['file', 'untitled'].includes(scheme);
}

async function pick(all: readonly EditorRunnable[]): Promise<EditorRunnable | undefined> {
    if (all.length === 0) {
        vscode.window.showInformationMessage('There is nothing to run in this spec yet: write `generate name { … }`.');
        return undefined;
    }
    const items = all.map((runnable) => ({ label: runnable.name, description: runnable.kind, runnable }));
    return (await vscode.window.showQuickPick(items, { title: 'Which one?' }))?.runnable;
}
