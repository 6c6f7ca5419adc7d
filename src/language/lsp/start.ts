/** Starts the language server on a connection: Langium's requests, and those of sdspec's own. */

import type { DefaultSharedModuleContext } from 'langium/lsp';
import { startLanguageServer } from 'langium/lsp';
import type { Connection } from 'vscode-languageserver';
import { createEditorServices, type EditorServices, type Surroundings } from './module.ts';

export function startServer(
    context: DefaultSharedModuleContext & { readonly connection: Connection },
    surroundings: Surroundings = {},
): EditorServices {
    const services = createEditorServices(context, surroundings);
    startLanguageServer(services.shared);
    return services;
}
