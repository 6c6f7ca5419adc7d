/** Trust: in an untrusted or virtual workspace the language is on and nothing runs. */
import * as vscode from 'vscode';

/** Whether specs may be run here. */
export function mayRun(): boolean {
    return vscode.workspace.isTrusted && !isVirtual();
}

/** Like `mayRun`, and shows the reason why not. */
export function mayRunOrWarn(): boolean {
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

/** The last door before a process: callers asked `mayRun` before. */
export function requireTrust(): void {
    if (!mayRun()) throw new Error('Nothing runs in a folder that is not trusted, or not on a disk.');
}

/** Whether the window's folders are on no disk. */
export function isVirtual(): boolean {
    const folders = vscode.workspace.workspaceFolders ?? [];
    return folders.length > 0 && folders.every(({ uri }) => uri.scheme !== 'file');
}
