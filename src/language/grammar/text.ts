/** Strings as the user meant them: quotes and escapes gone, holes filled. */
import { type CstNode, DefaultValueConverter, type GrammarAST, type ValueType } from 'langium';
import { type Hole, isTemplateText, type Text } from '../generated/ast.ts';

/** Strings lose their quotes and escapes when parsed; the parts of a template keep theirs (see `pieces`). */
export class SpecValueConverter extends DefaultValueConverter {
    protected override runConverter(rule: GrammarAST.AbstractRule, input: string, cstNode: CstNode): ValueType {
        if (rule.name === 'STRING') return unquote(input);
        if (rule.name === 'UNCLOSED') return unescaped(input.slice(1));
        if (rule.name === 'ID') return input;
        return super.runConverter(rule, input, cstNode);
    }
}

function unquote(raw: string): string {
    return raw.startsWith('"""') ? dedent(unescaped(raw.slice(3, -3))) : unescaped(raw.slice(1, -1));
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t' };

/**
 * `\{`, `\<`, `\"`, `\\` stand for the character itself, `\n` and `\t` for a new line and a tab, `\u202e` for the
 * character of that number.
 */
function unescaped(raw: string): string {
    return raw.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, code: string | undefined, character: string) =>
        code === undefined ? (ESCAPES[character] ?? character) : String.fromCharCode(Number.parseInt(code, 16)),
    );
}

/** Takes the common indent from the lines of a block, and the empty first and last line. */
function dedent(text: string): string {
    if (!/[\r\n]/.test(text)) return text;
    const lines = text.split(/\r?\n/);
    const rest = lines.slice(1).filter((line) => line.trim() !== '');
    const indent = Math.min(...rest.map((line) => line.length - line.trimStart().length));
    const shifted = [lines[0]!, ...lines.slice(1).map((line) => line.slice(Number.isFinite(indent) ? indent : 0))];
    return shifted
        .map((line) => line.trimEnd())
        .join('\n')
        .replace(/^\n+|\n+$/g, '');
}

/** A stretch of words, or a hole between two of them. */
export type Piece =
    | { readonly kind: 'words'; readonly words: string }
    | { readonly kind: 'param' | 'embedding'; readonly hole: Hole };

/** The pieces of a string, in order. */
export function pieces(text: Text): readonly Piece[] {
    if (!isTemplateText(text)) return [{ kind: 'words', words: text.value ?? text.unclosed ?? '' }];
    return text.parts.flatMap((raw, i): Piece[] => {
        const words: Piece = { kind: 'words', words: unescaped(raw.replace(/^("""|"|\}|>)|("""|"|\{|<)$/g, '')) };
        const hole = text.holes[i];
        return hole ? [words, { kind: holeKind(text, i), hole }] : [words];
    });
}

/** Braces hold a param, angle brackets an embedding. */
export function holeKind(text: Text, index: number): 'param' | 'embedding' {
    return isTemplateText(text) && text.parts[index]?.endsWith('<') ? 'embedding' : 'param';
}

/** The words of a string; `fill` says what stands for a hole. */
export function wordsOf(text: Text, fill: (piece: Exclude<Piece, { kind: 'words' }>) => string): string {
    const words = pieces(text)
        .map((piece) => (piece.kind === 'words' ? piece.words : fill(piece)))
        .join('');
    return isTemplateText(text) && text.parts[0]?.startsWith('"""') ? dedent(words) : words;
}

/** A string as it was written, with its holes. */
export function sourceWords(text: Text): string {
    return wordsOf(text, ({ kind, hole }) =>
        kind === 'param' ? `{${hole.target.$refText}}` : `<${hole.target.$refText}>`,
    );
}
