/** Specs as the command line sees them: a file, its problems, and what can be run. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { text as textOfStream } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isModel } from '../language/generated/ast.ts';
import {
    createNodeLanguage,
    KnownDeclarations,
    listRunnables,
    lowerRun,
    nodeFiles,
    problemsOf,
    type SpecDocument,
    spell,
} from '../language/index-node.ts';
import { specFolderOf, uriOf } from '../language/linking/paths.ts';
import { formatted } from '../language/lsp/format/formatter.ts';
import { modelRef } from '../language/meaning/models.ts';
import { isWhole } from '../language/meaning/whole.ts';
import { describeSpec, type SpecDescription } from '../language/write/describe.ts';
import { digest } from '../plan/digest.ts';
import { type HubModel, hubModelsIn } from '../plan/model-names.ts';
import type { ModelRef } from '../plan/plan.ts';
import type { Outcome, Problem } from '../plan/problem.ts';
import type { Run } from '../plan/run.ts';
import { packageRoot } from '../runtime/run/inputs/shipped.ts';
import { UsageError } from './command.ts';

export interface Spec {
    /** The file's name within `base`, its folder. */
    readonly name: string;
    /** Absolute. */
    readonly base: string;
    /** All problems of the file, of what can be run and of what is never used. */
    readonly problems: readonly Problem[];
    /** Errors that may hide what can be run: a syntax that can't be read, a name that is declared twice. */
    readonly hiding: readonly Problem[];
    /** What is imported from other files, each as its file's path, `#`, and the name there. */
    readonly borrowed: readonly string[];
    /** Names of what can be run, in their order. */
    readonly names: readonly string[];
    /** Models of the hub: those that the file declares, and imported ones that its runs need. */
    readonly hubModels: readonly HubModel[];
    /** The text in colours, and what its comments say. */
    describe(): SpecDescription;
    /** The file and all that it imports, as absolute paths. */
    files(): Promise<readonly string[]>;
    /** The run of that name, with the problems of what it needs. */
    lower(name: string): Outcome<Run>;
    /** The run of that name as a spec of its own, defaults written, laid out; undefined where it can't be lowered. */
    spell(name: string): Promise<string | undefined>;
}

/** The text of a spec and where it is from. */
export interface SpecText {
    /** Absolute path. Text from stdin has one in the working folder, so that its paths are relative to that. */
    readonly file: string;
    readonly text: string;
}

/** What the command line changes in every run. */
export interface SpecOptions {
    /** Values of params by name. */
    readonly params?: Readonly<Record<string, string>>;
    /** Values of settings by name, in the place of those of the spec. */
    readonly set?: Readonly<Record<string, string>>;
}

/** Reads a spec with all that it imports. Throws `UsageError` where there is no such file. */
export async function openSpec(path: string, options: SpecOptions = {}): Promise<Spec> {
    return specOf(readSpec(path), options);
}

/** The spec of a text, with all that it imports. */
export async function specOf({ file, text }: SpecText, { params = {}, set = {} }: SpecOptions = {}): Promise<Spec> {
    const language = nodeLanguage();
    const document = await language.parseText(text, pathToFileURL(file).toString());
    const names = listRunnables(document).map(({ name }) => name);
    const known = new KnownDeclarations(nodeFiles);
    const lower = (name: string) => lowerRun(document, name, { params, set, files: nodeFiles, known });
    return {
        name: basename(file),
        base: dirname(file),
        problems: problemsOf(document),
        hiding: hidingProblems(document),
        borrowed: borrowedBy(document),
        names,
        get hubModels() {
            return hubModelsIn([declaredModels(document), names.map((name) => lower(name).value)]);
        },
        lower,
        describe: () => describeSpec(document, language.services.sdspec.documentation.DocumentationProvider),
        files: async () => (await language.addressesOf(document)).map((address) => fileURLToPath(address)),
        async spell(name) {
            const node = listRunnables(document).find((one) => one.name === name)?.node;
            const text =
                node && spell(node, { params, files: nodeFiles }, (path) => sha256Of(resolve(dirname(file), path)));
            if (text === undefined) return undefined;
            const uri = pathToFileURL(join(dirname(file), 'spelled-out.sdspec')).toString();
            const written = await nodeLanguage().parseText(text, uri);
            const same = lowerRun(written, name, { files: nodeFiles }).value;
            if (!same || digest(same.work) !== digest(lower(name).value!.work))
                throw new Error(`${name} is not spelled out to the same plan.`);
            return formatted(written);
        },
    };
}

