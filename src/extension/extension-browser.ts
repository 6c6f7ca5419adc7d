/** Entry in a browser without a machine behind it: the language, and nothing that runs. */
import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';

declare const Worker: new (url: string) => ConstructorParameters<typeof LanguageClient>[2];

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
    const worker = new Worker(vscode.Uri.joinPath(context.extensionUri, 'dist', 'server-browser.js').toString(true));
    client = new LanguageClient('sdspec', 'SDSpec Language', worker, { documentSelector: [{ language: 'sdspec' }] });
    await client.start();
}

export async function deactivate(): Promise<void> {
    await client?.stop();
}
