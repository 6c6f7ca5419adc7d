/** Why a run could not start, said to the user with what can be done about it. */
import * as vscode from 'vscode';
import type { Problem } from '../../plan/problem.ts';
import type { RunnableId } from '../runnable.ts';
import { SettingError } from './setting-error.ts';

/** A setting that is wrong can be opened. */
export async function reportStart({ name }: RunnableId, error: Error): Promise<void> {
    const text = `${name} could not be run: ${error.message}`;
    if (!(error instanceof SettingError)) return void vscode.window.showErrorMessage(text);
    const open = 'Open Settings';
    if ((await vscode.window.showErrorMessage(text, open)) === open) {
        await vscode.commands.executeCommand('workbench.action.openSettings', error.setting);
    }
}

/** The first problem of the text that prevents the run, which can be shown in it. */
export async function showProblems({ uri, name }: RunnableId, problems: readonly Problem[]): Promise<void> {
    const first = problems.find(({ severity }) => severity === 'error');
    const text = first ? `${name} can't run: ${first.message}` : `${name} can't run: its text has errors.`;
    const show = 'Show in Text';
    if ((await vscode.window.showErrorMessage(text, show)) !== show) return;
    const place = first?.where;
    const target = place ? vscode.Uri.parse(place.uri) : uri;
    const position = new vscode.Position(place?.start.line ?? 0, place?.start.character ?? 0);
    await vscode.window.showTextDocument(target, { selection: new vscode.Range(position, position) });
}
