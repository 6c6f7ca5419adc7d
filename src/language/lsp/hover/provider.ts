/** Hover: what is under the pointer, what it means and what it resolves to. */
import { type AstNode, AstUtils, type CstNode, CstUtils, GrammarAST, type LangiumDocument, UriUtils } from 'langium';
import type { HoverProvider } from 'langium/lsp';
import type { Hover, HoverParams } from 'vscode-languageserver';
import { siteOf } from '../../../plan/sites.ts';
import { LATENT_FACTOR } from '../../../plan/topology.ts';
import * as ast from '../../generated/ast.ts';
import { isGlob } from '../../linking/paths.ts';
import { effective, extendedBy } from '../../meaning/inherit.ts';
import { sitesOf } from '../../meaning/layers.ts';
import { factsOf, modelKind } from '../../meaning/models.ts';
import { documentationOf } from '../completion/provider.ts';
import { codeBlock, escapeMarkdown } from '../markdown.ts';
import { modelAt } from '../models.ts';
import type { EditorLanguageServices } from '../services.ts';
import { thumbnail } from '../thumbnail.ts';
import { curveLine, declarationMarkdown } from './declaration.ts';
import { layerMarkdown } from './layer.ts';
import { measuredLayers, measuredLines } from './measured.ts';
import { resolvedValue, writtenWhere } from './resolved.ts';
import { weightLines } from './weights.ts';
import { wordsMarkdown } from './words.ts';

export class SdspecHover implements HoverProvider {
    readonly #services: EditorLanguageServices;

    constructor(services: EditorLanguageServices) {
        this.#services = services;
    }

    getHoverContent(document: LangiumDocument, { position }: HoverParams): Hover | undefined {
        const root = document.parseResult.value.$cstNode;
        const offset = document.textDocument.offsetAt(position);
        const leaf = root && CstUtils.findDeclarationNodeAtOffset(root, offset, /[\w.[\]*-]/);
        if (!leaf || leaf.end < offset) return undefined;
        const value = this.#markdown(leaf, document);
        return value ? { contents: { kind: 'markdown', value }, range: leaf.range } : undefined;
    }

    #markdown(leaf: CstNode, document: LangiumDocument): string | undefined {
        const target = this.#services.references.References.findDeclarations(leaf)[0];
        if (ast.isLayer(target)) return this.#layer(leaf.text, leaf.astNode, document);
        if (ast.isDeclaration(target) || ast.isMember(target)) return declarationMarkdown(target, this.#services);
        if (ast.isNamedClause(target) && leaf.text === target.name) return codeBlock(target.$cstNode?.text ?? '');
        if (GrammarAST.isKeyword(leaf.grammarSource)) return this.#keyword(leaf, leaf.grammarSource);
        const text = AstUtils.getContainerOfType(leaf.astNode, ast.isText);
        if (text) return wordsMarkdown(text, this.#services);
        if (ast.isLayerGlob(leaf.astNode)) return globMarkdown(leaf.astNode);
        const curve = AstUtils.getContainerOfType(leaf.astNode, ast.isCurve);
        if (curve) return curveLine(curve, this.#services, this.#steps(curve));
        return this.#path(leaf, document);
    }

    #layer(name: string, node: AstNode, document: LangiumDocument): string | undefined {
        const site = siteOf(name);
        if (!site) return undefined;
        const spec = document.parseResult.value as ast.Spec;
        const model = modelAt(node, spec);
        const files = this.#services.editor.Files;
        const generate = AstUtils.getContainerOfType(node, ast.isGenerate);
        const size = generate && this.#services.editor.Plans.pictureOf(generate)?.size;
        return layerMarkdown(site, {
            unet: factsOf(model, files)?.unet,
            model: model === 'default' ? undefined : model?.name,
            latent: size && { width: size.width / LATENT_FACTOR, height: size.height / LATENT_FACTOR },
            measured: measuredLines(measuredLayers(document, files).get(site) ?? []),
            weights: weightLines(name, spec, this.#services.editor.Plans),
        });
    }

    /** The keyword's doc; and for a clause, what holds for this generate. */
    #keyword(leaf: CstNode, keyword: GrammarAST.Keyword): string | undefined {
        const doc = documentationOf(keyword);
        const { astNode } = leaf;
        if (ast.isCurve(astNode)) return curveLine(astNode, this.#services, this.#steps(astNode));
        const generate = ast.isGenerate(astNode.$container) ? astNode.$container : undefined;
        if (!generate || astNode.$cstNode?.offset !== leaf.offset) return doc;
        const plan = this.#services.editor.Plans.pictureOf(generate);
        if (!plan) return doc;
        const value = resolvedValue(astNode.$type, plan);
        const from = writtenWhere(astNode.$type, effective(extendedBy(generate) ?? generate), generate);
        const base =
            generate.bases.length > 0 && from !== '*default*' && from !== 'here' ? ` Replaces the one of ${from}.` : '';
        return [doc, value ? `Here: ${escapeMarkdown(value)}.${base}` : ''].filter(Boolean).join('\n\n');
    }

    #path(leaf: CstNode, document: LangiumDocument): string | undefined {
        const node = leaf.astNode;
        const source = 'source' in node && typeof node.source === 'string' ? node.source : undefined;
        if (!source || !leaf.text.startsWith('"') || !ast.isDeclaration(node)) return undefined;
        if (modelKind(source) !== 'file' && !ast.isImage(node)) return declarationMarkdown(node, this.#services);
        if (ast.isImage(node) && isGlob(source)) return declarationMarkdown(node, this.#services);
        const { Files } = this.#services.editor;
        const uri = Files.resolve(document.uri, source);
        if (!uri) return undefined;
        if (!Files.kindOf(uri.toString()))
            return `There is no ${escapeMarkdown(UriUtils.basename(uri))} at this place.`;
        return ast.isImage(node) ? thumbnail(Files, uri) : declarationMarkdown(node, this.#services);
    }

    #steps(node: AstNode): number | undefined {
        const generate = AstUtils.getContainerOfType(node, ast.isGenerate);
        return generate && this.#services.editor.Plans.pictureOf(generate)?.steps;
    }
}

function globMarkdown(glob: ast.LayerGlob): string {
    const sites = sitesOf([glob]);
    return sites.length > 0 ? sites.map((site) => `\`${site}\``).join(' ') : 'This stands for no layer.';
}
