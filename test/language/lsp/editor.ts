/** An editor without a window: opens texts in memory and asks the language's services about the place marked `|`. */
import { type FileSystemProvider, type LangiumDocument, TextDocument, URI } from 'langium';
import { NodeFileSystem } from 'langium/node';
import type { CompletionItem, Hover, Position, TextEdit } from 'vscode-languageserver';
import { nodeFiles } from '../../../src/language/host/files-node.ts';
import { createEditorServices } from '../../../src/language/lsp/module.ts';
import type { EditorServices, Surroundings } from '../../../src/language/lsp/services.ts';

export const MODELS = URI.parse(new URL('../../../models', import.meta.url).href);

export interface Marked {
    readonly text: string;
    readonly position: Position;
}

/** Takes the mark `|` out of a text. */
export function marked(text: string): Marked {
    const at = text.indexOf('|');
    if (at < 0) throw new Error('The text has no mark.');
    const before = text.slice(0, at).split('\n');
    return {
        text: text.slice(0, at) + text.slice(at + 1),
        position: { line: before.length - 1, character: before.at(-1)!.length },
    };
}

export class Editor {
    readonly services: EditorServices;
    #count = 0;

    private constructor(services: EditorServices) {
        this.services = services;
    }

    static async start(surroundings: Surroundings = { models: MODELS, files: nodeFiles }): Promise<Editor> {
        const services = createEditorServices(NodeFileSystem, surroundings);
        await services.shared.workspace.WorkspaceManager.initializeWorkspace([]);
        services.shared.lsp.LanguageServer.initialize({
            capabilities: { textDocument: { completion: { completionItem: { snippetSupport: true } } } },
            processId: null,
            rootUri: null,
            workspaceFolders: null,
        });
        services.shared.lsp.LanguageServer.initialized({});
        return new Editor(services);
    }

    get files(): FileSystemProvider {
        return this.services.shared.workspace.FileSystemProvider;
    }

    /** Opens a text under a name (or path) of its own. */
    async open(text: string, path = `/spec-${this.#count++}.sdspec`): Promise<LangiumDocument> {
        const { LangiumDocumentFactory, LangiumDocuments, DocumentBuilder } = this.services.shared.workspace;
        const uri = URI.file(path);
        if (LangiumDocuments.hasDocument(uri)) await DocumentBuilder.update([], [uri]);
        const document = LangiumDocumentFactory.fromTextDocument(
            TextDocument.create(uri.toString(), 'sdspec', 1, text),
            uri,
        );
        LangiumDocuments.addDocument(document);
        await DocumentBuilder.build([document], { validation: true });
        return document;
    }

    /** The document of a marked text, and the parameters that point to the mark. */
    async at(text: string, path?: string) {
        const { text: plain, position } = marked(text);
        const document = await this.open(plain, path);
        return { document, params: { textDocument: { uri: document.uri.toString() }, position } };
    }

    get lsp() {
        return this.services.sdspec.lsp;
    }

    async completions(text: string, path?: string): Promise<readonly CompletionItem[]> {
        const { document, params } = await this.at(text, path);
        const list = await this.lsp.CompletionProvider!.getCompletion(document, params);
        return list?.items ?? [];
    }

    async hover(text: string, path?: string): Promise<string | undefined> {
        const { document, params } = await this.at(text, path);
        const hover: Hover | undefined = await this.lsp.HoverProvider!.getHoverContent(document, params);
        const contents = hover?.contents;
        return typeof contents === 'object' && 'value' in contents ? contents.value : undefined;
    }
}

/** A text after some edits. */
export function applied(document: LangiumDocument, edits: readonly TextEdit[]): string {
    return TextDocument.applyEdits(document.textDocument, [...edits]);
}
