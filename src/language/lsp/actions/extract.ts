/** Refactorings: words and weights in place become declarations of their own, and the other way round. */
import { AstUtils, type CstNode, GrammarUtils, type LangiumDocument } from 'langium';
import { type CodeAction, CodeActionKind, type TextEdit } from 'vscode-languageserver';
import * as ast from '../../generated/ast.ts';
import { isWhole } from '../../meaning/whole.ts';
import { declarationStart, unusedName } from '../../write/new-declaration.ts';
import { INDENT } from '../format/token.ts';

interface Span {
    readonly start: number;
    readonly end: number;
}

/** The refactorings that fit a node of the syntax tree. */
export function refactorings(node: ast.Setting | undefined, document: LangiumDocument): readonly CodeAction[] {
    if (!node || !isWhole(node)) return [];
    if (ast.isPromptClause(node) || ast.isNegativeClause(node)) {
        return node.source ? inlinePrompt(node, node.source.ref, document) : extractPrompt(node, document);
    }
    if (ast.isInfuseClause(node) || ast.isScaleClause(node)) {
        const set = node.weights?.ref;
        if (ast.isParam(set)) return [];
        return node.weights ? inlineWeights(node, set, document) : extractWeights(node, document);
    }
    return [];
}

// ── Out of the clause ──────────────────────────────────────────────────

function extractPrompt(
    clause: ast.PromptClause | ast.NegativeClause,
    document: LangiumDocument,
): readonly CodeAction[] {
    const first = clause.phrases[0]?.$cstNode;
    const last = clause.phrases.at(-1)?.$cstNode;
    if (!first || !last || !clause.$cstNode || clause.source) return [];
    const word = ast.isPromptClause(clause) ? 'prompt' : 'negative';
    const name = unusedName(word === 'prompt' ? 'words' : 'unwanted', document.parseResult.value as ast.Spec);
    const phrases = clause.phrases.map(({ $cstNode }) => $cstNode?.text ?? '');
    const head =
        phrases.length === 1 &&
        !clause.phrases[0]?.weight &&
        !clause.phrases[0]?.window &&
        !clause.phrases[0]?.words.length
            ? ` = ${phrases[0]}`
            : ` ${block(phrases)}`;
    const span = { start: clause.$cstNode.offset, end: clause.$cstNode.end };
    return [
        refactor('Extract to a prompt', CodeActionKind.RefactorExtract, document, [
            declare(clause, `prompt ${name}${head}`, document),
            edit(document, span, `${word} ${name}`),
        ]),
    ];
}

function extractWeights(clause: ast.InfuseClause | ast.ScaleClause, document: LangiumDocument): readonly CodeAction[] {
    const brace = braceOf(clause);
    if (!brace || !clause.$cstNode || clause.layers.length === 0) return [];
    const name = unusedName('weighting', document.parseResult.value as ast.Spec);
    const lines = clause.layers.map(({ $cstNode }) => $cstNode?.text ?? '');
    return [
        refactor('Extract to weights', CodeActionKind.RefactorExtract, document, [
            declare(clause, `weights ${name} ${block(lines)}`, document),
            edit(document, { start: brace.offset, end: clause.$cstNode.end }, `with ${name}`),
        ]),
    ];
}

/** A declaration, put before the one that a clause is in. */
function declare(clause: ast.Setting, text: string, document: LangiumDocument): TextEdit {
    const start = declarationStart(clause);
    return edit(document, { start, end: start }, `${text}\n\n`);
}

function block(lines: readonly string[]): string {
    const indent = ' '.repeat(INDENT);
    return ['{', ...lines.map((line) => indent + line), '}'].join('\n');
}

// ── Into the clause ────────────────────────────────────────────────────

function inlinePrompt(
    clause: ast.PromptClause | ast.NegativeClause,
    source: ast.PromptSource | undefined,
    document: LangiumDocument,
): readonly CodeAction[] {
    const reference = clause.source?.$refNode;
    // What else the clause says is about the prompt as a whole.
    if (clause.weight || clause.window || clause.words.length > 0 || clause.phrases.length > 0) return [];
    if (clause.bindings.length > 0) return [];
    // From another file, params within the words might not be known here.
    if (!ast.isPrompt(source) || !reference || AstUtils.getDocument(source) !== document) return [];
    const phrases = source.phrases.map(({ $cstNode }) => $cstNode?.text ?? '');
    const inner = phrases.map((phrase) => `    ${phrase}`);
    const text = phrases.length === 1 ? phrases[0]! : block(inner).replace(/\}$/, `${' '.repeat(INDENT)}}`);
    const span = { start: reference.offset, end: reference.end };
    return [refactor(`Inline ${source.name}`, CodeActionKind.RefactorInline, document, [edit(document, span, text)])];
}

function inlineWeights(
    clause: ast.InfuseClause | ast.ScaleClause,
    set: ast.WeightSet | undefined,
    document: LangiumDocument,
): readonly CodeAction[] {
    const keyword = GrammarUtils.findNodeForKeyword(clause.$cstNode, 'with');
    const reference = clause.weights?.$refNode;
    if (!set || !keyword || !reference || AstUtils.getDocument(set) !== document || !clause.$cstNode) return [];
    const lines = set.entries.map(({ $cstNode }) => $cstNode?.text ?? '');
    const text = document.textDocument.getText();
    const gap = /\s*$/.exec(text.slice(0, keyword.offset))?.[0].length ?? 0;
    const away = edit(document, { start: keyword.offset - gap, end: reference.end }, '');
    const brace = braceOf(clause);
    // Later lines win: the set's come before the clause's own.
    const inside = lines.map((line) => `\n${' '.repeat(2 * INDENT)}${line}`).join('');
    const into = brace
        ? edit(document, { start: brace.end, end: brace.end }, inside)
        : edit(
              document,
              { start: clause.$cstNode.end, end: clause.$cstNode.end },
              ` {${inside}\n${' '.repeat(INDENT)}}`,
          );
    return [refactor(`Inline ${set.name}`, CodeActionKind.RefactorInline, document, [away, into])];
}

// ── Both ───────────────────────────────────────────────────────────────

function braceOf(clause: ast.InfuseClause | ast.ScaleClause): CstNode | undefined {
    return GrammarUtils.findNodeForKeyword(clause.$cstNode, '{');
}

function edit({ textDocument }: LangiumDocument, { start, end }: Span, newText: string): TextEdit {
    return { range: { start: textDocument.positionAt(start), end: textDocument.positionAt(end) }, newText };
}

function refactor(title: string, kind: string, { uri }: LangiumDocument, edits: TextEdit[]): CodeAction {
    return { title, kind, edit: { changes: { [uri.toString()]: edits } } };
}
