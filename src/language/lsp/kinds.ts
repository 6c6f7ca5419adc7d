/** Kinds: how each sort of declaration looks in outlines, completions and colours. */
import type { AstNode, AstNodeDescription } from 'langium';
import type { NodeKindProvider } from 'langium/lsp';
import { CompletionItemKind, SemanticTokenTypes, SymbolKind } from 'vscode-languageserver';
import * as ast from '../generated/ast.ts';

interface Kind {
    readonly symbol: SymbolKind;
    readonly completion: CompletionItemKind;
    readonly token: SemanticTokenTypes;
}

const runnable = kind('Function', 'Function', 'function');
const network = kind('Class', 'Class', 'class');
const words = kind('String', 'Text', 'variable');
const place = kind('EnumMember', 'EnumMember', 'enumMember');

const KINDS: Readonly<Record<string, Kind>> = {
    [ast.Generate.$type]: runnable,
    [ast.Sweep.$type]: runnable,
    [ast.Mosaic.$type]: runnable,
    [ast.Print.$type]: runnable,
    [ast.Learn.$type]: runnable,
    [ast.Model.$type]: network,
    [ast.Lora.$type]: network,
    [ast.Embedding.$type]: kind('Class', 'Class', 'type'),
    [ast.ControlNet.$type]: network,
    [ast.Upscaler.$type]: network,
    [ast.Image.$type]: kind('File', 'File', 'variable'),
    [ast.Param.$type]: kind('Variable', 'Variable', 'parameter'),
    [ast.Prompt.$type]: words,
    [ast.Ensemble.$type]: words,
    [ast.Member.$type]: kind('Property', 'Property', 'property'),
    [ast.InfuseClause.$type]: kind('Property', 'Property', 'property'),
    [ast.ControlClause.$type]: kind('Property', 'Property', 'property'),
    [ast.LayerSet.$type]: kind('Array', 'Struct', 'struct'),
    [ast.NamedSettings.$type]: kind('Object', 'Struct', 'struct'),
    [ast.WeightSet.$type]: kind('Object', 'Struct', 'struct'),
    [ast.Layer.$type]: place,
    [ast.Sampler.$type]: place,
    [ast.Schedule.$type]: place,
};

function kind(
    symbol: keyof typeof SymbolKind,
    completion: keyof typeof CompletionItemKind,
    token: keyof typeof SemanticTokenTypes,
): Kind {
    return {
        symbol: SymbolKind[symbol] as SymbolKind,
        completion: CompletionItemKind[completion] as CompletionItemKind,
        token: SemanticTokenTypes[token],
    };
}

/** The kind of a declaration by its type in the syntax tree. */
export function kindOf(type: string): Kind | undefined {
    return KINDS[type];
}

export class SdspecNodeKinds implements NodeKindProvider {
    getSymbolKind(node: AstNode | AstNodeDescription): SymbolKind {
        return kindOf(typeOf(node))?.symbol ?? SymbolKind.Field;
    }

    getCompletionItemKind(node: AstNode | AstNodeDescription): CompletionItemKind {
        return kindOf(typeOf(node))?.completion ?? CompletionItemKind.Reference;
    }
}

function typeOf(node: AstNode | AstNodeDescription): string {
    return '$type' in node ? node.$type : node.type;
}
