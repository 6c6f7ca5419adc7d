/** Pinning: a file's digest, written behind its path, so that another file under that name is refused. */
import { GrammarUtils, type LangiumDocument, URI } from 'langium';
import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import * as ast from '../../generated/ast.ts';
import { isGlob } from '../../linking/paths.ts';
import { modelKind } from '../../meaning/models.ts';
import type { EditorLanguageServices } from '../services.ts';

/** What an action carries until it is chosen: the digest of a large file takes a while. */
interface PinData {
    readonly pin: { readonly document: string; readonly file: string; readonly start: number; readonly end: number };
}

type Pinnable = ast.Model | ast.Lora | ast.Embedding | ast.ControlNet | ast.Upscaler | ast.Image | ast.NoiseClause;

/** Offers to pin the file of a declaration, where it is a single file on disk. */
export function pinning(
    node: Pinnable | undefined,
    document: LangiumDocument,
    services: EditorLanguageServices,
): readonly CodeAction[] {
    const property = ast.isNoiseClause(node) ? 'file' : 'source';
    const path = ast.isNoiseClause(node) ? node.file : node?.source;
    const source = GrammarUtils.findNodeForProperty(node?.$cstNode, property);
    if (!node || !path || !source || isGlob(path) || modelKind(path) !== 'file' || !services.editor.canPin) return [];
    const file = services.editor.Files.resolve(document.uri, path)?.toString();
    if (!file || services.editor.Files.kindOf(file) !== 'file') return [];
    const digest = GrammarUtils.findNodeForProperty(node.$cstNode, 'digest');
    const start = digest?.offset ?? source.end;
    const data: PinData = { pin: { document: document.uri.toString(), file, start, end: digest?.end ?? start } };
    const title = digest ? 'Pin to the digest of the file as it is now' : 'Pin the digest of the file';
    return [{ title, kind: CodeActionKind.RefactorRewrite, data }];
}

export function isPinnable(node: unknown): node is Pinnable {
    return [
        ast.isModel,
        ast.isLora,
        ast.isEmbedding,
        ast.isControlNet,
        ast.isUpscaler,
        ast.isImage,
        ast.isNoiseClause,
    ].some((is) => is(node));
}

/** Fills in the edit of a chosen action. */
export async function resolvePin(action: CodeAction, services: EditorLanguageServices): Promise<CodeAction> {
    const pin = (action.data as PinData | undefined)?.pin;
    const sha256 = pin && (await services.editor.sha256(pin.file));
    const document = pin && services.shared.workspace.LangiumDocuments.getDocument(URI.parse(pin.document));
    if (!sha256 || !document) return action;
    const { textDocument } = document;
    const range = { start: textDocument.positionAt(pin.start), end: textDocument.positionAt(pin.end) };
    const newText = pin.start === pin.end ? ` sha256:${sha256}` : `sha256:${sha256}`;
    return { ...action, edit: { changes: { [pin.document]: [{ range, newText }] } } };
}
