/** Tokens: a lexer with modes, so that `{param}` and `<embedding>` within strings are names. */
import type { CustomPatternMatcherFunc, IMultiModeLexerDefinition, TokenType, TokenVocabulary } from 'chevrotain';
import {
    DefaultLexer,
    DefaultTokenBuilder,
    type Grammar,
    GrammarAST,
    type LexerResult,
    type TokenBuilderOptions,
    type TokenizeOptions,
} from 'langium';

/** What may be between the brackets of a hole, and how the string continues after it. */
const HOLES = {
    TEXT: ['ID', 'TEXT_MIDDLE', 'TEXT_END'],
    BLOCK: ['ID', 'BLOCK_MIDDLE', 'BLOCK_END'],
} as const;

/** Words of the language that may be names too: none of them begins a clause or a declaration. */
export const SOFT: ReadonlySet<string> = new Set(
    `left right top bottom edges low high clean matched empty caption both cond none leading trailing linspace philox numpy
    chunk truncate layer latents embeddings predictions each step tile outside long to time within share mixing spherical
    spacing rescale revision finish finished attention gradient completed text rows latent normalise decay feather every overlap
    colour vary pool zoom into frames width
    predicts epsilon v zero-snr vae like vectors rank alpha warmup constant transformer all keep balanced small loss
    phash moved towards subject painted together
    corners only margin inside windows bleed fit cover contain stretch cmyk marks deep int8 fp16 fp32`.split(/\s+/),
);

const CLOSING: ReadonlySet<string> = new Set(['TEXT_MIDDLE', 'TEXT_END', 'BLOCK_MIDDLE', 'BLOCK_END']);

/** The start of a string with a hole enters the mode of its holes; the end of the string leaves it. */
export class SpecTokenBuilder extends DefaultTokenBuilder {
    override buildTokens(grammar: Grammar, options?: TokenBuilderOptions): TokenVocabulary {
        const tokens = super.buildTokens(grammar, options) as TokenType[];
        const byName = new Map(tokens.map((token) => [token.name, token]));
        const comment = byName.get('ML_COMMENT')!;
        comment.PATTERN = closedComment();
        comment.START_CHARS_HINT = ['/'];
        comment.LINE_BREAKS = true;
        for (const token of tokens) {
            // A closing brace is only a brace outside of strings: it must not grow into the rest of a string.
            if (SOFT.has(token.name)) token.CATEGORIES = [byName.get('ID')!];
            if (Array.isArray(token.LONGER_ALT))
                token.LONGER_ALT = token.LONGER_ALT.filter((t) => !CLOSING.has(t.name));
        }
        const modes: Record<string, TokenType[]> = { SPEC: tokens.filter((token) => !CLOSING.has(token.name)) };
        for (const [mode, names] of Object.entries(HOLES)) {
            byName.get(`${mode}_START`)!.PUSH_MODE = mode;
            byName.get(`${mode}_END`)!.POP_MODE = true;
            modes[mode] = names.map((name) => byName.get(name)!);
        }
        return { modes, defaultMode: 'SPEC' } satisfies IMultiModeLexerDefinition;
    }
}

/** A comment up to its end. Looks for the last end once per text, however many comments are not closed. */
function closedComment(): CustomPatternMatcherFunc {
    let [known, last] = ['', -1];
    return (text, offset) => {
        if (!text.startsWith('/*', offset)) return null;
        if (text !== known) [known, last] = [text, text.lastIndexOf('*/')];
        if (last < offset + 2) return null;
        return [text.slice(offset, text.indexOf('*/', offset + 2) + 2)];
    };
}

/** A spec of more characters is none: what reads it would hang. */
export const MAX_CHARACTERS = 1_000_000;

/** Reads no tokens in a text that is too large; `syntaxProblems` says so. */
export class SpecLexer extends DefaultLexer {
    override tokenize(text: string, options?: TokenizeOptions): LexerResult {
        if (text.length <= MAX_CHARACTERS) return super.tokenize(text, options);
        const error = { offset: 0, length: 1, line: 1, column: 1, message: 'The text is too large.' };
        return { ...super.tokenize('', options), errors: [error] };
    }
}

/** Every keyword of the grammar, in its order. */
export function keywordsOf(grammar: Grammar): readonly string[] {
    const found = new Set<string>();
    const visit = (value: unknown): void => {
        if (Array.isArray(value)) for (const item of value) visit(item);
        else if (value !== null && typeof value === 'object' && '$type' in value) {
            if (GrammarAST.isKeyword(value)) found.add(value.value);
            for (const [key, member] of Object.entries(value)) {
                if (!key.startsWith('$') && key !== 'rule') visit(member);
            }
        }
    };
    visit(grammar.rules.filter(GrammarAST.isParserRule));
    return [...found];
}
