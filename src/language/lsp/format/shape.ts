/** Shape: which tokens begin lines and columns, by the syntax tree. */
import { type AstNode, AstUtils, type CstNode, GrammarUtils, isCompositeCstNode, isLeafCstNode } from 'langium';
import * as ast from '../../generated/ast.ts';
import type { FormatToken, Shape } from './token.ts';

/** A block written on one line stays there up to this width. */
const MAX_INLINE = 120;

/** All tokens and comments of a document, in order. */
export function formatTokens(root: CstNode): readonly FormatToken[] {
    const tokens: FormatToken[] = [];
    for (const node of leaves(root)) {
        const text = node.text;
        if (text === '') continue;
        const comment =
            node.tokenType.name === 'SL_COMMENT' ? 'line' : node.tokenType.name === 'ML_COMMENT' ? 'block' : undefined;
        tokens.push({ offset: node.offset, end: node.end, text, ...(comment && { comment }) });
    }
    return tokens;
}

function* leaves(root: CstNode): Generator<CstNode & { readonly tokenType: { readonly name: string } }> {
    const stack: CstNode[] = [root];
    for (let node = stack.pop(); node; node = stack.pop()) {
        if (isLeafCstNode(node)) yield node;
        else if (isCompositeCstNode(node))
            for (let i = node.content.length - 1; i >= 0; i--) stack.push(node.content[i]!);
    }
}

export function shapeOf(text: string, spec: ast.Spec): Shape {
    const shape = {
        items: new Set<number>(),
        columns: new Set<number>(),
        inline: new Set<number>(),
        glued: new Set<number>(),
    };
    // Nodes whose block stays on one line, with all that it contains.
    const flat = new Set<AstNode>();
    for (const node of AstUtils.streamAst(spec)) {
        const cst = node.$cstNode;
        if (!cst) continue;
        const within = node.$container !== undefined && flat.has(node.$container);
        if (within) flat.add(node);
        if (isItem(node)) {
            shape.items.add(cst.offset);
            // Columns align on lines of their own.
            if (!within) for (const column of columnsOf(node, cst)) shape.columns.add(column);
        }
        if (ast.isTemplateText(node)) glue(cst, shape.glued);
        const brace = GrammarUtils.findNodeForKeyword(cst, '{');
        if (!brace || !staysOnOneLine(text, node, brace, cst)) continue;
        shape.inline.add(brace.offset);
        flat.add(node);
    }
    return shape;
}

/** Whether a node is a line of its own: a declaration, a clause, or an entry of a block. */
function isItem(node: AstNode): boolean {
    const container = node.$container;
    if (!container) return false;
    if (ast.isPhrase(node)) return isInBraces(node, container);
    if (ast.isUnknownValue(node)) return false;
    return (
        ast.isVersion(node) ||
        ast.isImport(node) ||
        ast.isDeclaration(node) ||
        ast.isSetting(node) ||
        ast.isSweepItem(node) ||
        ast.isMosaicSetting(node) ||
        ast.isPrintSetting(node) ||
        ast.isLearnSetting(node) ||
        ast.isExpectation(node) ||
        ast.isMember(node) ||
        ast.isLayerWeight(node) ||
        ast.isWordWeight(node)
    );
}

function isInBraces(node: AstNode, container: AstNode): boolean {
    const brace = container.$cstNode && GrammarUtils.findNodeForKeyword(container.$cstNode, '{');
    return brace !== undefined && brace.offset < (node.$cstNode?.offset ?? 0);
}

/** Offsets where the second and later columns of an item begin. */
function columnsOf(node: AstNode, cst: CstNode): readonly number[] {
    const at = (...nodes: (CstNode | undefined)[]) => nodes.flatMap((one) => (one ? [one.offset] : []));
    const property = (name: string) => GrammarUtils.findNodeForProperty(cst, name);
    if (ast.isCase(node) || ast.isVersion(node)) return [];
    if (ast.isImport(node)) return at(GrammarUtils.findNodeForKeyword(cst, 'from'));
    if (ast.isDeclaration(node)) {
        const equals = GrammarUtils.findNodeForKeyword(cst, '=');
        return equals ? at(property('name'), equals) : [];
    }
    if (ast.isPhrase(node)) return at(firstOf(cst, 'weight', 'during'));
    if (ast.isMember(node)) {
        const words = node.name !== undefined ? (property('text') ?? undefined) : property('prompt');
        return at(words, firstOf(cst, 'share', 'weight'));
    }
    if (ast.isLayerWeight(node) || ast.isWordWeight(node)) return at(property('weight'));
    const second = secondToken(cst);
    return second && second.text !== '{' ? [second.offset] : [];
}

/** The first of these words that a node has. */
function firstOf(cst: CstNode, ...words: readonly string[]): CstNode | undefined {
    const found = words.flatMap((word) => GrammarUtils.findNodeForKeyword(cst, word) ?? []);
    return found.sort((a, b) => a.offset - b.offset)[0];
}

function secondToken(cst: CstNode): CstNode | undefined {
    let count = 0;
    for (const leaf of leaves(cst)) {
        if ('hidden' in leaf && leaf.hidden) continue;
        if (++count === 2) return leaf;
    }
    return undefined;
}

/** A block on one line stays there while it is short and holds one clause, or only layer weights or phrases. */
function staysOnOneLine(text: string, node: AstNode, brace: CstNode, cst: CstNode): boolean {
    if (ast.isImport(node)) return true;
    const source = text.slice(brace.offset, cst.end);
    if (source.includes('\n') || source.includes('//') || source.includes('/*')) return false;
    const items = AstUtils.streamContents(node).filter(isItem).toArray();
    const small =
        items.length <= 1 ||
        items.every((item) => ast.isLayerWeight(item) || ast.isPhrase(item) || ast.isWordWeight(item));
    const start = text.lastIndexOf('\n', cst.offset) + 1;
    return small && cst.end - start <= MAX_INLINE;
}

/** Within a template only the braces' inside could have white space, and there is none to change. */
function glue(cst: CstNode, glued: Set<number>): void {
    let first = true;
    for (const leaf of leaves(cst)) {
        if (!first) glued.add(leaf.offset);
        first = false;
    }
}
