/** When completion opens by itself: where something must follow, never where a clause may end, so that Enter is Enter. */

/** Characters after which an editor asks. */
export const TRIGGERS: readonly string[] = ['"', '/', '<', '@', '.', ':'];

/** A stage's name up to its point: `up.` of `up.1`. */
export const STAGE_BEGUN = /(?<![\w.-])(?:down|up|skip)\.$/;

/** Whether a character that was just typed opens the list. `line` is the text up to the cursor; a string may be around it. */
export function opensBy(character: string, line: string, isInString: boolean): boolean {
    switch (character) {
        case '@':
            return !isInString;
        case '.':
            // In a number, in a range or at the end of a path's step nothing must follow.
            return isInString ? /["/]\.?\.$/.test(line) : STAGE_BEGUN.test(line);
        case '"':
            // After a closing quote the clause may end; after three a line does.
            return isInString && !line.endsWith('"""');
        default:
            // A step of a path, `builtin:` and the beginning of a learned word.
            return isInString;
    }
}
