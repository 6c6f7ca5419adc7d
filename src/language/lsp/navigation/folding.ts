/** Folding: blocks, comments, runs of imports and `#region` markers. */
import { CstUtils, type LangiumDocument } from 'langium';
import type { FoldingRangeProvider } from 'langium/lsp';
import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver';
import type { Spec } from '../../generated/ast.ts';

export class SdspecFolding implements FoldingRangeProvider {
    getFoldingRanges(document: LangiumDocument): FoldingRange[] {
        const root = document.parseResult.value.$cstNode;
        if (!root) return [];
        return [...blocksAndComments(document), ...importsOf(document)].filter(
            ({ startLine, endLine }) => endLine > startLine,
        );
    }
}

function* blocksAndComments(document: LangiumDocument): Generator<FoldingRange> {
    const lineOf = (offset: number) => document.textDocument.positionAt(offset).line;
    const open: number[] = [];
    const regions: number[] = [];
    let notes: { readonly first: number; readonly last: number } | undefined;
    for (const leaf of CstUtils.flattenCst(document.parseResult.value.$cstNode!)) {
        const { text } = leaf;
        if (text === '{' || text === '[') open.push(lineOf(leaf.offset));
        if (text === '}' || text === ']') {
            const startLine = open.pop();
            if (startLine !== undefined) yield { startLine, endLine: lineOf(leaf.offset) - 1 };
        }
        if (text.startsWith('"""')) yield { startLine: lineOf(leaf.offset), endLine: lineOf(leaf.end) };
        if (text.startsWith('/*')) {
            yield { startLine: lineOf(leaf.offset), endLine: lineOf(leaf.end), kind: FoldingRangeKind.Comment };
        }
        if (!text.startsWith('//')) continue;
        const line = lineOf(leaf.offset);
        if (/^\/\/\s*#region\b/.test(text)) regions.push(line);
        else if (/^\/\/\s*#endregion\b/.test(text)) {
            const startLine = regions.pop();
            if (startLine !== undefined) yield { startLine, endLine: line, kind: FoldingRangeKind.Region };
        } else if (notes?.last === line - 1) notes = { first: notes.first, last: line };
        else {
            if (notes) yield comment(notes);
            notes = { first: line, last: line };
        }
    }
    if (notes) yield comment(notes);
}

function comment({ first, last }: { readonly first: number; readonly last: number }): FoldingRange {
    return { startLine: first, endLine: last, kind: FoldingRangeKind.Comment };
}

function* importsOf(document: LangiumDocument): Generator<FoldingRange> {
    const { imports } = document.parseResult.value as Spec;
    const first = imports[0]?.$cstNode;
    const last = imports.at(-1)?.$cstNode;
    if (!first || !last) return;
    yield { startLine: first.range.start.line, endLine: last.range.end.line, kind: FoldingRangeKind.Imports };
}
