/** Links: files and folders that a spec names, imports, and models of the hub. */
import { AstUtils, GrammarUtils, type LangiumDocument, type URI } from 'langium';
import type { DocumentLinkProvider } from 'langium/lsp';
import type { DocumentLink } from 'vscode-languageserver';
import * as ast from '../../generated/ast.ts';
import { importedUri } from '../../linking/imports.ts';
import { isGlob } from '../../linking/paths.ts';
import { modelKind } from '../../meaning/models.ts';
import type { EditorLanguageServices } from '../services.ts';

export class SdspecLinks implements DocumentLinkProvider {
    readonly #services: EditorLanguageServices;

    constructor(services: EditorLanguageServices) {
        this.#services = services;
    }

    getDocumentLinks(document: LangiumDocument): DocumentLink[] {
        const spec = document.parseResult.value as ast.Spec;
        return AstUtils.streamAst(spec)
            .flatMap((node) => this.#linksOf(node, document.uri))
            .toArray();
    }

    #linksOf(node: { readonly $type: string }, here: URI): readonly DocumentLink[] {
        if (ast.isImport(node)) return link(node, 'path', importedUri(node)?.toString());
        if (ast.isNoiseClause(node)) return link(node, 'file', this.#fileOf(node.file, here));
        if (ast.isModel(node) && modelKind(node.source ?? '') === 'hub') {
            const revision = node.revision ? `/tree/${node.revision}` : '';
            const target = `https://huggingface.co/${node.source.slice('hf:'.length)}${revision}`;
            return link(node, 'source', target, 'Open on the hub');
        }
        if (isFileDeclaration(node)) return link(node, 'source', this.#fileOf(node.source, here));
        return [];
    }

    /** Only what is there: a link to nothing would create an empty file. */
    #fileOf(path: string | undefined, here: URI): string | undefined {
        if (!path || isGlob(path) || modelKind(path) !== 'file') return undefined;
        const uri = this.#services.editor.Files.resolve(here, path)?.toString();
        return uri && this.#services.editor.Files.kindOf(uri) ? uri : undefined;
    }
}

type FileDeclaration = ast.Model | ast.Lora | ast.Embedding | ast.ControlNet | ast.Upscaler | ast.Image;

function isFileDeclaration(node: unknown): node is FileDeclaration {
    return [ast.isModel, ast.isLora, ast.isEmbedding, ast.isControlNet, ast.isUpscaler, ast.isImage].some((is) =>
        is(node),
    );
}

function link(
    node: ast.Import | ast.NoiseClause | FileDeclaration,
    property: string,
    target: string | undefined,
    tooltip?: string,
): readonly DocumentLink[] {
    const cst = GrammarUtils.findNodeForProperty(node.$cstNode, property);
    if (!cst || !target) return [];
    const { start, end } = cst.range;
    const range = {
        start: { line: start.line, character: start.character + 1 },
        end: { line: end.line, character: Math.max(start.character + 1, end.character - 1) },
    };
    return [{ range, target, ...(tooltip && { tooltip }) }];
}
