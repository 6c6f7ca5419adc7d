/** The language server as a process: over stdio or node IPC, files from disk. */
import { URI } from 'langium';
import { NodeFileSystem } from 'langium/node';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { nodeFiles } from './host/files-node.ts';
import { sha256OfFile } from './lsp/digest-node.ts';
import { startServer } from './lsp/start.ts';

/** The bundle is in `dist`, the models that come with it beside that folder. */
const models = URI.parse(new URL('../models', import.meta.url).href);

startServer(
    { connection: createConnection(ProposedFeatures.all), ...NodeFileSystem },
    { models, files: nodeFiles, sha256: sha256OfFile },
);
