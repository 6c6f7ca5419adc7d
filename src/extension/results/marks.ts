/** Stars and notes on runs. */
import * as vscode from 'vscode';
import { writeMark } from '../../runtime/run/runs.ts';
import { readMark, runIn } from '../runs/records.ts';

/** Gives a run a star, or takes it away. */
export async function toggleStar(folder: string): Promise<void> {
    const { star, note } = readMark(folder);
    await writeMark(folder, { star: !star, note });
}

/** Asks for the note of a run; an empty one takes it away. Whether there was an answer. */
export async function askNote(folder: string): Promise<boolean> {
    const { star, note } = readMark(folder);
    const title = `Note on ${runIn(folder)?.record.name ?? 'this run'}`;
    const answer = await vscode.window.showInputBox({
        title,
        value: note,
        prompt: 'Found by the filter of the Runs view',
    });
    if (answer === undefined) return false;
    await writeMark(folder, { star, note: answer.replace(/\s+/g, ' ').trim() });
    return true;
}
