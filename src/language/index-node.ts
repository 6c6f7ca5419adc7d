/** The language on Node: imports and files are read from disk. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { URI } from 'langium';
import { NodeFileSystem } from 'langium/node';
import { nodeFiles } from './host/files-node.ts';
import { Language, type SpecDocument } from './index.ts';
import { Tokenizers } from './lsp/tokenizers.ts';

export { nodeFiles } from './host/files-node.ts';
export * from './index.ts';

export interface NodeLanguageOptions {
    /** URI of the folder of the models that come with sdspec: then tokens are counted for them too. */
    readonly models?: string;
}

/** A language that reads imports from disk and checks the files that specs name, and how long their prompts are. */
export function createNodeLanguage({ models }: NodeLanguageOptions = {}): Language {
    const tokenizers = new Tokenizers(nodeFiles, models === undefined ? undefined : URI.parse(models));
    return new Language({ ...NodeFileSystem, files: tokenizers.withCount(nodeFiles) });
}

/** Parses the spec at a path, which must exist. Use one language for several specs that share files. */
export async function parseSpec(path: string, language = createNodeLanguage()): Promise<SpecDocument> {
    return language.parseFile(pathToFileURL(resolve(path)).toString());
}
