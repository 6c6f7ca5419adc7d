/** The pieces that layouts are made of. */

/** A token or comment with its place in the text. */
export interface FormatToken {
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
export interface TokenSpacing {
    readonly token: FormatToken;
    readonly text: string | undefined;
}

export const INDENT = 4;
