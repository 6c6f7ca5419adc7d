/** Capabilities that Langium does not announce by itself. */
import { DefaultLanguageServer } from 'langium/lsp';
import { CodeActionKind, type InitializeParams, type InitializeResult } from 'vscode-languageserver';

export class SdspecServer extends DefaultLanguageServer {
    protected override buildInitializeResult(params: InitializeParams): InitializeResult {
        const { capabilities } = super.buildInitializeResult(params);
        return {
            serverInfo: { name: 'sdspec' },
            capabilities: {
                ...capabilities,
                codeActionProvider: {
                    codeActionKinds: [
                        CodeActionKind.QuickFix,
                        CodeActionKind.RefactorExtract,
                        CodeActionKind.RefactorInline,
                        CodeActionKind.RefactorRewrite,
                    ],
                    resolveProvider: true,
                },
                selectionRangeProvider: true,
                // Where it is asked for only: by itself it would cover the lines above while a clause is written.
                signatureHelpProvider: {},
            },
        };
    }
}
