/** Symbols: the outline of a file, and the names of all files but the library's. */
import { type AstNodeDescription, GrammarUtils, type LangiumDocument } from 'langium';
import { DefaultWorkspaceSymbolProvider, type DocumentSymbolProvider, type NodeKindProvider } from 'langium/lsp';
import type { DocumentSymbol, WorkspaceSymbol } from 'vscode-languageserver';
import * as ast from '../../generated/ast.ts';
import { LIBRARY_SCHEME } from '../../library/library.ts';
import { SdspecNodeKinds } from '../kinds.ts';

export class SdspecDocumentSymbols implements DocumentSymbolProvider {
    readonly #kinds: NodeKindProvider = new SdspecNodeKinds();

    getSymbols(document: LangiumDocument): DocumentSymbol[] {
        const { declarations } = document.parseResult.value as ast.Spec;
        return declarations.flatMap((declaration) => this.#symbol(declaration));
    }

    #symbol(node: ast.Declaration | ast.Member): DocumentSymbol[] {
        const name = GrammarUtils.findNodeForProperty(node.$cstNode, 'name');
        if (!node.$cstNode || !name || ast.isUnknownDeclaration(node)) return [];
        const children = ast.isEnsemble(node) ? node.members.flatMap((member) => this.#symbol(member)) : [];
        return [
            {
                name: name.text,
                detail: detailOf(node),
                kind: this.#kinds.getSymbolKind(node),
                range: node.$cstNode.range,
                selectionRange: name.range,
                ...(children.length > 0 && { children }),
            },
        ];
    }
}

/** The kind of a declaration and what it is made from: `generate, extends base`. */
function detailOf(node: ast.Declaration | ast.Member): string {
    if (ast.isGenerate(node))
        return node.bases.length > 0
            ? `generate extends ${node.bases.map(({ $refText }) => $refText).join(', ')}`
            : 'generate';
    if (ast.isSweep(node)) return `sweep over ${node.subject?.$refText ?? ''}`;
    if (ast.isMember(node)) return 'member';
    return keywordOf(node);
}

/** The word that a declaration begins with. */
export function keywordOf(node: ast.Declaration): string {
    return /^[a-z]+/.exec(node.$cstNode?.text ?? '')?.[0] ?? node.$type.toLowerCase();
}

export class SdspecWorkspaceSymbols extends DefaultWorkspaceSymbolProvider {
    protected override getWorkspaceSymbol(description: AstNodeDescription): WorkspaceSymbol | undefined {
        if (description.documentUri.scheme === LIBRARY_SCHEME) return undefined;
        return super.getWorkspaceSymbol(description);
    }
}
