/** Completion: what may be at the cursor, and only that. */
import type { IToken } from 'chevrotain';
import {
    type AstNode,
    type AstNodeDescription,
    AstUtils,
    type CstNode,
    GrammarAST,
    type LangiumDocument,
    type MaybePromise,
    type ReferenceInfo,
    type Stream,
} from 'langium';
import {
    type CompletionAcceptor,
    type CompletionBacktrackingInformation,
    type CompletionContext,
    type CompletionValueItem,
    DefaultCompletionProvider,
    type NextFeature,
} from 'langium/lsp';
import {
    type CompletionItem,
    CompletionItemKind,
    CompletionList,
    type CompletionParams,
    CompletionTriggerKind,
    InsertTextFormat,
    type MarkupContent,
} from 'vscode-languageserver';
import type { Site } from '../../../plan/sites.ts';
import * as ast from '../../generated/ast.ts';
import { LIBRARY_SCHEME } from '../../library/library.ts';
import { axisName } from '../../lower/axes.ts';
import { isWhole } from '../../meaning/whole.ts';
import { declarationMarkdown } from '../hover/declaration.ts';
import { type LayerMeasure, measuredLayers } from '../hover/measured.ts';
import { safeMarkdown } from '../markdown.ts';
import type { EditorLanguageServices } from '../services.ts';
import { CompletionFeatures } from './features.ts';
import { type CompletionPlace, Fits, ruleOf } from './fits.ts';
import { type EffectOf, fitting, measuredFirst, ranked } from './references.ts';
import { type Slice, sliceAt } from './slice.ts';
import { AXES, CLAUSE_SNIPPETS, DECLARATION_SNIPPETS, LEADING, withoutPlaces } from './snippets.ts';
import { stringPlace } from './string-place.ts';
import { quotedWords, stringCompletion } from './strings.ts';
import { templatesFor } from './templates.ts';
import { opensBy, STAGE_BEGUN, TRIGGERS } from './triggers.ts';
import { valuesOf } from './values.ts';

interface Request {
    readonly slice: Slice;
    readonly tokens: readonly IToken[];
    readonly place: CompletionPlace;
    /** What scans of the document measured, once it was asked for. */
    measured?: ReadonlyMap<Site, readonly LayerMeasure[]>;
}

export class SdspecCompletion extends DefaultCompletionProvider {
    override readonly completionOptions = { triggerCharacters: [...TRIGGERS] };
    readonly #services: EditorLanguageServices;
    readonly #features: CompletionFeatures;
    readonly #fits: Fits;
    readonly #order: readonly string[];
    #request: Request | undefined;

    constructor(services: EditorLanguageServices) {
        super(services);
        this.#services = services;
        this.#features = new CompletionFeatures(services.parser.CompletionParser, services.Grammar);
        this.#fits = new Fits(services.Grammar);
        this.#order = services.Grammar.rules.map(({ name }) => name);
    }

