/** What differs between two picture files, by sdspec or other tools: their settings as two texts side by side. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Origin } from '../../plan/origin.ts';
import { originIn } from '../../runtime/pictures/metadata/read.ts';
import type { LanguageConnection } from '../client.ts';

/** Explains the two pictures that are chosen in the explorer, or that the user picks. */
export async function explainPictures(
    language: LanguageConnection,
    uri?: vscode.Uri,
    all: readonly vscode.Uri[] = [],
): Promise<void> {
    const chosen = all.length > 1 ? all : [...(uri ? [uri] : [])];
    const first = chosen[0] ?? (await pick('The first picture'));
    const second = first && (chosen[1] ?? (await pick(`What ${basename(first.path)} is compared with`)));
    if (!first || !second) return;
    const [a, b] = [await originOf(first), await originOf(second)];
    if (!a || !b) return;
    const differences = await language.explain(a, b);
    const [nameA, nameB] = [basename(first.path), basename(second.path)];
    if (differences.length === 0) {
        vscode.window.showInformationMessage(`${nameA} and ${nameB} say the same of how they were made.`);
        return;
    }
    const lines = differences.flatMap(({ setting, a: inA, b: inB }) => [
        setting,
        `- ${inA ?? '(not there)'}`,
        `+ ${inB ?? '(not there)'}`,
        '',
    ]);
    const content = [`--- ${nameA}`, `+++ ${nameB}`, '', ...lines].join('\n');
    const document = await vscode.workspace.openTextDocument({ language: 'diff', content });
    await vscode.window.showTextDocument(document, { preview: true });
}

async function originOf(uri: vscode.Uri): Promise<Origin | undefined> {
    const name = basename(uri.path);
    try {
        const origin = await originIn(await readFile(uri.fsPath));
        if (!origin) vscode.window.showInformationMessage(`${name} says nothing of how it was made.`);
        return origin;
    } catch (error) {
        vscode.window.showWarningMessage(`${name} can't be read: ${(error as Error).message}`);
        return undefined;
    }
}

async function pick(title: string): Promise<vscode.Uri | undefined> {
    const filters = { Pictures: ['png', 'jpg', 'jpeg', 'webp', 'avif'] };
    return (await vscode.window.showOpenDialog({ title, filters, canSelectMany: false }))?.[0];
}
