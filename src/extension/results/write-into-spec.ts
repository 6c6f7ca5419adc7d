/** Writes into specs what pictures are put to use as: which generate, under which names, in which files. */
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { writeOnce } from '../../runtime/write-whole.ts';
import type { LanguageConnection } from '../client.ts';
import type { RunnableId } from '../runnable.ts';

/** Writes a clause into a generate, with the declarations that it needs; the text is shown, and can be undone. */
export async function writeClause(
    target: RunnableId,
    language: LanguageConnection,
    clause: { readonly clause: string; readonly declarations: readonly string[] },
): Promise<void> {
    const document = await vscode.workspace.openTextDocument(target.uri);
    const edits = await language.clauseEdits(target, clause);
    if (edits.length === 0) {
        vscode.window.showWarningMessage(`${basename(target.uri.fsPath)} has no ${target.name} any more.`);
        return;
    }
    await applyAndShow(
        document,
        edits.map(({ range, text }) => vscode.TextEdit.replace(range, text)),
    );
}

/** Changes a text and shows it. */
export async function applyAndShow(document: vscode.TextDocument, edits: readonly vscode.TextEdit[]): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    edit.set(document.uri, [...edits]);
    await vscode.workspace.applyEdit(edit);
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One });
}

/** The generate that a picture is for: the only one, or the user's choice, the one that made it first. */
export async function generateFor(
    own: RunnableId | undefined,
    language: LanguageConnection,
): Promise<RunnableId | undefined> {
    if (!own) {
        vscode.window.showInformationMessage('The spec of this picture is not known.');
        return undefined;
    }
    await vscode.workspace.openTextDocument(own.uri);
    const all = (await language.runnables(own.uri)).filter(({ kind }) => kind === 'generate');
    const sorted = all.toSorted((a, b) => Number(b.name === own.name) - Number(a.name === own.name));
    if (sorted.length <= 1) return sorted[0] && { uri: own.uri, name: sorted[0].name };
    const items = sorted.map(({ name, doc }) => ({ label: name, ...(doc ? { description: doc } : {}) }));
    const picked = await vscode.window.showQuickPick(items, { title: 'Into which picture?' });
    return picked && { uri: own.uri, name: picked.label };
}

/** A name that a text has not in use. */
export function nameBeside(wanted: string, taken: ReadonlySet<string>): string {
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
    return name;
}

/** Writes a picture beside a spec under a name that is free; returns the name of the file. */
export async function writeBesideSpec(folder: string, name: string, bytes: Uint8Array): Promise<string> {
    for (let n = 1; ; n++) {
        const file = `${name}${n === 1 ? '' : `-${n}`}.png`;
        if (await writeOnce(join(folder, file), bytes)) return file;
    }
}
