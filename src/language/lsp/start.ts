/** Starts the language server on a connection: Langium's requests, sdspec's own, and file checks when the user is not typing. */
import { type Cancellation, DocumentState, type LangiumDocument, URI } from 'langium';
import { type DefaultSharedModuleContext, startLanguageServer } from 'langium/lsp';
import type { Connection } from 'vscode-languageserver';
import { resolvePin } from './actions/pin.ts';
import { watchFiles } from './idle.ts';
import { createEditorServices } from './module.ts';
import { selectionRanges } from './navigation/selection.ts';
import {
    LIBRARY_DOCUMENT,
    type LibraryDocumentParams,
    PARAMETERS,
    type ParametersParams,
    PLAN,
    type PlanParams,
    RUNNABLES,
    type RunnablesParams,
} from './runnables/requests.ts';
import { libraryText, parametersOf, planOf, runnablesOf } from './runnables/runnables.ts';
import type { EditorServices, Surroundings } from './services.ts';

export function startServer(
    context: DefaultSharedModuleContext & { readonly connection: Connection },
    surroundings: Surroundings = {},
): EditorServices {
    const services = createEditorServices(context, surroundings);
    answerOwnRequests(context.connection, services);
    watchFiles(context.connection, services);
    startLanguageServer(services.shared);
    return services;
}

function answerOwnRequests(connection: Connection, { shared, sdspec }: EditorServices): void {
    /** Answers from a document that is linked, as it is in the editor. */
    const answer = async <Answer>(
        uri: string,
        otherwise: Answer,
        give: (document: LangiumDocument) => Answer,
        cancel?: Cancellation.CancellationToken,
    ): Promise<Answer> => {
        await shared.workspace.WorkspaceManager.ready;
        const at = URI.parse(uri);
        if (!shared.workspace.LangiumDocuments.hasDocument(at)) return otherwise;
        await shared.workspace.DocumentBuilder.waitUntil(DocumentState.IndexedReferences, at, cancel);
        const document = shared.workspace.LangiumDocuments.getDocument(at);
        return document ? give(document) : otherwise;
    };
    connection.onRequest(RUNNABLES, ({ uri }: RunnablesParams, cancel) =>
        answer(uri, [], (document) => [...runnablesOf(document, sdspec)], cancel),
    );
    connection.onRequest(PLAN, (params: PlanParams, cancel) =>
        answer(params.uri, { problems: [] }, (document) => planOf(document, params, sdspec), cancel),
    );
    connection.onRequest(PARAMETERS, (params: ParametersParams, cancel) =>
        answer(params.uri, [], (document) => [...parametersOf(document, params)], cancel),
    );
    connection.onRequest(LIBRARY_DOCUMENT, ({ uri }: LibraryDocumentParams) => libraryText(uri));
    connection.onSelectionRanges(({ textDocument, positions }, cancel) =>
        answer(textDocument.uri, [], (document) => selectionRanges(document, positions), cancel),
    );
    connection.onCodeActionResolve((action) => resolvePin(action, sdspec));
}
