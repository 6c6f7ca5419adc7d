/** When the user is not typing: checks that ask for files, imports from outside the workspace, and hints after new settings. */
import { type Cancellation, DocumentState, type LangiumDocument, type URI } from 'langium';
import type { Connection } from 'vscode-languageserver';
import { isSpec } from '../generated/ast.ts';
import { importedUri } from '../linking/imports.ts';
import type { EditorServices } from './services.ts';

/** Typing pauses longer than this count as idle. */
const IDLE_MS = 400;
const FILE_CHECKS = ['slow'];

export function watchFiles(connection: Connection, services: EditorServices): void {
    const { workspace } = services.shared;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isChecking = false;
    const later = () => {
        clearTimeout(timer);
        timer = setTimeout(() => void check(), IDLE_MS);
    };
    const check = () =>
        workspace.WorkspaceLock.write(async (cancel) => {
            isChecking = true;
            try {
                await checkOpenFiles(services, cancel);
            } finally {
                isChecking = false;
            }
        });
    workspace.DocumentBuilder.onBuildPhase(DocumentState.Validated, (built) => {
        // A check builds too; were it followed by another one, they would never end.
        if (isChecking) return;
        const open = built.filter(({ uri }) => workspace.TextDocuments.get(uri));
        if (open.length > 0) later();
    });
    workspace.ConfigurationProvider.onConfigurationSectionUpdate(() => {
        connection.languages.inlayHint.refresh().catch(() => {}); // A client that cannot refresh asks again by itself.
    });
    connection.onShutdown(() => clearTimeout(timer));
}

/** Builds what imports name and no one has loaded, then asks the files of all open specs. */
async function checkOpenFiles(services: EditorServices, cancel: Cancellation.CancellationToken): Promise<void> {
    const { DocumentBuilder, LangiumDocuments, TextDocuments } = services.shared.workspace;
    const open = LangiumDocuments.all.filter(({ uri }) => TextDocuments.get(uri) !== undefined).toArray();
    const loaded = await loadMissing(open, services);
    // The build of a change is cancelled when this check takes its turn. No other build follows: what it left is built here.
    const isLeft = LangiumDocuments.all.some(({ state }) => state < DocumentState.IndexedReferences);
    const isUnchecked = open.some(({ state }) => state < DocumentState.Validated);
    if (loaded.length > 0 || isLeft || isUnchecked) await DocumentBuilder.update(loaded, [], cancel);
    const unchecked = open.filter(({ state }) => state === DocumentState.Validated);
    await DocumentBuilder.build(unchecked, { validation: { categories: FILE_CHECKS } }, cancel);
}

/** Files outside of the workspace's folders, which only an import names. */
async function loadMissing(documents: readonly LangiumDocument[], services: EditorServices): Promise<URI[]> {
    const { FileSystemProvider, LangiumDocuments } = services.shared.workspace;
    const missing = new Map<string, URI>();
    for (const { parseResult } of documents) {
        for (const borrowed of isSpec(parseResult.value) ? parseResult.value.imports : []) {
            const uri = importedUri(borrowed);
            if (uri && !LangiumDocuments.hasDocument(uri)) missing.set(uri.toString(), uri);
        }
    }
    const found: URI[] = [];
    for (const uri of missing.values()) {
        const there = await FileSystemProvider.exists(uri).catch(() => false);
        if (there) found.push(uri);
    }
    return found;
}
