/** Completion within strings: files, params, learned tokens, and the words that a model knows. */
import { type LangiumDocument, type URI, UriUtils } from 'langium';
import { type CompletionItem, CompletionItemKind, InsertTextFormat, type Range } from 'vscode-languageserver';
import { COMPANIONS, type Companion } from '../../../plan/companions.ts';
import * as ast from '../../generated/ast.ts';
import { targetClause } from '../../lower/learn.ts';
import { modelAt } from '../models.ts';
import type { EditorLanguageServices } from '../services.ts';
import { thumbnail } from '../thumbnail.ts';

interface Lexed {
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

/** What a string may be for that names a file. */
type PathKind = Exclude<StringPlace['kind'], 'words' | 'emphasis' | 'value' | 'other'>;

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
function phraseAround(
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

/** Between the braces behind a phrase, where a line begins: its words in quotes. Undefined in any other place. */
export function quotedWords(
    document: LangiumDocument,
    tokens: readonly Lexed[],
    start: number,
    offset: number,
): CompletionItem[] | undefined {
    const index = tokens.filter((token) => token.endOffset! < offset - start).length;
    const before = tokens[index - 1];
    if (before?.image !== '{' && !/^[\d.]+$/.test(before?.image ?? '')) return undefined;
    const text = document.textDocument.getText();
    const phrase = phraseAround(tokens, index, (from, to) => text.slice(start + from, start + to));
    if (phrase === undefined) return undefined;
    return wordsIn(phrase).map((word, at) => ({
        label: `"${word}"`,
        kind: CompletionItemKind.Text,
        detail: 'a word of the phrase',
        sortText: String(at).padStart(4, '0'),
        insertText: `"${word}" `,
    }));
}

function wordsIn(phrase = ''): readonly string[] {
    return [...new Set(phrase.match(/[\p{L}\p{N}_'-]+|\{[\w-]+\}|<[\w-]+>/gu))];
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

export function stringCompletion(
    services: EditorLanguageServices,
    document: LangiumDocument,
    place: StringPlace,
): CompletionItem[] {
    if (place.kind === 'other') return [];
    if (place.kind === 'emphasis') return phraseItems(document, place);
    // A param is within prompts, and holds no other names itself.
    if (place.kind === 'value') return wordItems(services, document, place);
    if (place.kind !== 'words') return pathItems(services, document, place, place.kind);
    const hole = /(?<!\\)([{<])([\w-]*)$/.exec(place.before);
    return hole ? holeItems(services, document, place, hole) : wordItems(services, document, place);
}

/** The words of the phrase itself: no others can have a weight in it. */
function phraseItems(document: LangiumDocument, place: StringPlace): CompletionItem[] {
    return wordsIn(place.phrase).map((word, index) => ({
        label: word,
        kind: CompletionItemKind.Text,
        detail: 'a word of the phrase',
        sortText: String(index).padStart(4, '0'),
        textEdit: { range: rangeBefore(document, place, begunLength(word, place.before)), newText: word },
        filterText: word,
    }));
}

function holeItems(
    services: EditorLanguageServices,
    document: LangiumDocument,
    place: StringPlace,
    [, bracket, prefix]: RegExpExecArray,
): CompletionItem[] {
    const param = bracket === '{';
    const spec = document.parseResult.value as ast.Spec;
    const close = param ? '}' : '>';
    const found = namesIn(services, spec, param ? ast.isParam : isWord);
    const range = rangeBefore(document, place, prefix?.length ?? 0);
    return found.map(({ name }) => ({
        label: name,
        kind: param ? CompletionItemKind.Variable : CompletionItemKind.Class,
        detail: param ? 'param' : 'learned token',
        textEdit: { range, newText: place.after === close ? name : name + close },
        filterText: name,
    }));
}

/** What `<name>` may name: a learned word's file, or a `learn` of a word. */
function isWord(node: unknown): node is ast.WordSource {
    return ast.isEmbedding(node) || (ast.isLearn(node) && ast.isWordClause(targetClause(node)));
}

/** The names of one type that a file declares or imports. */
function namesIn(
    services: EditorLanguageServices,
    spec: ast.Spec,
    is: (node: unknown) => node is ast.Param | ast.WordSource,
): readonly { readonly name: string }[] {
    const own = spec.declarations.filter(is);
    const imported = spec.imports.flatMap(({ names }) =>
        names.flatMap(({ alias, target }) =>
            target?.ref && is(target.ref)
                ? [{ name: alias ?? services.references.NameProvider.getName(target.ref)! }]
                : [],
        ),
    );
    return [...own, ...imported];
}

function wordItems(services: EditorLanguageServices, document: LangiumDocument, place: StringPlace): CompletionItem[] {
    const spec = document.parseResult.value as ast.Spec;
    const around = spec.declarations.find(
        ({ $cstNode }) => $cstNode !== undefined && $cstNode.offset < place.offset && place.offset <= $cstNode.end,
    );
    const vocabulary = services.editor.Vocabularies.of(modelAt(around, spec));
    if (!vocabulary) return [];
    const words = vocabulary.words.map(({ word, sort }, index) => ({
        label: word,
        kind: CompletionItemKind.Text,
        detail: `${sort}: known to the built-in model`,
        sortText: String(index).padStart(4, '0'),
        textEdit: { range: rangeBefore(document, place, begunLength(word, place.before)), newText: word },
        filterText: word,
    }));
    if (place.before.trim() !== '') return words;
    const range = rangeBefore(document, place, 0);
    const templates = vocabulary.templates.map((template, index) => ({
        label: template,
        kind: CompletionItemKind.Snippet,
        detail: 'a sentence that the built-in model knows',
        sortText: `00${index}`,
        insertTextFormat: InsertTextFormat.Snippet,
        textEdit: { range, newText: numbered(template) },
    }));
    return [...templates, ...words];
}

/** How many characters before the cursor may be the beginning of some words: `in a mea` of `in a meadow`. */
function begunLength(words: string, before: string): number {
    const starts = [...before.matchAll(/(?<![\w'-])[\w'-]/g)].map(({ index }) => before.length - index);
    const last = /[\w'-]*$/.exec(before)?.[0].length ?? 0;
    return starts.find((length) => words.toLowerCase().startsWith(before.slice(-length).toLowerCase())) ?? last;
}

/** `a {colour} {subject}` as a snippet: `a ${1:colour} ${2:subject}`. */
function numbered(template: string): string {
    let count = 0;
    return template.replace(/\{(\w+)\}/g, (_, name: string) => {
        count += 1;
        return `\${${count}:${name}}`;
    });
}

const NETWORK = /\.(safetensors|ckpt|pt|bin)$/i;

const EXTENSIONS: Readonly<Record<PathKind, RegExp>> = {
    model: /\.(safetensors|ckpt)$/i,
    lora: NETWORK,
    embedding: NETWORK,
    controlnet: NETWORK,
    upscaler: NETWORK,
    vae: /\.safetensors$/i,
    image: /\.(png|jpe?g|webp)$/i,
    noise: /\.(safetensors|npy)$/i,
    import: /\.sdspec$/i,
};

function pathItems(
    services: EditorLanguageServices,
    document: LangiumDocument,
    place: StringPlace,
    kind: PathKind,
): CompletionItem[] {
    const { before } = place;
    const slash = before.lastIndexOf('/');
    const folder = services.editor.Files.resolve(document.uri, before.slice(0, slash + 1) || '.');
    const range = rangeBefore(document, place, before.length - slash - 1);
    const whole = rangeBefore(document, place, before.length);
    const items: CompletionItem[] = [];
    if (kind === 'model' && slash < 0) items.push(...modelItems(whole));
    if (slash < 0) items.push(...companionItems(kind, whole));
    for (const entry of folder ? services.editor.Files.list(folder) : []) {
        const hidden = entry.name.startsWith('.') || entry.name === 'node_modules';
        const self = UriUtils.equals(entry.uri, document.uri);
        if (hidden || self || (!entry.folder && !EXTENSIONS[kind].test(entry.name))) continue;
        items.push(entryItem(services, kind, entry, slash < 0 ? `./${entry.name}` : entry.name, range));
    }
    return items;
}

function entryItem(
    services: EditorLanguageServices,
    kind: StringPlace['kind'],
    entry: { readonly name: string; readonly uri: URI; readonly folder: boolean },
    path: string,
    range: Range,
): CompletionItem {
    // A diffusers model is a folder; all other folders are only on the way.
    const isModel =
        kind === 'model' &&
        entry.folder &&
        services.editor.Files.kindOf(UriUtils.joinPath(entry.uri, 'model_index.json').toString()) === 'file';
    const picture = kind === 'image' && !entry.folder;
    return {
        label: entry.name + (entry.folder && !isModel ? '/' : ''),
        kind: entry.folder && !isModel ? CompletionItemKind.Folder : CompletionItemKind.File,
        sortText: `${entry.folder && !isModel ? 1 : 0}${entry.name}`,
        filterText: path,
        textEdit: { range, newText: entry.folder && !isModel ? `${path}/` : path },
        ...(picture && { data: { picture: entry.uri.toString() } }),
        ...(picture && { documentation: { kind: 'markdown', value: thumbnail(services.editor.Files, entry.uri) } }),
        ...(entry.folder && !isModel && { command: { title: 'Suggest', command: 'editor.action.triggerSuggest' } }),
    };
}

function modelItems(range: Range): CompletionItem[] {
    return [
        {
            label: 'builtin:sketch',
            kind: CompletionItemKind.Module,
            detail: 'the small model that comes with sdspec',
            sortText: '00',
            textEdit: { range, newText: 'builtin:sketch' },
        },
        {
            label: 'hf:',
            kind: CompletionItemKind.Module,
            detail: 'a model of the Hugging Face hub: hf:owner/name',
            sortText: '01',
            textEdit: { range, newText: 'hf:' },
        },
    ];
}

/** What comes with sdspec for a lora, an embedding or a controlnet. */
function companionItems(kind: StringPlace['kind'], range: Range): CompletionItem[] {
    return Object.entries(COMPANIONS)
        .filter(([, companion]) => companion.kind === kind)
        .map(([name, { about, model }]) => ({
            label: `builtin:${name}`,
            kind: CompletionItemKind.Module,
            detail: `comes with sdspec, for builtin:${model}`,
            documentation: { kind: 'markdown', value: about },
            sortText: '00',
            textEdit: { range, newText: `builtin:${name}` },
        }));
}

function rangeBefore(document: LangiumDocument, { offset }: StringPlace, length: number): Range {
    const { textDocument } = document;
    return { start: textDocument.positionAt(offset - length), end: textDocument.positionAt(offset) };
}
