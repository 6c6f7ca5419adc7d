/** Layout: the white space that stands before each token. Knows tokens and their shape, not the language. */
import { gapsOf } from './align.ts';
import { linesOf } from './lines.ts';

/** A token or comment with its place in the text. */
export interface Token {
    readonly offset: number;
    readonly end: number;
    readonly text: string;
    readonly comment?: 'line' | 'block';
}

/** What the syntax tree says about tokens, by their offsets. */
export interface Shape {
    /** First tokens of declarations and clauses: each begins a line, unless its block stays on one line. */
    readonly items: ReadonlySet<number>;
    /** First tokens of further columns within a line. */
    readonly columns: ReadonlySet<number>;
    /** Opening braces of what stays on one line. */
    readonly inline: ReadonlySet<number>;
    /** Tokens whose white space belongs to the token before: the inside of a template. */
    readonly glued: ReadonlySet<number>;
}

/** The white space to write before a token; none for the inside of a template, which stays as it is. */
export interface Spacing {
    readonly token: Token;
    readonly text: string | undefined;
}

export const INDENT = 4;

/** The white space before each token; the tokens themselves are never changed. */
export function layout(text: string, tokens: readonly Token[], shape: Shape): readonly Spacing[] {
    const lines = linesOf(text, tokens, shape);
    const gaps = gapsOf(lines, shape);
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    const spacings: Spacing[] = [];
    for (const [number, line] of lines.entries()) {
        const breaks = number === 0 ? '' : eol.repeat(1 + line.blanks);
        for (const [index, token] of line.tokens.entries()) {
            const space = index === 0 ? breaks + ' '.repeat(INDENT * line.depth) : ' '.repeat(gaps.get(token) ?? 1);
            spacings.push({ token, text: shape.glued.has(token.offset) ? undefined : space });
        }
    }
    return spacings;
}