/** Where the syntax is broken, all errors: those of the broken part are of many kinds. */
function hidingProblems(document: SpecDocument): readonly Problem[] {
    const { lexerErrors, parserErrors } = document.parseResult;
    const isBroken = lexerErrors.length + parserErrors.length > 0;
    return problemsOf(document).filter(
        ({ severity, code }) => severity === 'error' && (isBroken || code === 'name/taken'),
    );
}

function borrowedBy({ parseResult: { value: spec } }: SpecDocument): readonly string[] {
    return spec.imports.flatMap(({ path, names }) => {
        const from = path === undefined ? '' : uriOf(path, specFolderOf(spec)).fsPath;
        return names.map(({ target }) => `${from}#${target?.$refText}`);
    });
}

/** With the tokenizers of the models that come with sdspec. */
function nodeLanguage() {
    return createNodeLanguage({ models: pathToFileURL(join(packageRoot(), 'models')).toString() });
}

/** Hex sha256 of a file; undefined for folders and what is not there. */
function sha256Of(file: string): string | undefined {
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return undefined;
    return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function declaredModels({ parseResult }: SpecDocument): readonly ModelRef[] {
    return parseResult.value.declarations.filter(isModel).filter(isWhole).map(modelRef);
}

/** The text as the formatter would have it; none, with the problems, where its syntax is broken. */
export async function formatSpec(path: string): Promise<Outcome<string>> {
    const { file, text } = readSpec(path);
    const document = await nodeLanguage().parseText(text, pathToFileURL(file).toString());
    const { lexerErrors, parserErrors } = document.parseResult;
    const problems = problemsOf(document).filter(({ severity }) => severity === 'error');
    return lexerErrors.length + parserErrors.length > 0 ? { problems } : { value: formatted(document), problems };
}

// ── Files ──────────────────────────────────────────────────────────────

const PICTURE = /\.(png|jpe?g|webp|gif|tiff?|avif)$/i;

/** Reads one spec. Throws `UsageError`, with a sentence, for all that is none. */
export function readSpec(path: string): SpecText {
    const file = resolve(path);
    if (!existsSync(file)) throw new UsageError(`There is no file ${path}.`);
    if (!statSync(file).isFile()) throw new UsageError(`${path} is a folder: name a .sdspec file in it.`);
    if (!file.endsWith('.sdspec')) {
        const hint = PICTURE.test(file)
            ? `\`sdspec import ${path}\` writes the spec of a picture.`
            : 'Name a file that ends in .sdspec.';
        throw new UsageError(`${path} is no spec. ${hint}`);
    }
    return { file, text: utf8(readFileSync(file), path) };
}

/** What stands for stdin on the command line, and what it is called in messages. */
export const STDIN = {
    word: '-',
    /** Asked for when it is needed: a working folder that is gone has no paths. */
    get file() {
        return resolve('<stdin>.sdspec');
    },
    name: '<stdin>',
} as const;

/** The spec that comes from stdin. */
export async function readStdin(): Promise<SpecText> {
    return { file: STDIN.file, text: await textOfStream(process.stdin) };
}

/** The specs of a file or folder, the latter with all folders below but hidden ones and `node_modules`, sorted. */
export function specsAt(path: string): readonly string[] {
    const at = resolve(path);
    if (!existsSync(at) || !statSync(at).isDirectory()) return [path];
    const found = specsBelow(path);
    if (found.length === 0) throw new UsageError(`${path} holds no .sdspec file.`);
    return found;
}

function specsBelow(folder: string): readonly string[] {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    return entries.flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return /^\.|^node_modules$/.test(entry.name) ? [] : specsBelow(path);
        return entry.isFile() && entry.name.endsWith('.sdspec') ? [path] : [];
    });
}

/** A file that is no text as specs are: one of many may be passed over. */
export class EncodingError extends UsageError {}

/** Bytes as UTF-8 text; throws `EncodingError` for others. */
function utf8(bytes: Uint8Array, path: string): string {
    try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
        if (!(cause instanceof TypeError)) throw cause;
        throw new EncodingError(`${path} is no UTF-8 text: save it with that encoding.`, { cause });
    }
}