    override async getCompletion(
        document: LangiumDocument,
        params: CompletionParams,
    ): Promise<CompletionList | undefined> {
        const offset = document.textDocument.offsetAt(params.position);
        const slice = sliceAt(document, offset);
        const lexed = this.lexer.tokenize(document.textDocument.getText().slice(slice.start, slice.end));
        const inside = stringPlace(document, lexed, slice.start, offset);
        if (inside === 'comment') return undefined;
        const line = document.textDocument.getText({
            start: { ...params.position, character: 0 },
            end: params.position,
        });
        const { triggerKind, triggerCharacter } = params.context ?? {};
        const isOpened = triggerKind === CompletionTriggerKind.TriggerCharacter && triggerCharacter !== undefined;
        if (isOpened && !opensBy(triggerCharacter, line, inside !== undefined)) return undefined;
        if (inside) return CompletionList.create(stringCompletion(this.#services, document, inside), false);
        const words = quotedWords(document, lexed.tokens, slice.start, offset);
        if (words) return CompletionList.create(words, false);
        if (STAGE_BEGUN.test(line)) return this.#stages(document, params);
        this.#request = { slice, tokens: lexed.tokens, place: placeOf(document, lexed.tokens, slice.start, offset) };
        const found = await super.getCompletion(document, params);
        const snippets = this.clientCapabilities?.completionItem?.snippetSupport ?? false;
        if (!found || !snippets || !found.items.some(isDeclaration)) return found;
        return { ...found, items: [...found.items, ...templatesFor(document.parseResult.value as ast.Spec)] };
    }

    /** `up.` is no word of the language: what fits is what fits before the point, as far as it begins with it. */
    async #stages(document: LangiumDocument, params: CompletionParams): Promise<CompletionList | undefined> {
        const { line, character } = params.position;
        const { context: _, ...rest } = params;
        const before = { ...rest, position: { line, character: character - 1 } };
        const found = await this.getCompletion(document, before);
        const text = document.textDocument.getText({ start: { line, character: 0 }, end: params.position });
        const stage = /\w+\.$/.exec(text)![0];
        const range = { start: { line, character: character - stage.length }, end: params.position };
        const items = (found?.items ?? []).filter(({ label }) => label.startsWith(stage));
        return CompletionList.create(
            items.map((item) => ({ ...item, filterText: item.label, textEdit: { range, newText: item.label } })),
            false,
        );
    }

    /** Within blocks, from the words around the cursor; elsewhere by parsing the declaration up to it. */
    protected override findFeaturesAt(document: LangiumDocument['textDocument'], offset: number): NextFeature[] {
        const start = Math.min(this.#request?.slice.start ?? 0, offset);
        const text = document.getText().slice(start, offset);
        const tokens = this.#request?.tokens.filter((token) => token.endOffset! < text.length) ?? [];
        const found = this.#features.within(tokens, text) ?? this.#features.outside(text);
        if (found) return [...found];
        const slice = {
            getText: () => text,
            positionAt: () => ({ line: 0, character: 0 }),
        } as unknown as typeof document;
        return super.findFeaturesAt(slice, text.length);
    }

    protected override backtrackToAnyToken(text: string, offset: number): CompletionBacktrackingInformation {
        const { start, end } = this.#request?.slice ?? { start: 0, end: text.length };
        const found = super.backtrackToAnyToken(text.slice(start, end), offset - start);
        return {
            nextTokenStart: found.nextTokenStart + start,
            nextTokenEnd: found.nextTokenEnd + start,
            ...(found.previousTokenStart !== undefined && { previousTokenStart: found.previousTokenStart + start }),
            ...(found.previousTokenEnd !== undefined && { previousTokenEnd: found.previousTokenEnd + start }),
        } as CompletionBacktrackingInformation;
    }

    protected override completionFor(
        context: CompletionContext,
        next: NextFeature,
        accept: CompletionAcceptor,
    ): MaybePromise<void> {
        const place = this.#request?.place;
        if (!place) return undefined;
        const { feature } = next;
        if (ruleOf(feature) === 'AxisName') {
            for (const label of axisWords(place)) accept(context, { label, kind: CompletionItemKind.EnumMember });
            return undefined;
        }
        if (GrammarAST.isCrossReference(feature)) {
            if (this.#fits.value(ruleOf(feature), place)) return super.completionFor(context, next, accept);
        } else if (GrammarAST.isKeyword(feature)) {
            if (this.#fits.keyword(feature, place)) return super.completionFor(context, next, accept);
        } else if (GrammarAST.isRuleCall(feature) && feature.rule.ref && this.#fits.value(ruleOf(feature), place)) {
            for (const item of valuesOf(feature.rule.ref.name, ruleOf(feature), place)) accept(context, item);
        }
        return undefined;
    }

    /** Within an option the tree ends deeper than the clause that the name belongs to. */
    protected override completionForCrossReference(
        context: CompletionContext,
        next: NextFeature<GrammarAST.CrossReference>,
        accept: CompletionAcceptor,
    ): MaybePromise<void> {
        const property = AstUtils.getContainerOfType(next.feature, GrammarAST.isAssignment)?.feature ?? '';
        const refers = (one: AstNode) =>
            this.astReflection.getTypeMetaData(one.$type).properties[property]?.referenceType !== undefined;
        const place = this.#request?.place;
        // A clause that is only beginning belongs to the declaration around it.
        if (next.type && /(Clause|Axis)$/.test(next.type) && place?.declaration) {
            return super.completionForCrossReference({ ...context, node: place.declaration }, next, accept);
        }
        let node: AstNode | undefined = context.node;
        while (node && !next.type && !refers(node)) node = node.$container;
        return super.completionForCrossReference(node ? { ...context, node } : context, next, accept);
    }

    protected override getReferenceCandidates(
        info: ReferenceInfo,
        context: CompletionContext,
    ): Stream<AstNodeDescription> {
        const place = this.#request!.place;
        return super.getReferenceCandidates(info, context).filter((candidate) => fitting(candidate, info, place));
    }

    protected override getReferenceDocumentation(description: AstNodeDescription): MarkupContent | string | undefined {
        const { node } = description;
        if (!ast.isImage(node)) {
            const doc = super.getReferenceDocumentation(description);
            return typeof doc === 'object' ? { ...doc, value: safeMarkdown(doc.value) } : doc;
        }
        return { kind: 'markdown', value: declarationMarkdown(node, this.#services) };
    }

    protected override createReferenceCompletionItem(
        description: AstNodeDescription,
        info: ReferenceInfo,
        context: CompletionContext,
    ): CompletionValueItem {
        const item = super.createReferenceCompletionItem(description, info, context);
        return {
            ...item,
            ...ranked(description),
            ...measuredFirst(description, this.#effectOf(context.document)),
            data: { uri: description.documentUri.toString(), path: description.path },
        };
    }

    /** Read once for each list. */
    #effectOf(document: LangiumDocument): EffectOf {
        const request = this.#request;
        if (!request) return () => undefined;
        request.measured ??= measuredLayers(document, this.#services.editor.Files);
        return (site) => request.measured?.get(site)?.toSorted((a, b) => b.moved - a.moved)[0];
    }

    protected override completionForKeyword(
        context: CompletionContext,
        keyword: GrammarAST.Keyword,
        accept: CompletionAcceptor,
    ): void {
        const { value } = keyword;
        const rule = ruleOf(keyword);
        const body = snippetFor(value, rule);
        const doc = documentationOf(keyword);
        const snippets = this.clientCapabilities?.completionItem?.snippetSupport ?? false;
        const insertText = body ? (snippets ? body : withoutPlaces(body)) : LEADING.has(value) ? `${value} ` : value;
        accept(context, {
            label: value,
            kind: body && snippets ? CompletionItemKind.Snippet : CompletionItemKind.Keyword,
            insertText,
            insertTextFormat: body && snippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
            sortText: `1${String(this.#order.indexOf(rule)).padStart(3, '0')}`,
            ...(doc && { documentation: { kind: 'markdown', value: doc } }),
            ...(!body &&
                LEADING.has(value) && { command: { title: 'Suggest', command: 'editor.action.triggerSuggest' } }),
        });
    }

    protected override continueCompletion(items: CompletionItem[]): boolean {
        return items.length === 0;
    }
}

/** Whether the list is one of declarations: only there a template fits. */
function isDeclaration({ label }: CompletionItem): boolean {
    return label === 'generate';
}

/** The axes that a sweep has, by their first words. */
function axisWords({ declaration }: CompletionPlace): readonly string[] {
    if (!ast.isSweep(declaration)) return [];
    const axes = declaration.items.filter(ast.isAxis).filter(isWhole);
    return [...new Set(axes.map((axis) => axisName(axis).split(' ')[0]!))];
}

function snippetFor(word: string, rule: string): string | undefined {
    // The last word of `finished in 4 steps`, which is a clause elsewhere.
    if (rule === 'TraceClause' && /^steps?$/.test(word)) return undefined;
    if (rule.endsWith('Axis')) return AXES[word];
    if (rule.endsWith('Clause') || rule.endsWith('Expectation')) return CLAUSE_SNIPPETS[word];
    if (word === 'prompt' && rule === 'Member') return undefined;
    return DECLARATION_SNIPPETS[word] && rule !== 'Member' ? DECLARATION_SNIPPETS[word] : CLAUSE_SNIPPETS[word];
}

/** The doc comment that is before a keyword in the grammar. */
export function documentationOf(keyword: GrammarAST.Keyword): string | undefined {
    const comment = '$comment' in keyword && typeof keyword.$comment === 'string' ? keyword.$comment : undefined;
    return comment
        ?.replace(/^\/\*\*|\*\/$/g, '')
        .replace(/^\s*\* ?/gm, '')
        .trim();
}

/** Where the cursor is, by the tokens around it. */
function placeOf(
    document: LangiumDocument,
    tokens: readonly {
        readonly image: string;
        readonly startOffset: number;
        readonly endOffset?: number | undefined;
    }[],
    start: number,
    offset: number,
): CompletionPlace {
    const text = document.textDocument.getText();
    const done = tokens.filter((token) => start + (token.endOffset ?? token.startOffset) + 1 <= offset);
    // A word that the cursor touches is being written.
    const touching = done.at(-1);
    if (touching && start + touching.endOffset! + 1 === offset && /[\w-]$/.test(touching.image)) done.pop();
    const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
    const line = done.filter((token) => start + token.startOffset >= lineStart).map(({ image }) => image);
    const opening = line.lastIndexOf('{');
    // A block that is not closed yet ends before the cursor.
    const declaration = (document.parseResult.value as ast.Spec).declarations.findLast(
        (one) => one.$cstNode !== undefined && one.$cstNode.offset < offset && !ast.isUnknownDeclaration(one),
    );
    const clauses: readonly AstNode[] = declaration && 'settings' in declaration ? declaration.settings : [];
    const here = (cst: CstNode | undefined) => cst !== undefined && cst.offset <= offset && offset <= cst.end;
    return {
        fresh: line.length === 0 || opening === line.length - 1,
        before: done.at(-1)?.image,
        line: line.slice(opening + 1),
        declaration,
        clause: clauses.find(({ $cstNode }) => here($cstNode)) as ast.Setting | undefined,
        inLibrary: document.uri.scheme === LIBRARY_SCHEME,
    };
}
