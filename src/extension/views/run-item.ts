/** A row of the Runs tree. */
import * as vscode from 'vscode';
import { makersOf } from '../runs/makers.ts';
import { fileOf, readMark, runLabel, type StoredRun } from '../runs/records.ts';
import { endWords } from '../runs/state-words.ts';

/** The row of a run; its tooltip is made when the pointer is over it. */
export function runItem(run: StoredRun, withName: boolean, changes: string | undefined): vscode.TreeItem {
    const { record, state, folder } = run;
    const item = new vscode.TreeItem(withName ? `${record.name}, ${runLabel(run)}` : runLabel(run));
    const count = record.pictures.length === 1 ? '' : ` · ${record.pictures.length} pictures`;
    item.id = folder;
    const { star, note } = readMark(folder);
    const said = `${star ? '★ ' : ''}${note ? `${note} · ` : ''}`;
    const changed = changes ? `${changes} · ` : '';
    item.description = `${said}${changed}${record.seconds.toFixed(1)} s${count} · ${record.digest.slice(0, 8)}`;
    item.contextValue = `run.${state}`;
    item.command = { title: 'Open in Results', command: 'sdspec.runs.open', arguments: [run] };
    const first = record.pictures[0];
    const file = first && fileOf(folder, first.file);
    item.iconPath = file ? vscode.Uri.file(file) : new vscode.ThemeIcon(ICONS[state]);
    item.accessibilityInformation = { label: `${record.name}, ${runLabel(run)}, ${item.description}` };
    return item;
}

const ICONS = {
    running: 'sync~spin',
    complete: 'check',
    cancelled: 'debug-stop',
    failed: 'error',
    interrupted: 'warning',
};

/** The first picture, how the run ended, and what it cost. */
export function runTooltip(run: StoredRun): vscode.MarkdownString {
    const { record, state, folder } = run;
    const first = record.pictures[0];
    const file = first && fileOf(folder, first.file);
    const text = new vscode.MarkdownString();
    if (file) text.appendMarkdown(`![](${vscode.Uri.file(file).toString()}|width=192)\n\n`);
    text.appendText(`${record.name}, ${endWords(state, record.pictures.length, record.cells)}`);
    for (const line of [readMark(folder).note, ...makersOf(run)].filter(Boolean)) {
        text.appendMarkdown('\n\n');
        text.appendText(line);
    }
    text.appendMarkdown(`\n\n${record.digest.slice(0, 16)} · ${record.device.used} · ${record.seconds.toFixed(2)} s`);
    return text;
}
