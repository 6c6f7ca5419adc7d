/** Hub models that a spec names and this machine lacks: offered for download, and by a quick fix where they are named. */
import * as vscode from 'vscode';
import { type HubModel, hubModelsIn, hubName } from '../../plan/model-names.ts';
import { isCached } from '../../runtime/hub/cache.ts';
import type { LanguageConnection } from '../client.ts';
import type { WindowRuntime } from '../runs/runtime.ts';
import { mayRun } from '../trust.ts';

/** Plans of more pictures than this are not made to find out which models they need. */
const MAX_PICTURES = 400;

/** Models that the spec declares, and imported ones that its runs need, as far as they are missing. */
export async function missingModels(
    document: vscode.TextDocument,
    language: LanguageConnection,
    runtime: WindowRuntime,
): Promise<readonly HubModel[]> {
    const declared = (await language.hubModels(document.uri)).map(({ model }) => model);
    const small = (await language.runnables(document.uri)).filter(({ pictures = 0 }) => pictures <= MAX_PICTURES);
    const plans = await Promise.all(small.map(({ name }) => language.plan({ uri: document.uri, name })));
    const named = hubModelsIn([declared, plans.map(({ value }) => value)]);
    return named.filter((model) => !isCached(model, runtime.models));
}

/** A quick fix on the declaration of a model that is missing. */
export function offerMissingModels(language: LanguageConnection, runtime: WindowRuntime): vscode.Disposable {
    const provider: vscode.CodeActionProvider = {
        async provideCodeActions(document, range) {
            if (!mayRun()) return [];
            const declared = await language.hubModels(document.uri);
            const here = declared.filter((one) => one.range.intersection(range));
            return here.filter(({ model }) => !isCached(model, runtime.models)).map(({ model }) => fixOf(model));
        },
    };
    const selector = ['file', 'untitled'].map((scheme) => ({ language: 'sdspec', scheme }));
    const providedCodeActionKinds = [vscode.CodeActionKind.QuickFix];
    return vscode.languages.registerCodeActionsProvider(selector, provider, { providedCodeActionKinds });
}

function fixOf(model: HubModel): vscode.CodeAction {
    const action = new vscode.CodeAction(`Download ${hubName(model)}…`, vscode.CodeActionKind.QuickFix);
    action.command = { title: action.title, command: 'sdspec.downloadModel', arguments: [hubName(model)] };
    return action;
}
