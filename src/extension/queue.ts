/** The queue of runs as a list to pick from: open, stop, or bring forward. */
import * as vscode from 'vscode';
import type { LiveRun, Runs } from './run.ts';
import type { WindowRuntime } from './runtime.ts';
import { progressText } from './status.ts';

type Entry = vscode.QuickPickItem & { readonly run?: LiveRun; readonly command?: string };

const STOP = { iconPath: new vscode.ThemeIcon('debug-stop'), tooltip: 'Stop' };
const FIRST = { iconPath: new vscode.ThemeIcon('arrow-up'), tooltip: 'Run next' };

export function showQueue(runs: Runs, runtime: WindowRuntime): void {
    const pick = vscode.window.createQuickPick<Entry>();
    pick.title = 'SDSpec: runs';
    const draw = () => {
        pick.items = [...runs.active.map(entryOf), ...ALWAYS];
        pick.placeholder = runs.active.length > 0 ? 'Open a run, stop it, or run it next' : 'Nothing runs';
    };
    draw();
    const following = runs.onDidChange(draw);
    pick.onDidTriggerItemButton(async ({ item, button }) => {
        if (!item.run) return;
        if (button === STOP) runs.stop(item.run);
        else (await runtime.get()).reorder([item.run.id]);
    });
    pick.onDidAccept(() => {
        const [chosen] = pick.selectedItems;
        pick.hide();
        if (chosen?.run) vscode.commands.executeCommand('sdspec.openResults', chosen.run.uri, chosen.run.name);
        else if (chosen?.command) vscode.commands.executeCommand(chosen.command);
    });
    pick.onDidHide(() => {
        following.dispose();
        pick.dispose();
    });
    pick.show();
}

const ALWAYS: readonly Entry[] = [
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(preview) Open Results', command: 'sdspec.openResults' },
    { label: '$(debug-restart) Restart Runtime', command: 'sdspec.restartRuntime' },
    { label: '$(output) Show Log', command: 'sdspec.showLog' },
];

function entryOf(run: LiveRun): Entry {
    const buttons = run.state === 'waiting' ? [FIRST, STOP] : [STOP];
    return { label: run.name, description: `${run.spec} · ${progressText(run)}`, buttons, run };
}
