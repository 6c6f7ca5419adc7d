/** Lowering: a runnable of a spec to the Plan, or to the problems that prevent it. */
import { hasErrors, type Outcome, type Problem } from '../plan/problem.ts';
import type { Run } from '../plan/run.ts';
import type * as ast from './generated/ast.ts';
import type { FileAccess } from './host/files.ts';
import { KnownDeclarations } from './known-declarations.ts';
import { specFolderOf } from './linking/paths.ts';
import { NO_CHANGES } from './lower/changes.ts';
import { type Lowering, newBudget } from './lower/context.ts';
import { expectationsOf, measuringOf } from './lower/expect.ts';
import { givenParams } from './lower/params.ts';
import { workOf } from './lower/work.ts';
import { importedFor } from './meaning/bindings.ts';
import { presetOf } from './meaning/preset.ts';
import { neededBy } from './meaning/uses.ts';
import { collector, reported } from './place.ts';
import type { DigestOfFile } from './write/spelled-out/moved-text.ts';
import { spelledOut } from './write/spelled-out/spelled-out.ts';

export interface LowerOptions {
    /** Values of params by name, as they are given on a command line. */
    readonly params?: Readonly<Record<string, string>>;
    /** Values of settings by name, which take the place of those of every generate. */
    readonly set?: Readonly<Record<string, string>>;
    readonly files?: FileAccess;
    /** What is known of the declarations already, where several runnables of the same documents are lowered. */
    readonly known?: KnownDeclarations;
}

/** Needs a linked document. The problems are those of everything that the runnable needs, and of nothing else. */
export function lower(runnable: ast.Runnable, options: LowerOptions = {}): Outcome<Run> {
    const { params = {}, set = {}, files, known = new KnownDeclarations(files) } = options;
    const needed = neededBy(runnable, known.needs);
    const problems: Problem[] = [...known.problemsOf(needed)];
    const report = collector(problems);
    const given = givenParams(runnable, needed, params, problems);
    const preset = presetOf(set, (code, message) => report(code, 'error', message, runnable, { property: 'name' }));
    if (hasErrors(problems)) return { problems: reported(problems) };
    const context: Lowering = {
        home: specFolderOf(runnable),
        report,
        params: given,
        changes: NO_CHANGES,
        making: [],
        budget: newBudget(),
        imported: importedFor(runnable, needed),
        ...(Object.keys(set).length > 0 ? { set: preset } : {}),
        ...(files ? { files } : {}),
    };
    const work = workOf(runnable, context);
    const expect = expectationsOf(runnable, context);
    const measure = measuringOf(runnable, context);
    if (!work || hasErrors(problems)) return { problems: reported(problems) };
    return {
        value: { name: runnable.name, work, expect, ...(measure ? { measure } : {}) },
        problems: reported(problems),
    };
}

/** The runnable and all that it needs as one spec, defaults written; undefined where it can't be lowered. */
export function spell(runnable: ast.Runnable, options: LowerOptions = {}, digestOf?: DigestOfFile): string | undefined {
    const { params = {}, files } = options;
    if (!lower(runnable, options).value) return undefined;
    const context: Lowering = {
        home: specFolderOf(runnable),
        report: () => {},
        params: givenParams(runnable, neededBy(runnable), params, []),
        imported: importedFor(runnable, neededBy(runnable)),
        changes: NO_CHANGES,
        making: [],
        budget: newBudget(),
        ...(files ? { files } : {}),
    };
    return spelledOut(runnable, context, digestOf);
}
