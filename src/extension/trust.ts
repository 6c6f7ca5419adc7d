/** Trust: in an untrusted or virtual workspace the language is on and nothing runs. */
import * as vscode from 'vscode';

/** Whether specs may be run here. */
export function mayRun(): boolean {
    return vscode.workspace.isTrusted && !isVirtual();
}

/** Like `mayRun`, and tells the user why not. */
export function mayRunOrTell(): boolean {
    if (mayRun()) return true;
    if (isVirtual()) {
        vscode.window.showWarningMessage('Specs can be run only from folders on a disk.');
        return false;
    }
    const manage = 'Manage Workspace Trust';
    vscode.window
        .showWarningMessage('This folder is in restricted mode, where specs can be edited and not run.', manage)
        .then((choice) => choice === manage && vscode.commands.executeCommand('workbench.trust.manage'));
    return false;
}

function isVirtual(): boolean {
    const folders = vscode.workspace.workspaceFolders ?? [];
    return folders.length > 0 && folders.every(({ uri }) => uri.scheme !== 'file');
}
