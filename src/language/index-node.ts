/** The language on Node: imports and files are read from disk. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NodeFileSystem } from 'langium/node';
import { nodeFiles } from './host/files-node.ts';
import { Language, type SpecDocument } from './index.ts';

export { nodeFiles } from './host/files-node.ts';
export * from './index.ts';

/** A language that reads imports from disk and checks the files that specs name. */
export function createNodeLanguage(): Language {
    return new Language({ ...NodeFileSystem, files: nodeFiles });
}

/** Parses the spec at a path, which must exist. Use one language for several specs that share files. */
export async function parseSpec(path: string, language = createNodeLanguage()): Promise<SpecDocument> {
    return language.parseFile(pathToFileURL(resolve(path)).toString());
}
