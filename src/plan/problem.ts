/** Problems: what is wrong with a user's text, and what to write instead. Data, never exceptions. */

export interface Problem {
    /** `subject/what`, e.g. `seed/range`: stable, documented in docs/language/checks.md, tested by name. */
    readonly code: string;
    readonly severity: Severity;
    /** What is wrong and what to write instead, in whole sentences. */
    readonly message: string;
    readonly where: Place;
    readonly fix?: Fix;
}

export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** A stretch of text: zero-based lines and characters (UTF-16 units), as editors count. */
export interface Place {
    readonly uri: string;
    readonly start: Position;
    readonly end: Position;
}

export interface Position {
    readonly line: number;
    readonly character: number;
}

/** An edit that would mend the problem. */
export interface Fix extends TextChange {
    readonly title: string;
    /** What changes elsewhere in the same text, as a declaration that is added; none of them overlaps another. */
    readonly also?: readonly TextChange[];
}

/** Other text in a place. */
export interface TextChange {
    readonly where: Place;
    readonly newText: string;
}

/** All edits of a fix: one alone would leave half of it. */
export function editsOf({ where, newText, also = [] }: Fix): readonly TextChange[] {
    return [{ where, newText }, ...also];
}

/** A value together with what is wrong with its text. No value: the errors do not allow one. */
export interface Outcome<Value> {
    readonly value?: Value;
    readonly problems: readonly Problem[];
}

/** Whether anything prevents a run. */
export function hasErrors(problems: readonly Problem[]): boolean {
    return problems.some((problem) => problem.severity === 'error');
}

/** For the end of an exhaustive switch: the compiler refuses a value that can get here. */
export function assertNever(value: never): never {
    throw new Error(`Not foreseen: ${JSON.stringify(value)}`);
}

// ── Sentences of readable length: names, paths and values of strangers are in them, and may be megabytes ──

/** Longer runs of characters without a space, or in quotes, are shown by their beginning and end. */
const LONG_RUN = /[^\s`"“”]{241,}|`[^`]{241,}`|"[^"]{241,}"|“[^”]{241,}”/gu;
const MAX_SENTENCE = 1000;

/** Control characters, line separators and marks of direction; line ends and tabs are none. */
const ACTIVE = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Shows characters that would turn a line around by their numbers, shortens long names, and then the sentence. */
export function readable(text: string): string {
    const sentence = text.replace(ACTIVE, (sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`);
    if (sentence.length <= 240) return sentence;
    const short = sentence.replace(LONG_RUN, (run) => {
        const signs = Array.from(run.slice(0, 400));
        return `${signs.slice(0, 100).join('')}…${Array.from(run.slice(-80)).slice(-30).join('')}`;
    });
    return short.length <= MAX_SENTENCE
        ? short
        : `${Array.from(short)
              .slice(0, MAX_SENTENCE - 2)
              .join('')} …`;
}
