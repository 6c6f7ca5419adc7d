/** The place within a string: what the string is for, and the text before the cursor. */
import type { LangiumDocument } from 'langium';
import type { Range } from 'vscode-languageserver';
import type { Companion } from '../../../plan/companions.ts';

export interface Lexed {
    readonly image: string;
    readonly startOffset: number;
    readonly endOffset?: number | undefined;
    readonly tokenType: { readonly name: string };
}

/** A cursor within a string: what the string is for, and the text before the cursor. */
export interface StringPlace {
    readonly kind:
        | 'model'
        | Companion['kind']
        | 'upscaler'
        | 'vae'
        | 'image'
        | 'noise'
        | 'import'
        | 'words'
        | 'emphasis'
        | 'value'
        | 'other';
    readonly before: string;
    readonly offset: number;
    /** The character after the cursor. */
    readonly after: string;
    /** The phrase whose words get weights here. */
    readonly phrase?: string;
}

const FILES = ['model', 'lora', 'embedding', 'controlnet', 'upscaler', 'image'] as const;

function isFileKind(word = ''): word is (typeof FILES)[number] {
    return FILES.some((kind) => kind === word);
}

const TEXTS = /^(STRING|UNCLOSED|(TEXT|BLOCK)_(START|MIDDLE|END))$/;

/** Whether the cursor is within a string or a comment, given the tokens of the text from `start` on. */
export function stringPlace(
    document: LangiumDocument,
    { tokens, hidden }: { readonly tokens: readonly Lexed[]; readonly hidden: readonly Lexed[] },
    start: number,
    offset: number,
): StringPlace | 'comment' | undefined {
    const at = offset - start;
    const isLine = (token: Lexed) => token.image.startsWith('//');
    if (hidden.some((token) => token.startOffset < at && at < token.endOffset! + (isLine(token) ? 2 : 1)))
        return 'comment';
    const reaches = (token: Lexed, index: number) =>
        token.endOffset! + (isOpen(token) || inHole(tokens, index) ? 1 : 0);
    const index = tokens.findIndex((token, i) => token.startOffset < at && at <= reaches(token, i));
    const token = tokens[index];
    const text = document.textDocument.getText();
    const before = tokens[index - 1];
    if (!token || (!TEXTS.test(token.tokenType.name) && !inHole(tokens, index))) return undefined;
    const first = inHole(tokens, index) ? before!.startOffset : token.startOffset;
    const phrase = phraseAround(tokens, index, (from, to) => text.slice(start + from, start + to));
    return {
        kind: phrase === undefined ? kindOf(tokens, index) : 'emphasis',
        ...(phrase !== undefined && { phrase }),
        before: text.slice(start + first, offset).replace(/^("""|"|\}|>)/, ''),
        offset,
        after: text[offset] ?? '',
    };
}

/** A name between the brackets of a template. */
function inHole(tokens: readonly Lexed[], index: number): boolean {
    return tokens[index]?.tokenType.name === 'ID' && /_(START|MIDDLE)$/.test(tokens[index - 1]?.tokenType.name ?? '');
}

function isOpen({ tokenType }: Lexed): boolean {
    return tokenType.name === 'UNCLOSED' || /_(START|MIDDLE)$/.test(tokenType.name);
}

/** The phrase that an open brace with weights of words belongs to: a string, or a string with its weight, is before it. */
export function phraseAround(
    tokens: readonly Lexed[],
    index: number,
    slice: (from: number, to: number) => string,
): string | undefined {
    let open = index - 1;
    for (let depth = 0; open >= 0; open--) {
        const { image } = tokens[open]!;
        if (image === '}') depth++;
        else if (image === '{' && depth-- === 0) break;
    }
    const isEnd = (token: Lexed | undefined) => /^(STRING|(TEXT|BLOCK)_END)$/.test(token?.tokenType.name ?? '');
    const end = isEnd(tokens[open - 1]) ? open - 1 : tokens[open - 2]?.image === 'weight' ? open - 3 : -1;
    if (open < 0 || !isEnd(tokens[end])) return undefined;
    let first = end;
    if (tokens[end]!.tokenType.name !== 'STRING')
        while (first > 0 && !/_START$/.test(tokens[first]!.tokenType.name)) first--;
    return slice(tokens[first]!.startOffset, tokens[end]!.endOffset! + 1).replace(/^"+|"+$/g, '');
}

/** What the string is for, by the words before it. */
function kindOf(tokens: readonly Lexed[], index: number): StringPlace['kind'] {
    const word = tokens[index - 1]?.image;
    if (word === 'from' && tokens[0]?.image === 'import') return 'import';
    if (word === 'noise') return 'noise';
    if (word === 'vae') return 'vae';
    if (word === 'revision' || word === 'attention' || word === 'gradient') return 'other';
    if (word !== '=') return 'words';
    const kind = tokens[index - 3]?.image;
    if (kind === 'param') return 'value';
    if (kind === 'prompt') return 'words';
    return isFileKind(kind) ? kind : 'upscaler';
}

export function rangeBefore(document: LangiumDocument, { offset }: StringPlace, length: number): Range {
    const { textDocument } = document;
    return { start: textDocument.positionAt(offset - length), end: textDocument.positionAt(offset) };
}
