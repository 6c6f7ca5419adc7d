/** What a page asks its host for that changes no page's run: details, differences, the clipboard, files. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { LanguageConnection } from '../client.ts';
import type { RunnableId } from '../runnable.ts';
import { baseOf, isRunFolder } from '../runs/records.ts';
import type { Runs } from '../runs/run.ts';
import { pictureAt } from './actions.ts';
import { differencesOf, pictureSettings } from './differences.ts';
import type { ToHost, ToPage } from './messages.ts';
import { showingOf } from './showing.ts';
import { cellDetailsOf, planOfPicture } from './shown.ts';
import { useMask } from './use-picture.ts';

type Asked = Extract<ToHost, { readonly kind: 'cell' | 'differences' | 'copy' | 'copied' | 'mask' | 'save' }>;

interface AnswerParts {
    readonly runs: Runs;
    readonly language: LanguageConnection;
    /** The runnable that a run is of. */
    readonly runnableIn: (folder: string) => RunnableId | undefined;
    /** Sends the answer to the page that asked. */
    readonly post: (answer: ToPage) => void;
}

export async function answerPage(message: Asked, { runs, language, runnableIn, post }: AnswerParts): Promise<void> {
    switch (message.kind) {
        case 'cell': {
            const showing = isRunFolder(message.key) ? await showingOf(message.key, runs) : undefined;
            const details = showing && cellDetailsOf(showing, message.cell);
            if (details) post({ kind: 'cell', key: message.key, details });
            return;
        }
        case 'differences': {
            const sides = [message.a, message.b];
            if (!sides.every(({ key }) => isRunFolder(key))) return;
            const [a, b] = await Promise.all(sides.map(({ key }) => showingOf(key, runs)));
            if (!a || !b) return;
            const all = differencesOf(
                pictureSettings(planOfPicture(a, message.a.cell)),
                pictureSettings(planOfPicture(b, message.b.cell)),
            );
            post({ kind: 'differences', a: message.a, b: message.b, all });
            return;
        }
        case 'copy':
            await vscode.env.clipboard.writeText(message.text);
            vscode.window.setStatusBarMessage('Copied', 3000);
            return;
        case 'copied':
            if (message.failure === undefined) vscode.window.setStatusBarMessage('Picture copied', 3000);
            else vscode.window.showWarningMessage(`The picture could not be copied: ${message.failure}`);
            return;
        case 'mask': {
            const picture = isRunFolder(message.key)
                ? pictureAt({ folder: message.key, cell: message.cell })
                : undefined;
            if (picture) await useMask(picture, message, runnableIn(message.key), language);
            return;
        }
        case 'save':
            if (isRunFolder(message.key)) await saveDrawing(baseOf(message.key), message.name, message.data);
            return;
    }
}

/** Writes a drawing of the page where the user wants it. */
async function saveDrawing(base: string, name: string, data: string | Uint8Array): Promise<void> {
    const defaultUri = vscode.Uri.joinPath(vscode.Uri.file(base), name);
    const filters = name.endsWith('.svg') ? { 'Vector drawings': ['svg'] } : { Pictures: ['png'] };
    const target = await vscode.window.showSaveDialog({ defaultUri, filters });
    if (!target) return;
    await vscode.workspace.fs.writeFile(target, typeof data === 'string' ? new TextEncoder().encode(data) : data);
    vscode.window.setStatusBarMessage(`${basename(target.path)} saved`, 3000);
}
