/** What the parser says when it stumbles: what it found, and what would fit there. */
import type { IToken, TokenType } from 'chevrotain';
import { LangiumParserErrorMessageProvider } from 'langium';
import { DECLARATIONS } from '../meaning/clause-words.ts';

/** Kinds of tokens in a reader's words. */
const KINDS: Readonly<Record<string, string>> = {
    ID: 'a name',
    DOTTED: 'a layer',
    GLOB: 'layers like `down.*`',
    STRING: 'words in quotes',
    UNCLOSED: 'words in quotes',
    TEXT_START: 'words in quotes',
    BLOCK_START: 'words in quotes',
    NUMBER: 'a number',
    SIZE: 'a size like `512x768`',
    PERCENT: 'a percentage like `60%`',
    LENGTH: 'a length like `12px`',
    DENSITY: 'a density like `240dpi`',
    DURATION: 'a time like `90s`',
    DIGEST: 'a digest like `sha256:…`',
    EOF: 'the end of the file',
};

/** The most that a message lists. */
const LISTED = 6;

export class SpecParserMessages extends LangiumParserErrorMessageProvider {
    override buildMismatchTokenMessage(options: { expected: TokenType; actual: IToken; previous: IToken }): string {
        return sentence([options.expected], options.actual, options.previous);
    }

    override buildNotAllInputParsedMessage({ firstRedundant }: { firstRedundant: IToken }): string {
        if (firstRedundant.image === '}') return 'This `}` closes nothing: remove it.';
        return `\`${firstRedundant.image}\` does not fit here: a declaration begins with a word like \`generate\`, \`prompt\` or \`image\`.`;
    }

    override buildNoViableAltMessage(options: {
        expectedPathsPerAlt: TokenType[][][];
        actual: IToken[];
        previous: IToken;
    }): string {
        return sentence(firsts(options.expectedPathsPerAlt.flat()), options.actual[0], options.previous);
    }

    override buildEarlyExitMessage(options: {
        expectedIterationPaths: TokenType[][];
        actual: IToken[];
        previous: IToken;
    }): string {
        return sentence(firsts(options.expectedIterationPaths), options.actual[0], options.previous);
    }
}

function firsts(paths: readonly TokenType[][]): readonly TokenType[] {
    return paths.flatMap((path) => path.slice(0, 1));
}

function sentence(expected: readonly TokenType[], actual: IToken | undefined, previous: IToken | undefined): string {
    const wanted = list([...new Set(expected.map(describe))]);
    if (previous?.image && actual && (actual.startLine ?? 0) > (previous.endLine ?? 0)) {
        return `Expected ${wanted} after \`${previous.image}\`.`;
    }
    const named = expected.some((type) => type.name === 'ID') && isWord(actual) && isNaming(previous);
    return `Expected ${wanted}, but found ${found(actual)}${named ? WORD : ''}.`;
}

const WORD = ', which is a word of the language: choose another name, like `my-picture`';

/** Words behind which a name is given to something, rather than a clause with values. */
const NAMING = new Set<string>([...DECLARATIONS.filter((word) => word !== 'import'), 'as', 'case']);

function isNaming(token: IToken | undefined): boolean {
    return token !== undefined && NAMING.has(token.image);
}

function describe(type: TokenType): string {
    return KINDS[type.name] ?? `\`${type.name}\``;
}

function found(token: IToken | undefined): string {
    return !token || token.tokenType.name === 'EOF' ? 'the end of the file' : `\`${token.image}\``;
}

function isWord(token: IToken | undefined): boolean {
    return token !== undefined && token.tokenType.name === token.image && /^[a-z]/.test(token.image);
}

function list(items: readonly string[]): string {
    const shown = items.length > LISTED ? [...items.slice(0, LISTED), 'other clauses'] : items;
    return shown.length < 2 ? (shown[0] ?? 'something else') : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}
