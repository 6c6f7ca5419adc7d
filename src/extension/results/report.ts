/** A study as one HTML page, by the command line that comes with the extension. */
import { spawn } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { LanguageConnection } from '../client.ts';
import { chooseProgram } from '../runs/node-program.ts';
import { runsOf } from '../runs/records.ts';
import { mayRunOrWarn, requireTrust } from '../trust.ts';
import { revealPath } from './actions.ts';

/**
 * Writes the report of what a spec has made: every runnable whose run is complete, so that nothing is made now. It is written
 * below `.sdspec`, in the place of the one before; the user opens it, or saves it elsewhere.
 */
export async function reportSpec(uri: vscode.Uri, extension: vscode.Uri, language: LanguageConnection): Promise<void> {
    if (!mayRunOrWarn() || !(await isSaved(uri))) return;
    const base = dirname(uri.fsPath);
    const runnables = await language.runnables(uri);
    const made = runnables.filter(({ name, digest }) =>
        runsOf(base, name, basename(uri.fsPath)).some(
            (run) => run.state === 'complete' && run.record.digest === digest,
        ),
    );
    if (made.length === 0) {
        const left = 'has no complete run of its text as it is now: run it, then write the report.';
        vscode.window.showInformationMessage(`${basename(uri.fsPath)} ${left}`);
        return;
    }
    const page = join(base, '.sdspec', 'reports', basename(uri.fsPath).replace(/(\.sdspec)?$/, '.html'));
    const names = made.map(({ name }) => name);
    const written = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: `Report of ${names.join(', ')}`, cancellable: true },
        (_, token) => runCli(extension, ['report', uri.fsPath, ...names, '--to', page, '--force'], base, token),
    );
    if (written) await offer(page);
}

/** The command line reads the file: what is not saved is not in its report. */
async function isSaved(uri: vscode.Uri): Promise<boolean> {
    const document = await vscode.workspace.openTextDocument(uri);
    if (!document.isDirty) return true;
    const save = 'Save';
    const message = `${basename(uri.fsPath)} is not saved, and the report is of the file.`;
    return (await vscode.window.showInformationMessage(message, save)) === save && document.save();
}

/** Whether it ended well; what it says of a failure is shown. */
async function runCli(
    extension: vscode.Uri,
    words: readonly string[],
    cwd: string,
    token: vscode.CancellationToken,
): Promise<boolean> {
    requireTrust();
    const wanted = vscode.workspace.getConfiguration('sdspec').get('runtime.node', '').trim();
    const { path, electron } = await chooseProgram(wanted);
    const cli = vscode.Uri.joinPath(extension, 'dist', 'cli.js').fsPath;
    const env = { ...process.env, ...(electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}) };
    return new Promise((resolve) => {
        const child = spawn(path, [cli, ...words], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
        let said = '';
        child.stderr.on('data', (data) => {
            said = (said + data).slice(-2000);
        });
        token.onCancellationRequested(() => child.kill());
        const fail = (why: string) => {
            if (!token.isCancellationRequested)
                vscode.window.showErrorMessage(`The report could not be written: ${why}`);
            resolve(false);
        };
        child.once('error', ({ message }) => fail(message));
        child.once('close', (code) => (code === 0 ? resolve(true) : fail(said.trim() || `exit code ${code}.`)));
    });
}

async function offer(page: string): Promise<void> {
    const [open, save, reveal] = ['Open', 'Save As…', 'Reveal'];
    const file = vscode.Uri.file(page);
    const choice = await vscode.window.showInformationMessage(`${basename(page)} is written.`, open, save, reveal);
    if (choice === open) await vscode.env.openExternal(file);
    if (choice === reveal) await revealPath(page);
    if (choice !== save) return;
    const defaultUri = vscode.Uri.file(join(dirname(dirname(dirname(page))), basename(page)));
    const target = await vscode.window.showSaveDialog({ defaultUri, filters: { 'Web pages': ['html'] } });
    if (target) await vscode.workspace.fs.copy(file, target, { overwrite: true });
}
