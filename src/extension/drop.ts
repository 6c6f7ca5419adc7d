/** Pictures dropped on a spec, or opened by command, become the spec text that would make them again. */
import * as vscode from 'vscode';

export function acceptDrops(): vscode.Disposable {
    return vscode.Disposable.from();
}

export async function importPicture(_uri?: vscode.Uri): Promise<void> {}
