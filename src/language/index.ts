/** The language's public face: parse a spec, list what it can run, lower a runnable, list the problems. */
import { EmptyFileSystem, type LangiumDocument, URI } from 'langium';
import type { Outcome, Problem } from '../plan/problem.ts';
import type { Run } from '../plan/run.ts';
import { type LowerOptions, lower } from './compile.ts';
import { isRunnable, isSpec, type Runnable, type Spec } from './generated/ast.ts';
import { importedUri } from './linking/imports.ts';
import { nearest } from './linking/nearest.ts';
import { createServices, type ServiceContext, type SpecServices } from './module.ts';
import { placeOf } from './place.ts';
import { toProblem } from './validator.ts';

export { checkDigests, type Hash } from './checks/digests.ts';
export { type LowerOptions, lower, spell } from './compile.ts';
export type { FileAccess, TokenCount } from './host/files.ts';
export { KnownDeclarations } from './known-declarations.ts';
export { SETTABLE } from './meaning/preset.ts';
export { createServices, type SpecServices } from './module.ts';

export type SpecDocument = LangiumDocument<Spec>;

/** What a spec can run. */
export interface RunnableInfo {
    readonly name: string;
    readonly kind: 'generate' | 'sweep' | 'mosaic' | 'print' | 'learn';
    readonly where: Problem['where'];
    /** The first paragraph of its doc comment. */
    readonly doc?: string;
    readonly node: Runnable;
}

/** A language without files but those that it is given; see `index-node.ts` for one that reads from disk. */
export class Language {
    readonly services: SpecServices;
    readonly #ready: Promise<void>;

    constructor(context: ServiceContext = EmptyFileSystem) {
        this.services = createServices(context);
        this.#ready = this.services.shared.workspace.WorkspaceManager.initializeWorkspace([]);
    }

    /** Parses, links and checks a text under a name, together with all that it imports. */
    async parseText(text: string, uri = 'memory:///spec.sdspec'): Promise<SpecDocument> {
        await this.#ready;
        const { LangiumDocuments, LangiumDocumentFactory } = this.services.shared.workspace;
        const at = URI.parse(uri);
        if (LangiumDocuments.hasDocument(at)) LangiumDocuments.deleteDocument(at);
        const document = LangiumDocumentFactory.fromString<Spec>(text, at);
        LangiumDocuments.addDocument(document);
        return this.#build(document);
    }

    /** The same for a file, which must exist. */
    async parseFile(uri: string): Promise<SpecDocument> {
        await this.#ready;
        const { LangiumDocuments } = this.services.shared.workspace;
        return this.#build((await LangiumDocuments.getOrCreateDocument(URI.parse(uri))) as SpecDocument);
    }

    /** The addresses of a document and of all that it imports, directly or by way of others. */
    async addressesOf(document: SpecDocument): Promise<readonly string[]> {
        return (await loadImports(document, this.services)).map(({ uri }) => uri.toString());
    }

    async #build(document: SpecDocument): Promise<SpecDocument> {
        const documents = await loadImports(document, this.services);
        await this.services.shared.workspace.DocumentBuilder.build([...documents], { validation: true });
        return document;
    }
}

/** A document and, from disk, all that it imports, directly or by way of others. What can't be read is left to the checks. */
async function loadImports(document: LangiumDocument, services: SpecServices): Promise<readonly LangiumDocument[]> {
    const { LangiumDocuments } = services.shared.workspace;
    const found = new Map([[document.uri.toString(), document]]);
    for (const { parseResult } of found.values()) {
        if (!isSpec(parseResult.value)) continue;
        for (const borrowed of parseResult.value.imports) {
            const uri = importedUri(borrowed);
            if (!uri || found.has(uri.toString())) continue;
            try {
                found.set(uri.toString(), await LangiumDocuments.getOrCreateDocument(uri));
            } catch {
                // The check of imports says that the file is missing.
            }
        }
    }
    return [...found.values()];
}

export function listRunnables(document: SpecDocument): readonly RunnableInfo[] {
    return namedRunnables(document).map((node) => ({
        name: node.name,
        kind: node.$type.toLowerCase() as RunnableInfo['kind'],
        where: placeOf(node, { property: 'name' }),
        node,
    }));
}

/** One whose name is missing, or is a word of the language, can't be meant by name. */
function namedRunnables(document: SpecDocument): readonly Runnable[] {
    return document.parseResult.value.declarations.filter(isRunnable).filter(({ name }) => Boolean(name));
}

/** Lowers the runnable of that name. */
export function lowerRun(document: SpecDocument, name: string, options: LowerOptions = {}): Outcome<Run> {
    const { declarations } = document.parseResult.value;
    const runnable = declarations.find((one) => 'name' in one && one.name === name && isRunnable(one));
    if (isRunnable(runnable)) return lower(runnable, options);
    const names = namedRunnables(document).map((candidate) => candidate.name);
    const near = nearest(name, names);
    const hint = near
        ? `Did you mean \`${near}\`?`
        : names.length > 0
          ? `It has ${names.map((n) => `\`${n}\``).join(', ')}.`
          : 'It has nothing to run: write a `generate`.';
    const start = { line: 0, character: 0 };
    const where = { uri: document.uri.toString(), start, end: start };
    const message = `The spec has no runnable named \`${name}\`. ${hint}`;
    return { problems: [{ code: 'run/unknown', severity: 'error', message, where }] };
}

/** The problems of a document that has been built. */
export function problemsOf(document: LangiumDocument): readonly Problem[] {
    return (document.diagnostics ?? []).map((diagnostic) => toProblem(document.uri.toString(), diagnostic));
}
