/** What is looked for in a text that the language can't read, and what is said of it. */

/** What was meant by some words; `newText` where it can be written in their place. */
export interface Meant {
    /** `setting/elsewhere` unless given. */
    readonly code?: string;
    readonly message: string;
    readonly newText?: string;
    /** How many characters of what was matched are underlined and replaced; all unless given. */
    readonly length?: number;
}

export interface Habit {
    /** Applied to the text with the inside of strings and comments blanked. */
    readonly pattern: RegExp;
    /** `written` is the matched text with its strings and comments. */
    readonly meant: (match: RegExpExecArray, written: string) => Meant | undefined;
}
