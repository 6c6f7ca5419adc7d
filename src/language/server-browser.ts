/** The language server as a worker in a browser: the language without files and without a runtime. */
import { EmptyFileSystem } from 'langium';
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { startServer } from './lsp/start.ts';

const scope = globalThis as unknown as ConstructorParameters<typeof BrowserMessageReader>[0];
startServer({
    connection: createConnection(new BrowserMessageReader(scope), new BrowserMessageWriter(scope)),
    ...EmptyFileSystem,
});
