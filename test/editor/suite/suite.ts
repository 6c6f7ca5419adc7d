/** What the extension promises to other code in its host: the same on a desktop and in the editor's server. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

export function defineSuite(): void {
    suite('extension', () => {
        let document: vscode.TextDocument;
        suiteSetup(async () => {
            const folder = vscode.workspace.workspaceFolders![0]!.uri;
            document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder, 'first.sdspec'));
            await vscode.window.showTextDocument(document);
            await vscode.extensions.getExtension('sdspec.sdspec')!.activate();
        });

        test('lenses are above every runnable', async () => {
            const titles = await until(async () => {
                const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
                    'vscode.executeCodeLensProvider',
                    document.uri,
                    20,
                );
                const found = lenses.map(({ command }) => command?.title ?? '');
                return found.filter((title) => title.endsWith('Run')).length === 5 ? found : undefined;
            });
            assert.ok(titles.some((title) => title.endsWith('Run all')));
        });

        test('a clean spec has no problems, a changed one has', async () => {
            assert.deepEqual(vscode.languages.getDiagnostics(document.uri), []);
            const slip = 'sead 3\n    ';
            const at = document.getText().indexOf('seed');
            const change = async (length: number, text: string) => {
                const edit = new vscode.WorkspaceEdit();
                const range = new vscode.Range(document.positionAt(at), document.positionAt(at + length));
                edit.replace(document.uri, range, text);
                assert.ok(await vscode.workspace.applyEdit(edit));
            };
            const problems = (wanted: (count: number) => boolean) =>
                until(async () => {
                    const found = vscode.languages.getDiagnostics(document.uri);
                    return wanted(found.length) ? found : undefined;
                });
            await change(0, slip);
            const [problem] = await problems((count) => count > 0);
            assert.match(problem!.message, /seed/);
            // Undone by an edit of its own: the command to undo is for the editor that has the focus, if any has.
            await change(slip.length, '');
            await problems((count) => count === 0);
        });

        test('a run makes its picture and its record', async () => {
            await vscode.commands.executeCommand('sdspec.run', document.uri, 'first');
            const runs = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, '.sdspec', 'runs', 'first');
            const record = await until(async () => {
                const [folder] = existsSync(runs) ? readdirSync(runs) : [];
                const file = folder && join(runs, folder, 'record.json');
                const found = file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
                return found?.state === 'complete' ? found : undefined;
            }, 60_000);
            assert.equal(record.pictures.length, 1);
            assert.equal(record.spec, 'first.sdspec');
        });

        test('every command of the manifest is there', async () => {
            const known = new Set(await vscode.commands.getCommands(true));
            const manifest = vscode.extensions.getExtension('sdspec.sdspec')!.packageJSON;
            const stated: { command: string }[] = manifest.contributes.commands;
            assert.deepEqual(
                stated.map(({ command }) => command).filter((command) => !known.has(command)),
                [],
            );
        });
    });
}

async function until<Value>(look: () => Promise<Value | undefined>, milliseconds = 20_000): Promise<Value> {
    for (const end = Date.now() + milliseconds; Date.now() < end; ) {
        const found = await look();
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`Waited in vain: ${look}`);
}
