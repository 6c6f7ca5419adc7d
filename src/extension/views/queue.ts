/** The queue of runs as a list to pick from: open, stop, or bring forward. */
import * as vscode from 'vscode';
import type { LiveRun } from '../runs/live-run.ts';
import type { Runs } from '../runs/run.ts';
import type { WindowRuntime } from '../runs/runtime.ts';
import { mayRun } from '../trust.ts';
import { progressText } from './status.ts';

type Entry = vscode.QuickPickItem & { readonly run?: LiveRun; readonly command?: string };

const STOP = { iconPath: new vscode.ThemeIcon('debug-stop'), tooltip: 'Stop' };
const FIRST = { iconPath: new vscode.ThemeIcon('arrow-up'), tooltip: 'Run next' };
/** Milliseconds between two drawings: a list that is drawn with every step can't be pointed at. */
const PAUSE = 500;

export async function showQueue(runs: Runs, runtime: WindowRuntime): Promise<void> {
    // Nothing runs where nothing may, and looking at that starts nothing.
    const runner = mayRun() ? await runtime.get() : undefined;
    const pick = vscode.window.createQuickPick<Entry>();
    pick.title = 'SDSpec: runs';
    pick.keepScrollPosition = true;
    let timer: NodeJS.Timeout | undefined;
    let drawn = '';
    const draw = () => {
        timer = undefined;
        const entries = runs.active.map(entryOf);
        const text = entries.map(({ label, description }) => `${label} ${description}`).join('\n');
        if (text === drawn && pick.items.length > 0) return;
        drawn = text;
        const [active] = pick.activeItems;
        pick.items = [...entries, ...(runner ? ALWAYS : ALWAYS.filter((one) => one !== RESTART))];
        const same = pick.items.find((item) => (active?.run ? item.run === active.run : item.label === active?.label));
        if (same) pick.activeItems = [same];
        pick.placeholder = entries.length > 0 ? 'Open a run, stop it, or run it next' : 'Nothing runs';
    };
    const drawSoon = () => {
        timer ??= setTimeout(draw, PAUSE);
    };
    draw();
    const following = vscode.Disposable.from(
        runs.onDidChange(drawSoon),
        new vscode.Disposable(runner?.onQueue(draw) ?? (() => {})),
        pick,
    );
    pick.onDidTriggerItemButton(({ item, button }) => {
        if (!item.run) return;
        if (button === STOP) runs.stop(item.run);
        else runner?.reorder([item.run.id]);
    });
    pick.onDidAccept(() => {
        const [chosen] = pick.selectedItems;
        pick.hide();
        if (chosen?.run) vscode.commands.executeCommand('sdspec.openResults', chosen.run.uri, chosen.run.name);
        else if (chosen?.command) vscode.commands.executeCommand(chosen.command);
    });
    pick.onDidHide(() => {
        clearTimeout(timer);
        following.dispose();
    });
    pick.show();
}

const RESTART: Entry = { label: '$(debug-restart) Restart Runtime', command: 'sdspec.restartRuntime' };
const ALWAYS: readonly Entry[] = [
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(preview) Open Results', command: 'sdspec.openResults' },
    RESTART,
    { label: '$(output) Show Log', command: 'sdspec.showLog' },
];

function entryOf(run: LiveRun): Entry {
    const buttons = run.state === 'waiting' ? [FIRST, STOP] : [STOP];
    return { label: run.name, description: `${run.spec} · ${progressText(run)}`, buttons, run };
}
