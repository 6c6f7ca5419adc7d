/** The language server: started with the extension, asked for runnables and plans. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type {
    AdjustableResult,
    Runnable as Answered,
    ClauseEditsResult,
    DeclaredHubModel,
    ExplainResult,
    LibraryDocumentResult,
    NamesResult,
    Parameter,
    PlanResult,
    SeedEditResult,
} from '../language/lsp/runnables/requests.ts';
import type { NewClause } from '../language/write/add-clause.ts';
import type { Adjustable, Adjustment } from '../language/write/adjust/adjustment.ts';
import type { HubModel } from '../plan/model-names.ts';
import type { Origin } from '../plan/origin.ts';
import type { PicturePlan } from '../plan/plan.ts';
import type { Outcome } from '../plan/problem.ts';
import type { Run } from '../plan/run.ts';
import type { RunnableId } from './runnable.ts';

/** Something in a spec that can be run. */
export interface EditorRunnable extends Omit<Answered, 'range' | 'nameRange'> {
    /** The whole declaration. */
    readonly range: vscode.Range;
    /** Its name within the text. */
    readonly nameRange: vscode.Range;
}

/** A piece of a document's text, and what is there after an edit. */
export interface RangeEdit {
    readonly range: vscode.Range;
    readonly text: string;
}

/** What the language knows of a document's buffer, saved or not. */
export interface LanguageConnection extends vscode.Disposable {
    runnables(uri: vscode.Uri): Promise<readonly EditorRunnable[]>;
    /** What was answered last, without waiting; undefined where nothing was, or of an earlier text than `version`. */
    lastRunnables(uri: vscode.Uri, version?: number): readonly EditorRunnable[] | undefined;
    plan(id: RunnableId, params?: Readonly<Record<string, string>>): Promise<Outcome<Run>>;
    /** The plan, and that of a draft where one is made much sooner. */
    planLive(id: RunnableId): Promise<Outcome<Run> & { readonly draft?: PicturePlan }>;
    /** The params that a runnable's pictures depend on, wherever they are declared. */
    parameters(id: RunnableId): Promise<readonly Parameter[]>;
    /** The plan of another text for the same file. */
    planText(id: RunnableId, text: string): Promise<Outcome<Run>>;
    /** The edit that writes a seed into a `generate`; undefined where the text has none of that name. */
    seedEdit(id: RunnableId, seed: number): Promise<RangeEdit | undefined>;
    /** The edits that write a clause into a `generate`, with the declarations that it needs; none where there is no such one. */
    clauseEdits(id: RunnableId, clause: NewClause): Promise<readonly RangeEdit[]>;
    /** What can be adjusted in a generate, or in that of a sweep; undefined for other runnables. */
    adjustable(id: RunnableId): Promise<Adjustable | undefined>;
    /** The edit that an adjustment means; none where it no longer applies. */
    adjustEdits(id: RunnableId, adjustment: Adjustment): Promise<readonly RangeEdit[]>;
    /** What differs between what two pictures say of their making. */
    explain(a: Origin, b: Origin): Promise<ExplainResult>;
    /** The names that a text has in use. */
    names(text: string): Promise<NamesResult>;
    /** The hub models that a text declares itself, and the declarations. */
    hubModels(uri: vscode.Uri): Promise<readonly { readonly model: HubModel; readonly range: vscode.Range }[]>;
    /** The hub model that a declaration names, or a piece of one. */
    hubModelIn(text: string): Promise<HubModel | undefined>;
}

/** Where texts are written; other schemes show what was made of them. */
const SCHEMES = ['file', 'untitled'];
/** Documents of the built-in library, which can be read only. */
const LIBRARY = 'builtin';

