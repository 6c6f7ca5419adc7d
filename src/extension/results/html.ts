/** The page's frame: nothing but our own scripts and style may be loaded, and pictures from the runs' folders. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { RUNS_FOLDER } from '../../plan/run.ts';

export function pageHtml(webview: vscode.Webview, extension: vscode.Uri, place: 'view' | 'panel'): string {
    const nonce = randomBytes(18).toString('base64');
    const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', name)).toString();
    const policy = [
        "default-src 'none'",
        `img-src ${webview.cspSource}`,
        `style-src ${webview.cspSource}`,
        `script-src 'nonce-${nonce}'`,
        // Large pictures are fetched as bytes, to be decoded beside the page's own thread.
        `connect-src ${webview.cspSource}`,
    ].join('; ');
    return `<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>SDSpec results</title>
    <link rel="stylesheet" href="${file('results.css')}">
</head>
<body${place === 'panel' ? ' data-panel' : ''} data-vscode-context='{"preventDefaultContextMenuItems":true}'>
    <div id="root"></div>
    <script nonce="${nonce}" src="${file('results.js')}"></script>
</body>
</html>`;
}

/** The only folders that the page may read: the bundle, and the runs of these specs' folders. */
export function readableFolders(extension: vscode.Uri, bases: Iterable<string>): readonly vscode.Uri[] {
    const runs = [...bases].map((base) => vscode.Uri.joinPath(vscode.Uri.file(base), RUNS_FOLDER));
    return [vscode.Uri.joinPath(extension, 'dist'), ...runs];
}
