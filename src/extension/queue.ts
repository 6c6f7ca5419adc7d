/** The queue of runs as a list to pick from: open, stop, or bring forward. */
import * as vscode from 'vscode';
import type { LiveRun, Runs } from './run.ts';
import type { WindowRuntime } from './runtime.ts';
import { progressText } from './status.ts';

type Entry = vscode.QuickPickItem & { readonly run?: LiveRun; readonly command?: string };

const STOP = { iconPath: new vscode.ThemeIcon('debug-stop'), tooltip: 'Stop' };
const FIRST = { iconPath: new vscode.ThemeIcon('arrow-up'), tooltip: 'Run next' };
/** Milliseconds between two drawings: a list that is drawn with every step can't be pointed at. */
const PAUSE = 500;

export async function showQueue(runs: Runs, runtime: WindowRuntime): Promise<void> {
    const runner = await runtime.get();
    const pick = vscode.window.createQuickPick<Entry>();
    pick.title = 'SDSpec: runs';
    pick.keepScrollPosition = true;
    let timer: NodeJS.Timeout | undefined;
    let drawn = '';
    const draw = () => {
        timer = undefined;
        const order = runner.queue.map(({ id }) => id);
        const entries = inOrder(runs.active, order).map(entryOf);
        const text = entries.map(({ label, description }) => `${label} ${description}`).join('\n');
        if (text === drawn && pick.items.length > 0) return;
        drawn = text;
        const [active] = pick.activeItems;
        pick.items = [...entries, ...ALWAYS];
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
        new vscode.Disposable(runner.onQueue(draw)),
        pick,
    );
    pick.onDidTriggerItemButton(({ item, button }) => {
        if (!item.run) return;
        if (button === STOP) runs.stop(item.run);
        else runner.reorder([item.run.id]);
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

const ALWAYS: readonly Entry[] = [
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(preview) Open Results', command: 'sdspec.openResults' },
    { label: '$(debug-restart) Restart Runtime', command: 'sdspec.restartRuntime' },
    { label: '$(output) Show Log', command: 'sdspec.showLog' },
];

/** Runs in the order in which the runtime takes them; those that it has not heard of yet come last. */
function inOrder(active: readonly LiveRun[], ids: readonly string[]): readonly LiveRun[] {
    const place = ({ id }: LiveRun) => (ids.includes(id) ? ids.indexOf(id) : ids.length);
    return active.toSorted((a, b) => place(a) - place(b));
}

function entryOf(run: LiveRun): Entry {
    const buttons = run.state === 'waiting' ? [FIRST, STOP] : [STOP];
    return { label: run.name, description: `${run.spec} · ${progressText(run)}`, buttons, run };
}
