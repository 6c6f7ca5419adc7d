/** What can be done with a picture in the results. */
import { copyFile, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import * as vscode from 'vscode';
import { specText } from '../../language/write/spec-text.ts';
import { cellsIn } from '../../plan/cells.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import type { RecordedPicture } from '../../runtime/run/record.ts';
import type { LanguageConnection } from '../client.ts';
import { committedPlan } from '../resolved/committed.ts';
import type { RunnableId } from '../runnable.ts';
import { baseOf, fileOf, folderOf, readWork, runIn, type StoredRun } from '../runs/records.ts';
import type { ChosenPlace } from './pages/pages.ts';

/** A chosen picture with all that is known of it. */
export interface ChosenPicture {
    readonly run: StoredRun;
    readonly picture: RecordedPicture;
    readonly file: string;
}

/** The picture, or undefined where it is not finished. */
export function pictureAt({ folder, cell }: ChosenPlace): ChosenPicture | undefined {
    const run = runIn(folder);
    const picture = run?.record.pictures.find((one) => one.cell === cell);
    const file = picture && fileOf(folder, picture.file);
    return run && picture && file ? { run, picture, file } : undefined;
}

/** The runnable that a run came from. */
export function runnableOf({ folder, record }: StoredRun): RunnableId | undefined {
    if (!record.spec) return undefined;
    return { uri: vscode.Uri.file(join(baseOf(folder), record.spec)), name: record.name };
}

export async function copySeed({ picture }: ChosenPicture): Promise<void> {
    await vscode.env.clipboard.writeText(String(picture.seed));
    vscode.window.setStatusBarMessage(`Seed ${picture.seed} copied`, 3000);
}

export async function copySettings(chosen: ChosenPicture): Promise<void> {
    const plan = await planOf(chosen);
    if (!plan) return;
    await vscode.env.clipboard.writeText(specText(chosen.run.record.name, plan));
    vscode.window.setStatusBarMessage('Settings copied as spec text', 3000);
}

/** Writes the picture's seed into its runnable, in place of the seed that is there. */
export async function pinSeedOf(
    { run, picture }: ChosenPicture,
    id: RunnableId | undefined,
    language: LanguageConnection,
): Promise<void> {
    if (!id) return;
    if (run.record.kind !== 'picture') {
        vscode.window.showInformationMessage(
            `Seed ${picture.seed}: a ${run.record.kind} has no seed of its own to pin.`,
        );
        return;
    }
    const document = await vscode.workspace.openTextDocument(id.uri);
    const found = await language.seedEdit(id, picture.seed);
    if (!found) {
        vscode.window.showWarningMessage(`${basename(id.uri.fsPath)} has no ${id.name} any more.`);
        return;
    }
    const edit = new vscode.WorkspaceEdit();
    edit.replace(id.uri, found.range, found.text);
    await vscode.workspace.applyEdit(edit);
    await vscode.window.showTextDocument(document, { preserveFocus: true, viewColumn: vscode.ViewColumn.One });
}

export async function saveAs({ file, run, picture }: ChosenPicture): Promise<void> {
    const name = `${run.record.name}-${picture.seed}${extname(file)}`;
    const defaultUri = vscode.Uri.file(join(baseOf(run.folder), name));
    const target = await vscode.window.showSaveDialog({ defaultUri, filters: { Pictures: ['png'] } });
    if (!target) return;
    if (target.scheme === 'file') await copyFile(file, target.fsPath);
    else await vscode.workspace.fs.writeFile(target, await readFile(file));
}

export async function reveal({ file }: ChosenPicture): Promise<void> {
    await revealPath(file);
}

/** Shows a file or folder in the system's file manager; in a browser, which has none, in the explorer. */
export async function revealPath(path: string): Promise<void> {
    const known = await vscode.commands.getCommands(true);
    const command = ['revealFileInOS', 'remote-revealFileInOS'].find((name) => known.includes(name));
    await vscode.commands.executeCommand(command ?? 'revealInExplorer', vscode.Uri.file(path));
}

/** The folder of the run that the last committed text of the spec makes; undefined, and reported, where it was not made. */
export async function committedRun({ run }: ChosenPicture, language: LanguageConnection): Promise<string | undefined> {
    const id = runnableOf(run);
    const plan = id && (await committedPlan(id, language));
    if (!plan) {
        vscode.window.showInformationMessage(`There is no committed text of ${run.record.name} to compare with.`);
        return undefined;
    }
    const folder = folderOf(baseOf(run.folder), plan);
    if (runIn(folder)) return folder;
    vscode.window.showInformationMessage(
        `${run.record.name} as committed was not run here yet: check it out and run it, then compare.`,
    );
    return undefined;
}

async function planOf({ run, picture }: ChosenPicture): Promise<PicturePlan | undefined> {
    const work = await readWork(run.folder);
    return work && cellsIn(work)[picture.cell]?.plan;
}
