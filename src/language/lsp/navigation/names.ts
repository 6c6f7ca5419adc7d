/** Names: rename across files, imports with aliases and holes in strings; the library stays as it is. */
import {
    type AstNode,
    AstUtils,
    type CstNode,
    CstUtils,
    GrammarUtils,
    type LangiumDocument,
    type LangiumDocuments,
    type References,
    URI,
} from 'langium';
import type { LangiumServices, RenameProvider } from 'langium/lsp';
import {
    ErrorCodes,
    type Position,
    type Range,
    type RenameParams,
    ResponseError,
    type TextDocumentPositionParams,
    type TextEdit,
    type WorkspaceEdit,
} from 'vscode-languageserver';
import * as ast from '../../generated/ast.ts';
import { LIBRARY_SCHEME } from '../../library/library.ts';
import { keywordOf } from './symbols.ts';

/** What is renamed: a declaration everywhere, or an import's alias within its file. */
type Target =
    | { readonly kind: 'declaration'; readonly node: AstNode & { readonly name: string }; readonly leaf: CstNode }
    | { readonly kind: 'alias'; readonly imported: ast.ImportedName; readonly leaf: CstNode };

export class SdspecRename implements RenameProvider {
    readonly #references: References;
    readonly #documents: LangiumDocuments;
    readonly #name: RegExp;
    readonly #keywords: ReadonlySet<string>;

    constructor(services: LangiumServices) {
        this.#references = services.references.References;
        this.#documents = services.shared.workspace.LangiumDocuments;
        this.#name = new RegExp(`^(?:${ast.SdspecTerminals.ID.source})$`);
        this.#keywords = new Set(
            Object.keys(services.parser.Lexer.definition).filter((name) => !(name in ast.SdspecTerminals)),
        );
    }

    prepareRename(document: LangiumDocument, { position }: TextDocumentPositionParams): Range | undefined {
        return this.#targetAt(document, position)?.leaf.range;
    }

    rename(document: LangiumDocument, { position, newName }: RenameParams): WorkspaceEdit | undefined {
        const target = this.#targetAt(document, position);
        if (!target) return undefined;
        if (!this.#name.test(newName))
            throw refusal(`"${newName}" is no name: write letters, digits, _ and single - between them.`);
        if (this.#keywords.has(newName)) throw refusal(`"${newName}" is a word of the language; choose another name.`);
        const changes: Record<string, TextEdit[]> = {};
        for (const { uri, range } of this.#places(document, target)) {
            changes[uri] = [...(changes[uri] ?? []), { range, newText: newName }];
        }
        for (const uri of Object.keys(changes)) this.#refuseTaken(uri, newName);
        return { changes };
    }

    #targetAt(document: LangiumDocument, position: Position): Target | undefined {
        const root = document.parseResult.value.$cstNode;
        const leaf = root && CstUtils.findDeclarationNodeAtOffset(root, document.textDocument.offsetAt(position));
        if (!leaf) return undefined;
        const { astNode } = leaf;
        if (ast.isImportedName(astNode) && isProperty(leaf, astNode, 'alias'))
            return { kind: 'alias', imported: astNode, leaf };
        const node = this.#references.findDeclarations(leaf)[0];
        if (!node || !('name' in node) || typeof node.name !== 'string') return undefined;
        if (AstUtils.getDocument(node).uri.scheme === LIBRARY_SCHEME) {
            throw refusal(`${node.name} belongs to the built-in library and cannot be renamed.`);
        }
        const imported = leaf.text === node.name ? undefined : aliasOf(document, leaf.text, node);
        if (imported) return { kind: 'alias', imported, leaf };
        return { kind: 'declaration', node: node as AstNode & { readonly name: string }, leaf };
    }

    *#places(document: LangiumDocument, target: Target): Generator<{ readonly uri: string; readonly range: Range }> {
        const node = target.kind === 'declaration' ? target.node : target.imported.target.ref;
        if (target.kind === 'alias') {
            const alias = GrammarUtils.findNodeForProperty(target.imported.$cstNode, 'alias');
            if (alias) yield { uri: document.uri.toString(), range: alias.range };
        }
        if (!node) return;
        const from = target.kind === 'declaration' ? nameOf(node) : (target.imported.alias ?? '');
        const local = target.kind === 'alias' ? { documentUri: document.uri } : {};
        const found = this.#references.findReferences(node, {
            includeDeclaration: target.kind === 'declaration',
            ...local,
        });
        for (const { sourceUri, segment } of found) {
            const text = this.#documents.getDocument(sourceUri)?.textDocument.getText(segment.range);
            // An alias keeps its own name when what it stands for is renamed, and the other way round.
            if (text === from) yield { uri: sourceUri.toString(), range: segment.range };
        }
    }

    #refuseTaken(uri: string, name: string): void {
        const spec = this.#documents.getDocument(URI.parse(uri))?.parseResult.value;
        if (!ast.isSpec(spec)) return;
        const declared = spec.declarations.find((one) => 'name' in one && one.name === name);
        if (declared) throw refusal(`There is already a ${keywordOf(declared)} "${name}"; choose another name.`);
        const borrowed = spec.imports.flatMap(({ names }) => names);
        if (borrowed.some(({ alias, target }) => (alias ?? target.$refText) === name)) {
            throw refusal(`A name "${name}" is already imported; choose another name.`);
        }
    }
}

function aliasOf(document: LangiumDocument, name: string, node: AstNode): ast.ImportedName | undefined {
    const { imports } = document.parseResult.value as ast.Spec;
    return imports.flatMap(({ names }) => names).find(({ alias, target }) => alias === name && target.ref === node);
}

function isProperty(leaf: CstNode, node: AstNode, property: string): boolean {
    const found = GrammarUtils.findNodeForProperty(node.$cstNode, property);
    return found !== undefined && leaf.offset >= found.offset && leaf.end <= found.end;
}

function nameOf(node: AstNode): string {
    return 'name' in node && typeof node.name === 'string' ? node.name : '';
}

function refusal(message: string): ResponseError<void> {
    return new ResponseError(ErrorCodes.InvalidRequest, message);
}
