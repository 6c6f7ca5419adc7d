/** `SDSpec: New Experiment`: a first spec with comments, next to whatever is open. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { isVirtual } from '../trust.ts';
import { EXAMPLE } from './example-text.ts';

/** Writes the example into the open folder, or where the user says, and puts the cursor onto its first picture. A folder
 * that is on no disk, where nothing runs, is left as it is. */
export async function newExperiment(): Promise<void> {
    if (isVirtual()) {
        const document = await vscode.workspace.openTextDocument({ language: 'sdspec', content: EXAMPLE });
        await vscode.window.showTextDocument(document);
        return;
    }
    const uri = await place();
    if (!uri) return;
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(EXAMPLE));
    const document = await vscode.workspace.openTextDocument(uri);
    const first = document.positionAt(EXAMPLE.search(/^generate/m));
    const selection = new vscode.Range(first, first);
    // A walkthrough makes room beside itself, which is no longer the active one after a dialog.
    const room = vscode.window.tabGroups.all.find(({ tabs }) => tabs.length === 0);
    const viewColumn = room?.viewColumn ?? vscode.ViewColumn.Active;
    await vscode.window.showTextDocument(document, { selection, viewColumn, preview: false });
}

/** Pictures are kept beside their spec: without a folder the user is asked for one. Undefined: they changed their mind. */
async function place(): Promise<vscode.Uri | undefined> {
    const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
    if (folder) return freeName(folder.uri, 'experiment');
    return vscode.window.showSaveDialog({
        title: 'Where the experiment and its pictures are kept',
        defaultUri: await freeName(vscode.Uri.file(homedir()), 'experiment'),
        filters: { SDSpec: ['sdspec'] },
    });
}

/** `name.sdspec`, or the first `name-2.sdspec` and so on that is not there yet. */
export async function freeName(folder: vscode.Uri, name: string): Promise<vscode.Uri> {
    for (let n = 1; ; n++) {
        const uri = vscode.Uri.joinPath(folder, `${name}${n === 1 ? '' : `-${n}`}.sdspec`);
        try {
            await vscode.workspace.fs.stat(uri);
        } catch {
            return uri;
        }
    }
}
