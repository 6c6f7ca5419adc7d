/** Pictures dropped on a spec, or opened by command, become the spec text that would make them again. */
import { readFile } from 'node:fs/promises';
import { basename, posix } from 'node:path';
import * as vscode from 'vscode';
import type { NameInUse } from '../../language/write/ingredients.ts';
import { originText } from '../../language/write/origins/origin-text.ts';
import { originIn } from '../../runtime/pictures/metadata/read.ts';
import type { LanguageConnection } from '../client.ts';
import { declarableName, lineForDeclaration } from './declaration.ts';
import { freeName } from './example.ts';

const PICTURES = /\.(png|jpe?g|webp|avif)$/i;

const dropKind = () => vscode.DocumentDropOrPasteEditKind.Empty.append('sdspec', 'picture');

/** Pictures can be dropped on the text of a spec. */
export function acceptDrops(language: LanguageConnection): vscode.Disposable {
    const provider: vscode.DocumentDropEditProvider = {
        async provideDocumentDropEdits(document, _position, transfer) {
            for (const { name, uri, read } of await picturesIn(transfer)) {
                const names = await language.names(document.getText());
                const bytes = await read();
                const text = await textOf(name, bytes, names);
                if (!text) return imageDeclaration(document, { name, uri, bytes }, names);
                const edit = new vscode.DocumentDropEdit('', 'Insert as spec text', dropKind());
                edit.additionalEdit = new vscode.WorkspaceEdit();
                edit.additionalEdit.insert(document.uri, endOf(document), `\n${text}`);
                return edit;
            }
            return undefined;
        },
    };
    return vscode.languages.registerDocumentDropEditProvider({ language: 'sdspec' }, provider, {
        dropMimeTypes: ['files', 'text/uri-list', 'image/*'],
        providedDropEditKinds: [dropKind()],
    });
}

/** A picture that says nothing of how it was made becomes an image of the spec; one from elsewhere is copied beside it. */
function imageDeclaration(
    document: vscode.TextDocument,
    { name, uri, bytes }: { readonly name: string; readonly uri: vscode.Uri | undefined; readonly bytes: Uint8Array },
    names: readonly NameInUse[],
): vscode.DocumentDropEdit {
    const folder = vscode.Uri.joinPath(document.uri, '..');
    const inside = uri && posix.relative(folder.path, uri.path);
    const isInside = inside !== undefined && !inside.startsWith('..');
    const path = isInside ? inside : name;
    const word = declarableName(name.replace(PICTURES, ''), new Set(names.map((one) => one.name)));
    const text = `image ${word} = "./${path}"\n`;
    const edit = new vscode.DocumentDropEdit('', 'Declare the picture', dropKind());
    edit.additionalEdit = new vscode.WorkspaceEdit();
    if (!isInside && document.uri.scheme === 'file') {
        const target = vscode.Uri.joinPath(folder, name);
        edit.additionalEdit.createFile(target, { contents: bytes, ignoreIfExists: true });
    }
    const line = lineForDeclaration(document.getText());
    edit.additionalEdit.insert(document.uri, new vscode.Position(line, 0), text);
    return edit;
}

/** Writes a new spec that would make a picture again. */
export async function importPicture(uri?: vscode.Uri): Promise<void> {
    const picture = uri ?? (await pickPicture());
    if (!picture) return;
    const name = basename(picture.path);
    const text = await textOf(name, await readFile(picture.fsPath));
    if (!text) {
        const message =
            'says nothing of how it was made: it was saved without that text, or by a tool that writes none.';
        vscode.window.showInformationMessage(`${name} ${message}`);
        return;
    }
    const folder = vscode.workspace.getWorkspaceFolder(picture)?.uri ?? vscode.workspace.workspaceFolders?.[0]?.uri;
    if (folder?.scheme !== 'file') {
        const document = await vscode.workspace.openTextDocument({ language: 'sdspec', content: text });
        await vscode.window.showTextDocument(document);
        return;
    }
    const target = await freeName(folder, name.replace(PICTURES, ''));
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
    await vscode.window.showTextDocument(target);
}

/** Undefined where the picture does not say how it was made. */
async function textOf(name: string, bytes: Uint8Array, existing?: readonly NameInUse[]): Promise<string | undefined> {
    try {
        const origin = await originIn(bytes);
        return origin && originText(name, origin, existing);
    } catch (error) {
        vscode.window.showWarningMessage(`${name} can't be read: ${(error as Error).message}`);
        return undefined;
    }
}

interface Dropped {
    readonly name: string;
    readonly uri: vscode.Uri | undefined;
    read(): Promise<Uint8Array>;
}

async function picturesIn(transfer: vscode.DataTransfer): Promise<readonly Dropped[]> {
    const found: Dropped[] = [];
    for (const [, item] of transfer) {
        const file = item.asFile();
        if (file && PICTURES.test(file.name))
            found.push({ name: file.name, uri: file.uri, read: async () => file.data() });
    }
    if (found.length > 0) return found;
    const list = (await transfer.get('text/uri-list')?.asString()) ?? '';
    const uris = list.split(/\r?\n/).filter((line) => line && !line.startsWith('#'));
    return uris
        .map((line) => vscode.Uri.parse(line))
        .filter(({ path }) => PICTURES.test(path))
        .map((uri) => ({ name: basename(uri.path), uri, read: async () => vscode.workspace.fs.readFile(uri) }));
}

async function pickPicture(): Promise<vscode.Uri | undefined> {
    const filters = { Pictures: ['png', 'jpg', 'jpeg', 'webp', 'avif'] };
    const title = 'A picture made by sdspec or another tool';
    return (await vscode.window.showOpenDialog({ title, filters, canSelectMany: false }))?.[0];
}

function endOf(document: vscode.TextDocument): vscode.Position {
    return document.lineAt(document.lineCount - 1).range.end;
}
