/** `SDSpec: New Experiment`: a first spec with comments, next to whatever is open. */
import * as vscode from 'vscode';
import { EXAMPLE } from './example-text.ts';

/** Writes the example into the open folder, or into an untitled document where there is none. */
export async function newExperiment(): Promise<void> {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    if (folder?.scheme !== 'file') {
        const document = await vscode.workspace.openTextDocument({ language: 'sdspec', content: EXAMPLE });
        await vscode.window.showTextDocument(document);
        return;
    }
    const uri = await freeName(folder, 'experiment');
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(EXAMPLE));
    await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One });
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
