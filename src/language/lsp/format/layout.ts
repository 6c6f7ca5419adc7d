/** Layout: the white space that is before each token. Knows tokens and their shape, not the language. */
import { gapsOf } from './align.ts';
import { linesOf } from './lines.ts';
import { INDENT, type Shape, type Spacing, type Token } from './token.ts';

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
