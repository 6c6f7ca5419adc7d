/** Pictures of the results put to use in their spec: as a bias picture, a start, a mask, a control, as a generate, as a test. */
import { copyFile, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { originText } from '../../language/write/origin-text.ts';
import { originIn } from '../../runtime/pictures/metadata/read.ts';
import type { LanguageConnection } from '../client.ts';
import type { RunnableId } from '../runnable.ts';
import { baseOf } from '../runs/records.ts';
import { type ChosenPicture, runnableOf } from './actions.ts';

/** What a picture can be used as. */
export type UseAs = 'bias' | 'start' | 'mask' | 'control';

/** The clause, given the names of the picture and of a control network. */
const CLAUSES: Readonly<Record<UseAs, (image: string, net: string) => string>> = {
    bias: (image) => `infuse ${image}`,
    start: (image) => `start from ${image} strength 0.6`,
    mask: (image) => `mask ${image}`,
    control: (image, net) => `control ${net} by ${image}`,
};

/** Copies the picture beside its spec, declares it, and writes the clause into a generate that the user chooses. */
export async function usePicture(
    chosen: ChosenPicture,
    use: UseAs,
    own: RunnableId | undefined,
    language: LanguageConnection,
): Promise<void> {
    const target = await generateFor(own ?? runnableOf(chosen.run), language);
    if (!target) return;
    const document = await vscode.workspace.openTextDocument(target.uri);
    const names = await language.names(document.getText());
    const taken = new Set(names.map(({ name }) => name));
    const wanted = `${chosen.run.record.name}-${chosen.picture.seed}`;
    const name = free(wanted, (one) => taken.has(one));
    const base = baseOf(chosen.run.folder);
    const file = await freeFile(base, name);
    await copyFile(chosen.file, join(base, file));
    const net = names.find(({ declares }) => declares?.startsWith('controlnet '))?.name;
    const isNew = use === 'control' && net === undefined;
    await write(target, language, {
        clause: CLAUSES[use](name, net ?? 'edges'),
        declarations: [`image ${name} = "./${file}"`, ...(isNew ? ['controlnet edges = "builtin:sketch-edges"'] : [])],
    });
}

/** Writes the picture's perceptual hash as what its generate is expected to make. */
export async function takeHash(
    { run, picture }: ChosenPicture,
    own: RunnableId | undefined,
    language: LanguageConnection,
): Promise<void> {
    const target = await generateFor(own ?? runnableOf(run), language);
    if (!target) return;
    await write(target, language, { clause: `expect { image phash:${picture.phash} within 4 }`, declarations: [] });
}

/** Writes a generate that makes this one picture, with all of its settings, at the end of the spec. */
export async function makeGenerate(
    { run, file }: ChosenPicture,
    own: RunnableId | undefined,
    language: LanguageConnection,
): Promise<void> {
    const id = own ?? runnableOf(run);
    if (!id) return;
    const document = await vscode.workspace.openTextDocument(id.uri);
    const origin = await originIn(await readFile(file));
    if (!origin) {
        vscode.window.showInformationMessage(`${basename(file)} says nothing of how it was made.`);
        return;
    }
    const text = originText(basename(file), origin, await language.names(document.getText()));
    const end = document.lineAt(document.lineCount - 1).range.end;
    const gap = document.getText().endsWith('\n') ? '\n' : '\n\n';
    await apply(document, [vscode.TextEdit.insert(end, `${gap}${text}`)]);
}

async function write(
    target: RunnableId,
    language: LanguageConnection,
    clause: { readonly clause: string; readonly declarations: readonly string[] },
): Promise<void> {
    const document = await vscode.workspace.openTextDocument(target.uri);
    const edits = await language.clauseEdits(target, clause);
    if (edits.length === 0) {
        vscode.window.showWarningMessage(`${basename(target.uri.fsPath)} has no ${target.name} any more.`);
        return;
    }
    await apply(
        document,
        edits.map(({ range, text }) => vscode.TextEdit.replace(range, text)),
    );
}

async function apply(document: vscode.TextDocument, edits: readonly vscode.TextEdit[]): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    edit.set(document.uri, [...edits]);
    await vscode.workspace.applyEdit(edit);
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One });
}

/** The generate that a picture is for: the only one, or the user's choice, the one that made it first. */
async function generateFor(own: RunnableId | undefined, language: LanguageConnection): Promise<RunnableId | undefined> {
    if (!own) {
        vscode.window.showInformationMessage('The spec of this picture is not known.');
        return undefined;
    }
    await vscode.workspace.openTextDocument(own.uri);
    const all = (await language.runnables(own.uri)).filter(({ kind }) => kind === 'generate');
    const sorted = all.toSorted((a, b) => Number(b.name === own.name) - Number(a.name === own.name));
    if (sorted.length <= 1) return sorted[0] && { uri: own.uri, name: sorted[0].name };
    const items = sorted.map(({ name, doc }) => ({ label: name, ...(doc ? { description: doc } : {}) }));
    const picked = await vscode.window.showQuickPick(items, { title: 'Into which picture?' });
    return picked && { uri: own.uri, name: picked.label };
}

function free(wanted: string, isTaken: (name: string) => boolean): string {
    let name = wanted;
    for (let n = 2; isTaken(name); n++) name = `${wanted}-${n}`;
    return name;
}

async function freeFile(folder: string, name: string): Promise<string> {
    for (let n = 1; ; n++) {
        const file = `${name}${n === 1 ? '' : `-${n}`}.png`;
        try {
            await vscode.workspace.fs.stat(vscode.Uri.file(join(folder, file)));
        } catch {
            return file;
        }
    }
}
