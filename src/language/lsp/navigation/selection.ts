/** Selection ranges: from the word under the cursor outwards through clause, block and declaration. */
import { type CstNode, CstUtils, type LangiumDocument } from 'langium';
import type { Position, Range, SelectionRange } from 'vscode-languageserver';

/** The nested ranges around each position, innermost first. */
export function selectionRanges(document: LangiumDocument, positions: readonly Position[]): SelectionRange[] {
    return positions.map((position) => rangesAt(document, position));
}

function rangesAt(document: LangiumDocument, position: Position): SelectionRange {
    const root = document.parseResult.value.$cstNode;
    const offset = document.textDocument.offsetAt(position);
    const leaf = root && CstUtils.findLeafNodeAtOffset(root, offset);
    const empty = { start: position, end: position };
    if (!leaf) return { range: root?.range ?? empty };
    const ranges: Range[] = [];
    const add = (range: Range) => {
        const last = ranges.at(-1);
        if (!last || (contains(range, last) && !contains(last, range))) ranges.push(range);
    };
    if (leaf.text.startsWith('"') && leaf.length > 2) add(insideQuotes(document, leaf));
    for (let node: CstNode | undefined = leaf; node; node = node.container) {
        const block = blockAround(node, offset);
        if (block) add(rangeOf(document, block.start, block.end));
        add(node.range);
    }
    add({
        start: { line: 0, character: 0 },
        end: document.textDocument.positionAt(document.textDocument.getText().length),
    });
    return ranges.reduceRight<SelectionRange | undefined>(
        (parent, range) => (parent ? { range, parent } : { range }),
        undefined,
    )!;
}

function insideQuotes(document: LangiumDocument, leaf: CstNode): Range {
    const quotes = leaf.text.startsWith('"""') ? 3 : 1;
    return rangeOf(document, leaf.offset + quotes, Math.max(leaf.offset + quotes, leaf.end - quotes));
}

/** The inside of the braces that a node has around the position. */
function blockAround(node: CstNode, offset: number): { readonly start: number; readonly end: number } | undefined {
    const text = node.text;
    if (!text.endsWith('}') || !text.includes('{')) return undefined;
    const start = node.offset + text.indexOf('{') + 1;
    return offset >= start && offset <= node.end - 1 ? { start, end: node.end - 1 } : undefined;
}

function rangeOf(document: LangiumDocument, start: number, end: number): Range {
    return { start: document.textDocument.positionAt(start), end: document.textDocument.positionAt(end) };
}

function contains(outer: Range, inner: Range): boolean {
    return !before(inner.start, outer.start) && !before(outer.end, inner.end);
}

function before(a: Position, b: Position): boolean {
    return a.line < b.line || (a.line === b.line && a.character < b.character);
}
