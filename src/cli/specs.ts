/** Specs as the command line sees them: a file, its problems, and what can be run. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { isModel } from '../language/generated/ast.ts';
import {
    createNodeLanguage,
    listRunnables,
    lowerRun,
    nodeFiles,
    parseSpec,
    problemsOf,
    type SpecDocument,
} from '../language/index-node.ts';
import { formatted } from '../language/lsp/format/formatter.ts';
import { modelRef } from '../language/meaning/models.ts';
import { isWhole } from '../language/meaning/whole.ts';
import { type HubModel, hubModelsIn } from '../plan/model-names.ts';
import type { ModelRef } from '../plan/plan.ts';
import type { Outcome, Problem } from '../plan/problem.ts';
import type { Run } from '../plan/run.ts';
import { UsageError } from './command.ts';

export interface Spec {
    /** The file's name within `base`, its folder. */
    readonly name: string;
    /** Absolute. */
    readonly base: string;
    /** All problems of the file, of what can be run and of what is never used. */
    readonly problems: readonly Problem[];
    /** Names of what can be run, in their order. */
    readonly names: readonly string[];
    /** Models of the hub: those that the file declares, and imported ones that its runs need. */
    readonly hubModels: readonly HubModel[];
    /** The run of that name, with the problems of what it needs. */
    lower(name: string): Outcome<Run>;
}

/** Reads a spec with all that it imports. Throws `UsageError` where there is no such file. */
export async function openSpec(path: string, params: Readonly<Record<string, string>> = {}): Promise<Spec> {
    const file = existing(path);
    const document = await parseSpec(file, createNodeLanguage());
    const names = listRunnables(document).map(({ name }) => name);
    const lower = (name: string) => lowerRun(document, name, { params, files: nodeFiles });
    return {
        name: basename(file),
        base: dirname(file),
        problems: problemsOf(document),
        names,
        get hubModels() {
            return hubModelsIn([declaredModels(document), names.map((name) => lower(name).value)]);
        },
        lower,
    };
}

function declaredModels({ parseResult }: SpecDocument): readonly ModelRef[] {
    return parseResult.value.declarations.filter(isModel).filter(isWhole).map(modelRef);
}

/** The text as the formatter would have it; none, with the problems, where its syntax is broken. */
export async function formatSpec(path: string): Promise<Outcome<string>> {
    const document = await parseSpec(existing(path), createNodeLanguage());
    const { lexerErrors, parserErrors } = document.parseResult;
    const problems = problemsOf(document).filter(({ severity }) => severity === 'error');
    return lexerErrors.length + parserErrors.length > 0 ? { problems } : { value: formatted(document), problems };
}

/** Reads a file as UTF-8 text; throws `UsageError` for other bytes. */
function requireText(file: string, path: string): void {
    try {
        new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    } catch (cause) {
        if (!(cause instanceof TypeError)) throw cause;
        throw new UsageError(`${path} is no UTF-8 text: save it with that encoding.`, { cause });
    }
}

function existing(path: string): string {
    const file = resolve(path);
    if (!existsSync(file)) throw new UsageError(`There is no file ${path}.`);
    if (!statSync(file).isFile()) throw new UsageError(`${path} is a folder: name a .sdspec file in it.`);
    requireText(file, path);
    return file;
}
