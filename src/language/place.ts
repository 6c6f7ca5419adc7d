/** Places in the text, and problems that point to them. */
import { type AstNode, AstUtils, type CstNode, GrammarUtils } from 'langium';
import type { Fix, Place, Position, Problem, Severity } from '../plan/problem.ts';
import { readable } from '../plan/problem.ts';

/** What part of a node a problem underlines: a property, a keyword, or all of it. */
export interface NodePart {
    readonly property?: string;
    readonly index?: number;
    readonly keyword?: string;
}

export function placeOf(node: AstNode, part: NodePart = {}): Place {
    const range = cstOf(node, part)?.range ?? node.$cstNode?.range ?? NOWHERE;
    return placeAt(AstUtils.getDocument(node).uri.toString(), range);
}

/** The place of some characters of the node's document. */
export function placeFrom(node: AstNode, start: number, end: number): Place {
    const { textDocument, uri } = AstUtils.getDocument(node);
    return { uri: uri.toString(), start: textDocument.positionAt(start), end: textDocument.positionAt(end) };
}

type Range = Pick<Place, 'start' | 'end'>;

export function placeAt(uri: string, range: Range): Place {
    const { start, end } = range;
    return { uri, start: position(start), end: position(end) };
}

function position({ line, character }: Position): Position {
    return { line, character };
}

function cstOf(node: AstNode, part: NodePart): CstNode | undefined {
    if (part.property) return GrammarUtils.findNodeForProperty(node.$cstNode, part.property, part.index);
    return part.keyword ? GrammarUtils.findNodeForKeyword(node.$cstNode, part.keyword, part.index) : node.$cstNode;
}

const NOWHERE: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** How a problem is said: its code, how bad it is, the sentence, the node, and what of it. */
export type Report = (
    code: string,
    severity: Severity,
    message: string,
    node: AstNode,
    details?: NodePart & { readonly fix?: Fix },
) => void;

/** A report that collects problems. */
export function collector(problems: Problem[]): Report {
    return (code, severity, message, node, details = {}) => {
        const where = placeOf(node, details);
        problems.push({
            code,
            severity,
            message,
            where,
            ...(details.fix ? { fix: details.fix } : {}),
        });
    };
}

const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text on one line: what a path or a name holds is shown as it is written in a string, marks of direction included. */
function onOneLine(message: string): string {
    return message.replace(
        /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
        (sign) => NAMES[sign] ?? `\\u{${sign.codePointAt(0)!.toString(16)}}`,
    );
}

/** A fix that puts other text in the place of a part of a node. */
export function replace(title: string, node: AstNode, newText: string, part: NodePart = {}): Fix {
    return { title, where: placeOf(node, part), newText };
}

/** A fix that removes a clause together with its line. */
export function removeLine(title: string, node: AstNode): Fix {
    const where = placeOf(node);
    const document = AstUtils.getDocument(node).textDocument;
    const before = document.getText({ start: { line: where.start.line, character: 0 }, end: where.start });
    const end = { line: where.end.line + 1, character: 0 };
    const after = document.getText({ start: where.end, end });
    const alone = before.trim() === '' && after.trim() === '';
    const whole: Place = { uri: where.uri, start: { line: where.start.line, character: 0 }, end };
    return { title, where: alone ? whole : where, newText: '' };
}

/** Problems as they are reported: the same at the same place once, in sentences of one line and of readable length. */
export function reported(problems: readonly Problem[]): readonly Problem[] {
    const seen = new Set<string>();
    return problems.map(inReadableWords).filter((problem) => {
        const key = JSON.stringify([problem.code, problem.where, problem.message]);
        return !seen.has(key) && seen.add(key);
    });
}

function inReadableWords(problem: Problem): Problem {
    const { message, fix } = problem;
    return {
        ...problem,
        message: readable(onOneLine(message)),
        ...(fix ? { fix: { ...fix, title: readable(onOneLine(fix.title)) } } : {}),
    };
}
