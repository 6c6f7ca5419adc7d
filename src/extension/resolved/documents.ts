/** Resolved specs as read-only documents: of a run, and of the text as it is now; and their difference. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { specText } from '../../language/write/spec-text.ts';
import type { LanguageConnection } from '../client.ts';
import type { RunnableId } from '../runnable.ts';
import { isRunFolder, readWork, runIn, runLabel, runsOf, type StoredRun } from '../runs/records.ts';

const SCHEME = 'sdspec-resolved';

export interface ResolvedDocuments extends vscode.Disposable {
    /** Shows the settings of a run, or of the runnable as its text is now. */
    show(of: StoredRun | RunnableId): Promise<void>;
    /** Shows what changed between a run and another, or the text as it is now. */
    diff(old: StoredRun, now: StoredRun | RunnableId): Promise<void>;
    diffLastRun(id: RunnableId): Promise<void>;
}

export function provideResolved(language: LanguageConnection): ResolvedDocuments {
    const changed = new vscode.EventEmitter<vscode.Uri>();
    const open = new Set<string>();
    const provider = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        onDidChange: changed.event,
        async provideTextDocumentContent(uri) {
            const { folder, spec, name } = queryOf(uri);
            if (folder) return (await textOfRun(folder)) ?? '// This run is not there any more.\n';
            if (!spec || !name) return '';
            open.add(uri.toString());
            const { value, problems } = await language.plan({ uri: vscode.Uri.parse(spec), name });
            if (value) return specText(value.name, value.work);
            return problems.map(({ message }) => `// ${message}\n`).join('');
        },
    });
    const edits = vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.languageId !== 'sdspec' || document.uri.scheme === SCHEME) return;
        for (const one of open) {
            const uri = vscode.Uri.parse(one);
            if (queryOf(uri).spec === document.uri.toString()) changed.fire(uri);
        }
    });
    const closes = vscode.workspace.onDidCloseTextDocument(({ uri }) => open.delete(uri.toString()));

    async function diff(old: StoredRun, now: StoredRun | RunnableId): Promise<void> {
        const right = 'folder' in now ? runLabel(now) : 'now';
        const title = `${old.record.name}: ${runLabel(old)} ↔ ${right}`;
        await vscode.commands.executeCommand('vscode.diff', uriOf(old), uriOf(now), title, { preview: true });
    }
    return {
        async show(of) {
            const document = await vscode.workspace.openTextDocument(uriOf(of));
            await vscode.window.showTextDocument(document, { preview: true });
        },
        diff,
        async diffLastRun(id) {
            const [last] = runsOf(dirname(id.uri.fsPath), id.name, undefined);
            if (last) await diff(last, id);
            else vscode.window.showInformationMessage(`${id.name} has no run to compare with yet.`);
        },
        dispose() {
            vscode.Disposable.from(provider, edits, closes, changed).dispose();
        },
    };
}

async function textOfRun(folder: string): Promise<string | undefined> {
    if (!isRunFolder(folder)) return undefined;
    const [run, work] = [runIn(folder), await readWork(folder)];
    if (!run || !work) return undefined;
    return specText(run.record.name, work);
}

function uriOf(of: StoredRun | RunnableId): vscode.Uri {
    const query = 'folder' in of ? { folder: of.folder } : { spec: of.uri.toString(), name: of.name };
    const name = 'folder' in of ? of.record.name : of.name;
    const when = 'folder' in of ? ` ${of.record.started.slice(0, 19).replace(/:/g, '-')}` : '';
    return vscode.Uri.from({ scheme: SCHEME, path: `/${name}${when} (resolved).sdspec`, query: JSON.stringify(query) });
}

function queryOf(uri: vscode.Uri): { readonly folder?: string; readonly spec?: string; readonly name?: string } {
    try {
        return JSON.parse(uri.query);
    } catch {
        return {};
    }
}
