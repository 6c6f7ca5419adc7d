/** Problems of the lexer and the parser. */
import type { LangiumDocument } from 'langium';
import type { Fix, Problem } from '../../plan/problem.ts';
import { KEYWORDS } from '../generated/keywords.ts';
import { MAX_CHARACTERS } from '../grammar/tokens.ts';
import { placeAt } from '../place.ts';

export function syntaxProblems(document: LangiumDocument): readonly Problem[] {
    const uri = document.uri.toString();
    const { lexerErrors, parserErrors } = document.parseResult;
    const characters = document.textDocument.getText().length;
    if (characters > MAX_CHARACTERS) {
        const message = `This file has ${characters} characters: a spec has at most ${MAX_CHARACTERS}.`;
        const start = { line: 0, character: 0 };
        return [{ code: 'syntax/large', severity: 'error', message, where: placeAt(uri, { start, end: start }) }];
    }
    const strange = lexerErrors.map(({ offset, length }): Problem => {
        const { textDocument } = document;
        const where = placeAt(uri, {
            start: textDocument.positionAt(offset),
            end: textDocument.positionAt(offset + length),
        });
        const text = textDocument.getText().slice(offset, offset + Math.max(2, Math.min(length, 20)));
        const fix = withoutSign(document, offset);
        const message = characterMessage(text);
        return { code: 'syntax/character', severity: 'error', message, where, ...(fix ? { fix } : {}) };
    });
    const unexpected = parserErrors.map((error): Problem => {
        const token = Number.isFinite(error.token.startOffset) ? error.token : previousOf(error);
        const end = document.textDocument.getText().length;
        // After the last token, for what is missing; on the token, for what is too much.
        const from = token ? (token === error.token ? token.startOffset : token.startOffset + token.image.length) : end;
        const to = token === error.token ? token.startOffset + token.image.length : from;
        const { textDocument } = document;
        const where = placeAt(uri, { start: textDocument.positionAt(from), end: textDocument.positionAt(to) });
        return {
            code: 'syntax/unexpected',
            severity: 'error',
            message: misplaced(error.token.image) ?? error.message,
            where,
        };
    });
    return [...strange, ...unexpected];
}

/** `seed: 5` and `seed 5;` without their signs. A colon that follows no word of the language may be meant otherwise. */
function withoutSign({ textDocument, uri }: LangiumDocument, offset: number): Fix | undefined {
    const text = textDocument.getText();
    const [, word = '', blanks = ''] =
        /([a-z][a-z-]*)?([ \t]*)$/.exec(text.slice(lineStart(text, offset), offset)) ?? [];
    const [, sign, more = ''] = /^([:;])([ \t]*)/.exec(text.slice(offset, lineEnd(text, offset))) ?? [];
    const isColon = sign === ':' && (KEYWORDS as readonly string[]).includes(word);
    if (!isColon && sign !== ';') return undefined;
    const where = placeAt(uri.toString(), {
        start: textDocument.positionAt(offset - (isColon ? blanks.length : 0)),
        end: textDocument.positionAt(offset + 1 + (isColon ? more.length : 0)),
    });
    return isColon
        ? { title: 'Remove the colon', where, newText: ' ' }
        : { title: 'Remove the semicolon', where, newText: '' };
}

function lineStart(text: string, offset: number): number {
    return text.lastIndexOf('\n', offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
    const end = text.indexOf('\n', offset);
    return end < 0 ? text.length : end;
}

/** Words that are known, but not there: whose option they are. */
function misplaced(word: string): string | undefined {
    if (word.startsWith('"""')) return 'This string is not closed: write `"""` at its end.';
    const owners = Object.entries(OWNERS).flatMap(([clause, words]) => (words.includes(word) ? [clause] : []));
    if (owners.length === 0) return undefined;
    const names = owners.map((name) => `\`${name}\``).join(' or ');
    return `\`${word}\` does not fit here: it is an option of ${names}, and is written right behind it.`;
}

/** Options by the clause that has them, in the words of a reader. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
    'start from': ['strength', 'mixing'],
    infuse: ['during', 'decay', 'share'],
    control: ['during'],
    guidance: ['rescale', 'during'],
    mask: ['feather'],
    'cache deep': ['every', 'during'],
    'cache text': ['during'],
    trace: ['every', 'finished', 'completed', 'finish'],
};

interface TokenLike {
    readonly startOffset: number;
    readonly image: string;
}

function previousOf(error: object): TokenLike | undefined {
    const previous = 'previousToken' in error ? (error.previousToken as TokenLike | undefined) : undefined;
    return previous && Number.isFinite(previous.startOffset) ? previous : undefined;
}

function characterMessage(text: string): string {
    if (text.startsWith(':')) return 'There are no colons in a spec: write `seed 42`, not `seed: 42`.';
    if (text.startsWith("'")) return 'Words are in double quotes: write `"a turtle"`.';
    if (text.startsWith('#')) return 'A comment begins with `//`.';
    if (text.startsWith(';')) return 'There are no semicolons in a spec: one clause a line is enough.';
    if (text.startsWith('/*')) return 'This comment is not closed: write `*/` at its end.';
    return `\`${text.trim().slice(0, 20)}\` has no meaning here: names are made of the letters a to z, digits, _ and -.`;
}
