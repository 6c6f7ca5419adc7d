/** Semantic colours: names by what they stand for, wherever they occur; the rest is left to the syntax colours. */
import { type AstNode, AstUtils } from 'langium';
import { AbstractSemanticTokenProvider, type SemanticTokenAcceptor } from 'langium/lsp';
import { SemanticTokenModifiers } from 'vscode-languageserver';
import * as ast from '../generated/ast.ts';
import { kindOf } from './kinds.ts';

const DECLARED = [SemanticTokenModifiers.declaration];
const LIBRARY = [SemanticTokenModifiers.defaultLibrary];

export class SdspecColours extends AbstractSemanticTokenProvider {
    protected override highlightElement(node: AstNode, accept: SemanticTokenAcceptor): void {
        const declared = kindOf(node.$type);
        if (declared && 'name' in node) {
            accept({
                node: node as AstNode & { name: string },
                property: 'name',
                type: declared.token,
                modifier: DECLARED,
            });
        }
        if (ast.isImportedName(node)) {
            const target = kindOf(node.target.ref?.$type ?? '');
            if (target && node.alias) accept({ node, property: 'alias', type: target.token, modifier: DECLARED });
        }
        for (const { reference } of AstUtils.streamReferences(node)) {
            const target = 'ref' in reference ? reference.ref : undefined;
            const used = kindOf(target?.$type ?? '');
            if (!target || !used || !reference.$refNode) continue;
            accept({
                cst: reference.$refNode,
                type: used.token,
                ...(ast.isCatalogue(target) && { modifier: LIBRARY }),
            });
        }
    }
}
