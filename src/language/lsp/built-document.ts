/** A document as it is in the editor: parsed and linked from the text that was last received. */
import { type Cancellation, DocumentState, type LangiumDocument, type URI } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';

/** Undefined where the server has no such document. */
export async function builtDocument(
    { workspace }: LangiumSharedServices,
    uri: URI,
    cancel?: Cancellation.CancellationToken,
): Promise<LangiumDocument | undefined> {
    const { DocumentBuilder, LangiumDocuments, TextDocuments, WorkspaceLock, WorkspaceManager } = workspace;
    await WorkspaceManager.ready;
    const text = TextDocuments.get(uri)?.getText();
    // A text that was opened or changed this very moment waits in the queue of updates; reads take their turn behind them.
    if (text !== undefined && text !== parsedText(LangiumDocuments.getDocument(uri)))
        await WorkspaceLock.read(() => {});
    if (!LangiumDocuments.hasDocument(uri)) return undefined;
    // Not until it is validated: files of the workspace that are not open never are, and lowering runs the checks itself.
    await DocumentBuilder.waitUntil(DocumentState.IndexedReferences, uri, cancel);
    return LangiumDocuments.getDocument(uri);
}

function parsedText(document: LangiumDocument | undefined): string | undefined {
    return document?.parseResult.value.$cstNode?.root.fullText;
}
