/** Code actions: quick fixes of problems, refactorings, and pinning of files. */
import { AstUtils, CstUtils, type LangiumDocument } from 'langium';
import type { CodeActionProvider } from 'langium/lsp';
import type { CodeAction, CodeActionParams, Diagnostic, Range } from 'vscode-languageserver';
import * as ast from '../../generated/ast.ts';
import type { EditorLanguageServices } from '../services.ts';
import { refactorings } from './extract.ts';
import { fixes, fixOf } from './fixes.ts';
import { isPinnable, pinning } from './pin.ts';

export class SdspecActions implements CodeActionProvider {
    readonly #services: EditorLanguageServices;

    constructor(services: EditorLanguageServices) {
        this.#services = services;
    }

    getCodeActions(document: LangiumDocument, { range, context }: CodeActionParams): CodeAction[] {
        const wanted = (kind: string) =>
            !context.only || context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
        const root = document.parseResult.value.$cstNode;
        const leaf = root && CstUtils.findLeafNodeBeforeOffset(root, document.textDocument.offsetAt(range.start));
        const setting = AstUtils.getContainerOfType(leaf?.astNode, ast.isSetting);
        const pinnable = AstUtils.getContainerOfType(leaf?.astNode, isPinnable);
        return [
            ...fixes(problemsAt(document, range, context.diagnostics)),
            ...refactorings(setting, document),
            ...pinning(pinnable, document, this.#services),
        ].filter(({ kind }) => wanted(kind ?? ''));
    }
}

/** The problems that the client sent; where it lost their data, the server's own of the same place. */
function problemsAt(document: LangiumDocument, range: Range, sent: readonly Diagnostic[]): readonly Diagnostic[] {
    if (sent.length > 0 && sent.some((diagnostic) => fixOf(diagnostic))) return sent;
    return (document.diagnostics ?? []).filter(
        (diagnostic) => diagnostic.range.start.line <= range.end.line && diagnostic.range.end.line >= range.start.line,
    );
}
