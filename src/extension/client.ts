/** The language server: started with the extension, asked for runnables and plans. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type {
    Runnable as Answered,
    LibraryDocumentResult,
    Parameter,
    PlanResult,
} from '../language/lsp/runnables/requests.ts';
import type { Run } from '../plan/plan.ts';
import type { Outcome } from '../plan/problem.ts';
import type { RunnableId } from './runnable.ts';

/** Something in a spec that can be run. */
export interface Runnable extends Omit<Answered, 'range' | 'nameRange'> {
    /** The whole declaration. */
    readonly range: vscode.Range;
    /** Its name within the text. */
    readonly nameRange: vscode.Range;
}

/** What the language knows of a document's buffer, saved or not. */
export interface Language extends vscode.Disposable {
    runnables(uri: vscode.Uri): Promise<readonly Runnable[]>;
    plan(id: RunnableId, params?: Readonly<Record<string, string>>): Promise<Outcome<Run>>;
    /** The params that a runnable's pictures depend on, wherever they are declared. */
    parameters(id: RunnableId): Promise<readonly Parameter[]>;
    /** The plan of another text for the same file. */
    planText(id: RunnableId, text: string): Promise<Outcome<Run>>;
}

/** Where texts are written; other schemes show what was made of them. */
const SCHEMES = ['file', 'untitled'];
/** Documents of the built-in library, which can be read only. */
const LIBRARY = 'builtin';
const DECLARES = /^\s*(generate|sweep|mosaic|print)\s+\w/m;

/** Starts the server without waiting for it; requests to it wait. */
export function startLanguage(context: vscode.ExtensionContext): Language {
    const client = startClient(context);

    async function runnables(uri: vscode.Uri): Promise<readonly Runnable[]> {
        const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
        // A document that was opened this very moment is not built yet, and has nothing to run until it is.
        for (let attempt = 0; ; attempt++) {
            const found = await (await client).sendRequest<readonly Answered[]>('sdspec/runnables', {
                uri: uri.toString(),
            });
            if (found.length > 0 || attempt === 10 || !DECLARES.test(document?.getText() ?? '')) {
                return found.map((one) => ({ ...one, range: toRange(one.range), nameRange: toRange(one.nameRange) }));
            }
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
    }

    async function plan(uri: string, name: string, params?: Readonly<Record<string, string>>): Promise<Outcome<Run>> {
        const asked = { uri, name, ...(params ? { params } : {}) };
        const { run, problems } = await (await client).sendRequest<PlanResult>('sdspec/plan', asked);
        return { ...(run ? { value: run } : {}), problems };
    }

    const library = vscode.workspace.registerTextDocumentContentProvider(LIBRARY, {
        async provideTextDocumentContent(uri) {
            const asked = { uri: uri.toString() };
            const found = await (await client).sendRequest<LibraryDocumentResult | null>(
                'sdspec/libraryDocument',
                asked,
            );
            return found?.text ?? '';
        },
    });
    return {
        runnables,
        async parameters({ uri, name }) {
            return (await client).sendRequest('sdspec/parameters', { uri: uri.toString(), name });
        },
        plan: ({ uri, name }, params) => plan(uri.toString(), name, params),
        async planText({ uri, name }, text) {
            // A document beside the file that is open for a moment and on no disk: imports and pictures are found as usual.
            const beside = uri.with({ path: uri.path.replace(/\.sdspec$/, '.committed.sdspec') }).toString();
            const textDocument = { uri: beside, languageId: 'sdspec', version: 1, text };
            await (await client).sendNotification('textDocument/didOpen', { textDocument });
            try {
                for (let attempt = 0; ; attempt++) {
                    const outcome = await plan(beside, name);
                    if (outcome.value || outcome.problems.length > 0 || attempt === 20) return outcome;
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
            } finally {
                await (await client).sendNotification('textDocument/didClose', { textDocument: { uri: beside } });
                const changes = [{ uri: beside, type: 3 }];
                await (await client).sendNotification('workspace/didChangeWatchedFiles', { changes });
            }
        },
        dispose() {
            library.dispose();
            client.then((started) => started.stop()).catch(() => undefined);
        },
    };
}

/** After the activation, which the editor waits for: the client's own code is the largest part of the bundle. */
async function startClient(context: vscode.ExtensionContext): Promise<LanguageClient> {
    await new Promise((resolve) => setImmediate(resolve));
    const { LanguageClient: Client, TransportKind } = await import('vscode-languageclient/node');
    const module = context.asAbsolutePath('dist/server.js');
    const transport = TransportKind.ipc;
    // A small young generation keeps the collector's pauses below a keystroke (npm run bench:language).
    const execArgv = ['--max-semi-space-size=8'];
    const debug = { module, transport, options: { execArgv: [...execArgv, '--nolazy', '--inspect=6009'] } };
    const documentSelector = SCHEMES.map((scheme) => ({ language: 'sdspec', scheme }));
    const run = { module, transport, options: { execArgv } };
    const client = new Client('sdspec', 'SDSpec Language', { run, debug }, { documentSelector });
    void client.start();
    return client;
}

function toRange({ start, end }: Answered['range']): vscode.Range {
    return new vscode.Range(start.line, start.character, end.line, end.character);
}
