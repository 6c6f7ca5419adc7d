/** Starts the language server on a connection: Langium's requests, sdspec's own, and file checks when the user is not typing. */
import { type Cancellation, type LangiumDocument, URI } from 'langium';
import { type DefaultSharedModuleContext, startLanguageServer } from 'langium/lsp';
import type { Connection } from 'vscode-languageserver';
import type { Spec } from '../generated/ast.ts';
import { Language } from '../index.ts';
import { setOpenFolders } from '../linking/paths.ts';
import { hubModelIn } from '../meaning/hub-models.ts';
import { explainDifference } from '../write/explain.ts';
import { namesInUse } from '../write/names-in-use.ts';
import { resolvePin } from './actions/pin.ts';
import { builtDocument } from './built-document.ts';
import { watchFiles } from './idle.ts';
import { createEditorServices } from './module.ts';
import { selectionRanges } from './navigation/selection.ts';
import { answerAdjustable, answerAdjustEdits } from './runnables/adjust.ts';
import {
    ADJUST_EDITS,
    ADJUSTABLE,
    type AdjustableParams,
    type AdjustEditsParams,
    CLAUSE_EDITS,
    type ClauseEditsParams,
    EXPLAIN,
    type ExplainParams,
    HUB_MODEL_IN,
    HUB_MODELS,
    type HubModelInParams,
    type HubModelsParams,
    LIBRARY_DOCUMENT,
    type LibraryDocumentParams,
    NAMES,
    type NamesParams,
    type NamesResult,
    PARAMETERS,
    type ParametersParams,
    PLAN,
    type PlanParams,
    RUNNABLES,
    type RunnablesParams,
    SEED_EDIT,
    type SeedEditParams,
} from './runnables/requests.ts';
import {
    answerPlan,
    clauseEditsOf,
    hubModelsOf,
    libraryText,
    parametersOf,
    runnablesOf,
    seedEditOf,
} from './runnables/runnables.ts';
import type { EditorServices, Surroundings } from './services.ts';

export function startServer(
    context: DefaultSharedModuleContext & { readonly connection: Connection },
    surroundings: Surroundings = {},
): EditorServices {
    const services = createEditorServices(context, surroundings);
    services.shared.lsp.LanguageServer.onInitialize(({ workspaceFolders }) =>
        setOpenFolders((workspaceFolders ?? []).map(({ uri }) => URI.parse(uri))),
    );
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
        const document = await builtDocument(shared, URI.parse(uri), cancel);
        return document ? give(document) : otherwise;
    };
    connection.onRequest(RUNNABLES, ({ uri }: RunnablesParams, cancel) =>
        answer(uri, [], (document) => [...runnablesOf(document, sdspec)], cancel),
    );
    connection.onRequest(PLAN, (params: PlanParams, cancel) =>
        answer(params.uri, { problems: [] }, (document) => answerPlan(document, params, sdspec), cancel),
    );
    connection.onRequest(PARAMETERS, (params: ParametersParams, cancel) =>
        answer(params.uri, [], (document) => [...parametersOf(document, params)], cancel),
    );
    connection.onRequest(SEED_EDIT, (params: SeedEditParams, cancel) =>
        answer(params.uri, null, (document) => seedEditOf(document, params), cancel),
    );
    connection.onRequest(CLAUSE_EDITS, (params: ClauseEditsParams, cancel) =>
        answer(params.uri, [], (document) => [...clauseEditsOf(document, params)], cancel),
    );
    connection.onRequest(ADJUSTABLE, (params: AdjustableParams, cancel) =>
        answer(params.uri, null, (document) => answerAdjustable(document, params, sdspec), cancel),
    );
    connection.onRequest(ADJUST_EDITS, (params: AdjustEditsParams, cancel) =>
        answer(params.uri, [], (document) => [...answerAdjustEdits(document, params, sdspec)], cancel),
    );
    connection.onRequest(EXPLAIN, ({ a, b }: ExplainParams) => explainDifference(new Language(), a, b));
    connection.onRequest(
        NAMES,
        ({ text }: NamesParams): NamesResult => namesInUse(sdspec.parser.LangiumParser.parse<Spec>(text).value),
    );
    connection.onRequest(HUB_MODELS, ({ uri }: HubModelsParams, cancel) =>
        answer(uri, [], (document) => [...hubModelsOf(document)], cancel),
    );
    connection.onRequest(
        HUB_MODEL_IN,
        ({ text }: HubModelInParams) => hubModelIn(text, sdspec.parser.LangiumParser) ?? null,
    );
    connection.onRequest(LIBRARY_DOCUMENT, ({ uri }: LibraryDocumentParams) => libraryText(uri));
    connection.onSelectionRanges(({ textDocument, positions }, cancel) =>
        answer(textDocument.uri, [], (document) => selectionRanges(document, positions), cancel),
    );
    connection.onCodeActionResolve((action) => resolvePin(action, sdspec));
}
