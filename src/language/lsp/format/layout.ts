/** Layout: the white space that is before each token. Knows tokens and their shape, not the language. */
import { gapsOf } from './align.ts';
import { formattedLines } from './lines.ts';
import { type FormatToken, INDENT, type Shape, type TokenSpacing } from './token.ts';

/** The white space before each token; the tokens themselves are never changed. */
export function layout(text: string, tokens: readonly FormatToken[], shape: Shape): readonly TokenSpacing[] {
    const lines = formattedLines(text, tokens, shape);
    const gaps = gapsOf(lines, shape);
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    const spacings: TokenSpacing[] = [];
    for (const [number, line] of lines.entries()) {
        const breaks = number === 0 ? '' : eol.repeat(1 + line.blanks);
        for (const [index, token] of line.tokens.entries()) {
            const space = index === 0 ? breaks + ' '.repeat(INDENT * line.depth) : ' '.repeat(gaps.get(token) ?? 1);
            spacings.push({ token, text: shape.glued.has(token.offset) ? undefined : space });
        }
    }
    return spacings;
}
