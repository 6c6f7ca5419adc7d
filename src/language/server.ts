/** The language server as a process: over stdio or node IPC, files from disk. */
import { NodeFileSystem } from 'langium/node';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from './lsp/start.ts';

startServer({ connection: createConnection(ProposedFeatures.all), ...NodeFileSystem });
