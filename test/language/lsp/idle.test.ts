/** Checks when the user is not typing: they never leave a text unbuilt, and end. */
import { DocumentState, type LangiumDocument, TextDocument } from 'langium';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Connection } from 'vscode-languageserver';
import { builtDocument } from '../../../src/language/lsp/built-document.ts';
import { watchFiles } from '../../../src/language/lsp/idle.ts';
import { Editor } from './editor.ts';

/** Longer than the pause after which the user counts as idle. */
const PAUSE_MS = 1000;

let editor: Editor;
beforeEach(async () => {
    // Langium itself waits for the event loop: timers alone are held.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    editor = await Editor.start();
    const connection = { languages: { inlayHint: { refresh: async () => {} } }, onShutdown: () => {} };
    watchFiles(connection as unknown as Connection, editor.services);
});
afterEach(() => {
    vi.useRealTimers();
});

const SPEC =
    'sdspec 1\n\nmodel m = "builtin:sketch"\n\ngenerate it {\n    use m\n    prompt "a house"\n    seed 42\n}\n';

test('a check that begins while a change is built leaves the changed text built', async () => {
    const { DocumentBuilder, WorkspaceLock } = editor.services.shared.workspace;
    const document = await opened(SPEC);
    // The pause of the first build ends while the second one is under way.
    write(document, SPEC.replace('42', '43'));
    const change = WorkspaceLock.write((cancel) => DocumentBuilder.update([document.uri], [], cancel));
    vi.advanceTimersByTime(PAUSE_MS);
    await change;
    await WorkspaceLock.read(() => {});
    const built = await builtDocument(editor.services.shared, document.uri);
    expect(built?.textDocument.getText()).toContain('seed 43');
    expect(built?.state).toBe(DocumentState.Validated);
});

test('a text that does not change is checked once', async () => {
    const { DocumentBuilder, WorkspaceLock } = editor.services.shared.workspace;
    await opened(SPEC);
    let builds = 0;
    DocumentBuilder.onUpdate(() => {
        builds++;
    });
    for (let pause = 0; pause < 5; pause++) {
        await vi.advanceTimersByTimeAsync(PAUSE_MS);
        await WorkspaceLock.read(() => {});
    }
    expect(builds).toBe(1);
});

async function opened(text: string): Promise<LangiumDocument> {
    const { DocumentBuilder, LangiumDocuments, WorkspaceLock } = editor.services.shared.workspace;
    const document = await editor.open(text);
    write(document, text);
    await WorkspaceLock.write((cancel) => DocumentBuilder.update([document.uri], [], cancel));
    return LangiumDocuments.getDocument(document.uri)!;
}

/** What the editor sends when a text is opened or changed. */
function write({ uri }: LangiumDocument, text: string): void {
    const { TextDocuments } = editor.services.shared.workspace;
    TextDocuments.set(TextDocument.create(uri.toString(), 'sdspec', 1, text));
}
