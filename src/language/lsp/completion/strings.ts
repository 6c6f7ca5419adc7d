/** Completion within strings: params, learned tokens, and the words that a model knows. */
import type { LangiumDocument } from 'langium';
import { type CompletionItem, CompletionItemKind, InsertTextFormat } from 'vscode-languageserver';
import * as ast from '../../generated/ast.ts';
import { targetClause } from '../../lower/learn.ts';
import { modelAt } from '../models.ts';
import type { EditorLanguageServices } from '../services.ts';
import { pathItems } from './string-paths.ts';
import { type Lexed, phraseAround, rangeBefore, type StringPlace } from './string-place.ts';

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
