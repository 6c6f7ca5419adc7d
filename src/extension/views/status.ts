/** The status bar: what runs, how far it is, and whether the runtime is well. */
import * as vscode from 'vscode';
import type { LiveRun } from '../runs/live-run.ts';
import { progressWords, STOPPING } from '../runs/progress.ts';
import type { Runs } from '../runs/run.ts';
import type { WindowRuntime } from '../runs/runtime.ts';
import { mayRun } from '../trust.ts';

export function showStatus(runs: Runs, runtime: WindowRuntime): vscode.Disposable {
    const item = vscode.window.createStatusBarItem('sdspec.status', vscode.StatusBarAlignment.Left, 50);
    item.name = 'SDSpec';
    item.command = 'sdspec.showQueue';

    let busy: boolean | undefined;
    function draw(): void {
        const [first, ...rest] = runs.active;
        if (busy !== runs.isBusy) vscode.commands.executeCommand('setContext', 'sdspec.running', runs.isBusy);
        busy = runs.isBusy;
        item.backgroundColor = undefined;
        if (first) {
            const more = rest.length > 0 ? ` (+${rest.length})` : '';
            item.text = `$(sync~spin) ${first.name}: ${progressText(first)}${more}`;
            item.tooltip = 'Show the queue of runs';
        } else if (runs.isBusy) {
            item.text = '$(sync~spin) SDSpec: starting';
            item.tooltip = 'A run is being planned';
        } else if (runtime.crash) {
            item.text = '$(error) SDSpec: runtime stopped';
            item.tooltip = runtime.crash.message;
            item.backgroundColor = new vscode.ThemeColor('statusBarItem.errorBackground');
        } else {
            item.text = '$(beaker) SDSpec';
            item.tooltip = mayRun() ? 'Nothing runs' : 'Restricted mode: the language is on, running is off';
        }
        item.show();
    }

    draw();
    return vscode.Disposable.from(
        item,
        runs.onDidChange(draw),
        runtime.onDidChange(draw),
        vscode.workspace.onDidGrantWorkspaceTrust(draw),
    );
}

/** Where a run is, in a few words. */
export function progressText(run: LiveRun): string {
    const { state, stopping, progress } = run;
    if (stopping) return STOPPING;
    if (state === 'waiting') return 'waiting';
    return progress ? progressWords(progress) : 'starting';
}
