/** The formatter: four spaces, one clause a line, values aligned within a block, blank lines kept to one. */
import type { LangiumDocument } from 'langium';
import type { Formatter } from 'langium/lsp';
import type {
    DocumentFormattingParams,
    DocumentOnTypeFormattingOptions,
    DocumentOnTypeFormattingParams,
    DocumentRangeFormattingParams,
    TextEdit,
} from 'vscode-languageserver';
import type { Spec } from '../../generated/ast.ts';
import { LANGUAGE_VERSION } from '../../meaning/versions.ts';
import { layout } from './layout.ts';
import { formatTokens, shapeOf } from './shape.ts';

/** A replacement by offsets. Only white space is ever replaced, and only the version is ever added. */
export interface Edit {
    readonly start: number;
    readonly end: number;
    readonly newText: string;
}

interface Span {
    readonly start: number;
    readonly end: number;
}

export class SdspecFormatter implements Formatter {
    readonly formatOnTypeOptions: DocumentOnTypeFormattingOptions = { firstTriggerCharacter: '}' };

    formatDocument(document: LangiumDocument, _params: DocumentFormattingParams): TextEdit[] {
        return toTextEdits(document, [...versionEdits(document), ...formatEdits(document)]);
    }

    formatDocumentRange(document: LangiumDocument, { range }: DocumentRangeFormattingParams): TextEdit[] {
        const text = document.textDocument;
        const start = text.offsetAt({ line: range.start.line, character: 0 });
        const span = { start: Math.max(0, start - 1), end: text.offsetAt(range.end) };
        return toTextEdits(document, formatEdits(document).filter(within(span)));
    }

    /** Formats the block that the brace just typed closes. */
    formatDocumentOnType(document: LangiumDocument, { position }: DocumentOnTypeFormattingParams): TextEdit[] {
        const text = document.textDocument;
        const end = text.offsetAt(position);
        const block = closedBlock(document, end);
        if (!block) return [];
        const start = text.offsetAt({ line: text.positionAt(block.start).line, character: 0 });
        return toTextEdits(document, formatEdits(document).filter(within({ start, end })));
    }
}

/** The formatted text of a document. */
export function formatted(document: LangiumDocument): string {
    return withEdits(document, [...versionEdits(document), ...formatEdits(document)]);
}

/** The text of a document with its white space in order, and nothing added. */
export function laidOut(document: LangiumDocument): string {
    return withEdits(document, formatEdits(document));
}

function withEdits({ textDocument }: LangiumDocument, edits: readonly Edit[]): string {
    const text = textDocument.getText();
    let result = '';
    let at = 0;
    for (const { start, end, newText } of edits) {
        result += text.slice(at, start) + newText;
        at = end;
    }
    return result + text.slice(at);
}

/**
 * The edits that bring a document into its one form. Where its syntax is broken, the declarations around the errors stay
 * as they are, and text that the parser skipped is never touched.
 */
function formatEdits(document: LangiumDocument): readonly Edit[] {
    const { value, lexerErrors, parserErrors } = document.parseResult;
    const root = value.$cstNode;
    if (!root || lexerErrors.length > 0) return [];
    const text = document.textDocument.getText();
    const spec = value as Spec;
    const tokens = formatTokens(root);
    const broken = brokenSpans(
        spec,
        text,
        parserErrors.map(({ token }) => token.startOffset),
    );
    const edits: Edit[] = [];
    let at = 0;
    const replace = (start: number, end: number, newText: string) => {
        if (
            text.slice(start, end) !== newText &&
            !/\S/.test(text.slice(start, end)) &&
            !broken.some(touches({ start, end }))
        ) {
            edits.push({ start, end, newText });
        }
    };
    for (const { token, text: space } of layout(text, tokens, shapeOf(text, spec))) {
        if (space !== undefined) replace(at, token.offset, space);
        const column = token.comment === 'block' && space ? space.length - space.lastIndexOf('\n') - 1 : 0;
        if (token.comment)
            for (const edit of commentEdits(token.text, column))
                replace(token.offset + edit.start, token.offset + edit.end, edit.newText);
        at = token.end;
    }
    if (tokens.length > 0) replace(at, text.length, text.includes('\r\n') ? '\r\n' : '\n');
    else replace(0, text.length, '');
    return edits;
}

/** The first line `sdspec 1`, which keeps the defaults that a spec was written for, where a whole spec has none. */
function versionEdits(document: LangiumDocument): readonly Edit[] {
    const { value, lexerErrors, parserErrors } = document.parseResult;
    const { version, declarations } = value as Spec;
    if (version || declarations.length === 0 || lexerErrors.length + parserErrors.length > 0) return [];
    const text = document.textDocument.getText();
    const start = text.startsWith('\uFEFF') ? 1 : 0;
    const line = text.includes('\r\n') ? '\r\n' : '\n';
    return [{ start, end: start, newText: `sdspec ${LANGUAGE_VERSION}${line}${line}` }];
}

/** Within a comment: no white space at line ends, and lines that begin with a star are under the first one. */
function commentEdits(comment: string, column: number): readonly Edit[] {
    const edits: Edit[] = [];
    for (const match of comment.matchAll(/[ \t]+(?=\r?\n|$)/g)) {
        edits.push({ start: match.index, end: match.index + match[0].length, newText: '' });
    }
    for (const match of comment.matchAll(/\n([ \t]*)(?=\*)/g)) {
        const start = match.index + 1;
        edits.push({ start, end: start + match[1]!.length, newText: ' '.repeat(column + 1) });
    }
    return edits.sort((a, b) => a.start - b.start);
}

/** The declarations that syntax errors are in, from the end of the one before to the beginning of the one after. */
function brokenSpans(spec: Spec, text: string, errors: readonly number[]): readonly Span[] {
    if (errors.length === 0) return [];
    const parts = [...spec.imports, ...spec.declarations].flatMap(({ $cstNode }) => ($cstNode ? [$cstNode] : []));
    return errors.map((offset) => {
        const error = Number.isNaN(offset) ? text.length : offset;
        const before = parts.filter(({ end }) => end < error).at(-1);
        const after = parts.find((part) => part.offset > error);
        return { start: before?.offset ?? 0, end: after?.offset ?? text.length };
    });
}

function closedBlock(document: LangiumDocument, end: number): Span | undefined {
    const root = document.parseResult.value.$cstNode;
    const open: number[] = [];
    for (const token of root ? formatTokens(root) : []) {
        if (token.text === '{') open.push(token.offset);
        if (token.text !== '}') continue;
        const start = open.pop();
        if (token.end === end && start !== undefined) return { start, end };
    }
    return undefined;
}

function within(span: Span): (edit: Span) => boolean {
    return ({ start, end }) => start >= span.start && end <= span.end;
}

function touches(edit: Span): (span: Span) => boolean {
    return ({ start, end }) => edit.start < end && edit.end > start;
}

function toTextEdits({ textDocument }: LangiumDocument, edits: readonly Edit[]): TextEdit[] {
    return edits.map(({ start, end, newText }) => ({
        range: { start: textDocument.positionAt(start), end: textDocument.positionAt(end) },
        newText,
    }));
}