/** Starts the server without waiting for it; requests to it wait. */
export function startLanguage(context: vscode.ExtensionContext): LanguageConnection {
    const client = startClient(context);

    async function ask<Answer>(request: string, params: object): Promise<Answer> {
        return (await client).sendRequest<Answer>(request, params);
    }

    async function plan(uri: string, name: string, params?: Readonly<Record<string, string>>): Promise<Outcome<Run>> {
        const asked = { uri, name, ...(params ? { params } : {}) };
        const { run, problems } = await ask<PlanResult>('sdspec/plan', asked);
        return { ...(run ? { value: run } : {}), problems };
    }

    const library = vscode.workspace.registerTextDocumentContentProvider(LIBRARY, {
        async provideTextDocumentContent(uri) {
            const found = await ask<LibraryDocumentResult | null>('sdspec/libraryDocument', { uri: uri.toString() });
            return found?.text ?? '';
        },
    });
    const last = new Map<string, { readonly version: number | undefined; readonly all: readonly EditorRunnable[] }>();
    const forgetting = vscode.workspace.onDidCloseTextDocument(({ uri }) => last.delete(uri.toString()));
    return {
        async runnables(uri) {
            const version = versionOf(uri);
            const found = await ask<readonly Answered[]>('sdspec/runnables', { uri: uri.toString() });
            const all = found.map((one) => ({ ...one, range: toRange(one.range), nameRange: toRange(one.nameRange) }));
            // The answer may be of a later text; of an earlier one it never is.
            if (version !== undefined && version === versionOf(uri)) last.set(uri.toString(), { version, all });
            return all;
        },
        lastRunnables(uri, version) {
            const known = last.get(uri.toString());
            return version === undefined || known?.version === version ? known?.all : undefined;
        },
        parameters: ({ uri, name }) => ask('sdspec/parameters', { uri: uri.toString(), name }),
        async seedEdit({ uri, name }, seed) {
            const edit = await ask<SeedEditResult>('sdspec/seedEdit', { uri: uri.toString(), name, seed });
            return edit ? toRangeEdit(edit) : undefined;
        },
        async clauseEdits({ uri, name }, clause) {
            const edits = await ask<ClauseEditsResult>('sdspec/clauseEdits', { uri: uri.toString(), name, ...clause });
            return edits.map(toRangeEdit);
        },
        adjustable: async ({ uri, name }) =>
            (await ask<AdjustableResult>('sdspec/adjustable', { uri: uri.toString(), name })) ?? undefined,
        async adjustEdits({ uri, name }, adjustment) {
            const asked = { uri: uri.toString(), name, adjustment };
            return (await ask<ClauseEditsResult>('sdspec/adjustEdits', asked)).map(toRangeEdit);
        },
        explain: (a, b) => ask<ExplainResult>('sdspec/explain', { a, b }),
        names: (text) => ask<NamesResult>('sdspec/names', { text }),
        async hubModels(uri) {
            const found = await ask<readonly DeclaredHubModel[]>('sdspec/hubModels', { uri: uri.toString() });
            return found.map(({ model, range }) => ({ model, range: toRange(range) }));
        },
        async hubModelIn(text) {
            return (await ask<HubModel | null>('sdspec/hubModelIn', { text })) ?? undefined;
        },
        plan: ({ uri, name }, params) => plan(uri.toString(), name, params),
        async planLive({ uri, name }) {
            const asked = { uri: uri.toString(), name, draft: true };
            const { run, draft, problems } = await ask<PlanResult>('sdspec/plan', asked);
            return { ...(run ? { value: run } : {}), ...(draft ? { draft } : {}), problems };
        },
        async planText({ uri, name }, text) {
            // A document beside the file that is open for a moment and on no disk: imports and pictures are found as usual.
            const beside = uri.with({ path: uri.path.replace(/\.sdspec$/, '.committed.sdspec') }).toString();
            const textDocument = { uri: beside, languageId: 'sdspec', version: 1, text };
            await (await client).sendNotification('textDocument/didOpen', { textDocument });
            try {
                return await plan(beside, name);
            } finally {
                await (await client).sendNotification('textDocument/didClose', { textDocument: { uri: beside } });
                const changes = [{ uri: beside, type: 3 }];
                await (await client).sendNotification('workspace/didChangeWatchedFiles', { changes });
            }
        },
        dispose() {
            library.dispose();
            forgetting.dispose();
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

/** The version of an open document. */
function versionOf(uri: vscode.Uri): number | undefined {
    return vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString())?.version;
}

function toRangeEdit({ range, newText }: ClauseEditsResult[number]): RangeEdit {
    return { range: toRange(range), text: newText };
}

function toRange({ start, end }: Answered['range']): vscode.Range {
    return new vscode.Range(start.line, start.character, end.line, end.character);
}
