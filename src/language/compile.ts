/** Lowering: a runnable of a spec to the Plan, or to the problems that prevent it. */
import { AstUtils, type LangiumDocument } from 'langium';
import { hasErrors, type Outcome, type Place, type Problem } from '../plan/problem.ts';
import type { Run } from '../plan/run.ts';
import { checkDeclarations, checkFiles, checkVersion } from './checks/all.ts';
import { withoutHabits } from './checks/elsewhere.ts';
import { syntaxProblems } from './checks/syntax.ts';
import type * as ast from './generated/ast.ts';
import type { FileAccess } from './host/files.ts';
import { specFolderOf } from './linking/paths.ts';
import { NO_CHANGES } from './lower/changes.ts';
import { type Lowering, newBudget } from './lower/context.ts';
import { expectationsOf, measuringOf } from './lower/expect.ts';
import { givenParams } from './lower/params.ts';
import { workOf } from './lower/work.ts';
import { importedFor } from './meaning/bindings.ts';
import { presetOf } from './meaning/preset.ts';
import { neededBy } from './meaning/uses.ts';
import { isWhole } from './meaning/whole.ts';
import { collector, placeOf, reported } from './place.ts';
import { toProblem } from './validator.ts';
import { type DigestOfFile, spelledOut } from './write/spelled-out.ts';

export interface LowerOptions {
    /** Values of params by name, as they are given on a command line. */
    readonly params?: Readonly<Record<string, string>>;
    /** Values of settings by name, which take the place of those of every generate. */
    readonly set?: Readonly<Record<string, string>>;
    readonly files?: FileAccess;
}

/** Needs a linked document. The problems are those of everything that the runnable needs, and of nothing else. */
export function lower(runnable: ast.Runnable, { params = {}, set = {}, files }: LowerOptions = {}): Outcome<Run> {
    const needed = neededBy(runnable);
    const problems: Problem[] = [...problemsOfNeeded(runnable, needed, files)];
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

/** Syntax, names, checks and files of what is needed. */
function problemsOfNeeded(
    runnable: ast.Runnable,
    needed: readonly ast.Declaration[],
    files: FileAccess | undefined,
): readonly Problem[] {
    const documents = new Set([AstUtils.getDocument(runnable), ...needed.map((node) => AstUtils.getDocument(node))]);
    const syntax = [...documents].flatMap((document) => syntaxNear(document, needed));
    const problems = [
        ...(syntax.length > 0 ? syntax : needed.flatMap(incomplete)),
        ...unknownNames(needed),
        ...[...documents].flatMap(versionProblems),
        ...checkDeclarations(needed),
        ...(files ? needed.flatMap((node) => checkFiles(node, files)) : []),
    ].filter(({ severity }) => severity === 'error' || severity === 'warning');
    return [...documents].reduce((left: readonly Problem[], document) => withoutHabits(document, left), problems);
}

/** A version that is not known changes what everything in the file means. */
function versionProblems({ parseResult }: LangiumDocument): readonly Problem[] {
    const { version } = parseResult.value as ast.Spec;
    return version ? checkVersion(version) : [];
}

/** Errors of syntax within what is needed. Others are reported where they are; they don't prevent it. */
function syntaxNear(document: LangiumDocument, needed: readonly ast.Declaration[]): readonly Problem[] {
    const ranges = needed.filter((node) => AstUtils.getDocument(node) === document).map((node) => placeOf(node));
    return syntaxProblems(document).filter(({ where }) =>
        ranges.some(({ start, end }) => where.start.line >= start.line && where.start.line <= end.line),
    );
}

/** A declaration that breaks off: its error of syntax may be at what follows. */
function incomplete(declaration: ast.Declaration): readonly Problem[] {
    if (isWhole(declaration)) return [];
    const message = `\`${'name' in declaration ? (declaration.name ?? 'this') : 'this'}\` is not complete: see the error of syntax in or after it.`;
    return [{ code: 'syntax/incomplete', severity: 'error', message, where: placeOf(declaration) }];
}

/** Names that lead nowhere, in the words of the checks where those have been run. */
function unknownNames(declarations: readonly ast.Declaration[]): readonly Problem[] {
    const known = new Map<LangiumDocument, readonly Problem[]>();
    const problems: Problem[] = [];
    for (const declaration of declarations) {
        const document = AstUtils.getDocument(declaration);
        for (const node of AstUtils.streamAst(declaration)) {
            for (const { reference, property, index } of AstUtils.streamReferences(node)) {
                if (!reference.error || !reference.$refText) continue;
                const where = placeOf(node, index === undefined ? { property } : { property, index });
                const errors = known.get(document) ?? errorsOf(document);
                known.set(document, errors);
                const message = `There is nothing named \`${reference.$refText}\` that fits here.`;
                const same = errors.find((problem) => sameRange(problem.where, where));
                problems.push(same ?? { code: 'name/unknown', severity: 'error', message, where });
            }
        }
    }
    return problems;
}

function errorsOf(document: LangiumDocument): readonly Problem[] {
    const uri = document.uri.toString();
    return (document.diagnostics ?? [])
        .map((diagnostic) => toProblem(uri, diagnostic))
        .filter(({ severity }) => severity === 'error');
}

function sameRange(a: Place, b: Place): boolean {
    return a.start.line === b.start.line && a.start.character === b.start.character;
}
