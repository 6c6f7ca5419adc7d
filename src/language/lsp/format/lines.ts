/** Lines: which tokens share a line, how far it is indented and whether a blank line precedes it. */
import type { FormatToken, Shape } from './token.ts';

export interface Line {
    readonly tokens: FormatToken[];
    /** Indentation steps. */
    readonly depth: number;
    /** Offset of the brace that the line is in; -1 at the top level. */
    readonly block: number;
    /** 0 or 1. */
    blanks: number;
    /** A comment that is on its own. */
    readonly comment: boolean;
}

interface Frame {
    readonly open: FormatToken;
    readonly inline: boolean;
}

export function formattedLines(text: string, tokens: readonly FormatToken[], shape: Shape): readonly Line[] {
    const lines: Line[] = [];
    const frames: Frame[] = [];
    let previous: FormatToken | undefined;
    for (const [index, token] of tokens.entries()) {
        const breaks = previous ? newlines(text, previous.end, token.offset) : 0;
        const closes = token.text === '}' || token.text === ']';
        const frame = closes ? frames.pop() : frames.at(-1);
        const line = lines.at(-1);
        if (!line || breaksBefore(shape, { line, previous, token, breaks, closes, frame })) {
            lines.push({
                tokens: [token],
                depth: frames.filter(({ inline }) => !inline).length + (continues(shape, token, closes, frame) ? 1 : 0),
                block: frames.at(-1)?.open.offset ?? -1,
                blanks: blanksBefore(shape, previous, token, { breaks, closes }),
                comment: token.comment !== undefined,
            });
        } else {
            line.tokens.push(token);
        }
        if (token.text === '{' || token.text === '[') {
            const inline =
                frame?.inline || shape.inline.has(token.offset) || isFlatList(text, token, tokens[index + 1]);
            frames.push({ open: token, inline });
        }
        previous = token;
    }
    separate(lines, shape);
    return lines;
}

interface Joint {
    readonly line: Line;
    readonly previous: FormatToken | undefined;
    readonly token: FormatToken;
    readonly breaks: number;
    readonly closes: boolean;
    readonly frame: Frame | undefined;
}

function breaksBefore(shape: Shape, { line, previous, token, breaks, closes, frame }: Joint): boolean {
    if (previous?.comment === 'line') return true;
    if (breaks > 0 && (token.comment || previous?.comment)) return true;
    if (frame?.inline) return false;
    if (closes) return previous?.text !== '{' && previous?.text !== '[';
    if (frame?.open.text === '[' && !token.comment) return previous === frame.open || previous?.text === ',';
    // A block comment that begins a line keeps what follows it on that line.
    return shape.items.has(token.offset) && !(line.comment && line.tokens.length === 1 && breaks === 0);
}

/** A clause that continues after a comment is indented one step further. */
function continues(shape: Shape, token: FormatToken, closes: boolean, frame: Frame | undefined): boolean {
    return !closes && !token.comment && !shape.items.has(token.offset) && frame?.open.text !== '[';
}

/** A list in brackets stays on its line unless its author broke the line after the bracket. */
function isFlatList(text: string, open: FormatToken, next: FormatToken | undefined): boolean {
    return open.text === '[' && (!next || newlines(text, open.end, next.offset) === 0);
}

/** One blank line where the author left some; none at the edges of a block or after a doc comment. */
function blanksBefore(
    shape: Shape,
    previous: FormatToken | undefined,
    token: FormatToken,
    { breaks, closes }: { readonly breaks: number; readonly closes: boolean },
): number {
    if (closes || breaks < 2 || previous?.text === '{' || previous?.text === '[') return 0;
    return previous?.text.startsWith('/**') && shape.items.has(token.offset) ? 0 : 1;
}

/** A declaration of several lines, with the comments directly above it, has a blank line before and after. */
function separate(lines: readonly Line[], shape: Shape): void {
    for (const [index, line] of lines.entries()) {
        if (line.depth > 0 || index === 0) continue;
        const before = lines[index - 1]!;
        if (before.depth === 0 && before.tokens[0]?.text === '}') line.blanks = 1;
        if (!shape.items.has(line.tokens.find((token) => !token.comment)?.offset ?? -1)) continue;
        if (lines[index + 1] && lines[index + 1]!.depth === 0) continue;
        if (index + 1 === lines.length) continue;
        let first = index;
        while (first > 0 && lines[first]!.blanks === 0 && lines[first - 1]!.comment) first--;
        if (first > 0) lines[first]!.blanks = 1;
    }
}

function newlines(text: string, from: number, to: number): number {
    let count = 0;
    for (let i = from; i < to; i++) if (text.charCodeAt(i) === 10) count++;
    return count;
}
