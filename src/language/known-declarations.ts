/** Problems of all that a runnable needs. Each declaration is looked at once, for however many runnables need it. */
import { AstUtils, type LangiumDocument } from 'langium';
import type { Place, Position, Problem } from '../plan/problem.ts';
import { checkDeclaration, checkFiles, checkVersion } from './checks/all.ts';
import { type ForeignClause, foreignClauses, withoutHabits } from './checks/elsewhere.ts';
import { syntaxProblems } from './checks/syntax.ts';
import type * as ast from './generated/ast.ts';
import type { FileAccess } from './host/files.ts';
import { failedImportOf } from './linking/imports.ts';
import type { Needs } from './meaning/uses.ts';
import { isWhole } from './meaning/whole.ts';
import { placeOf } from './place.ts';
import { remembered } from './remembered.ts';
import { toProblem } from './validator.ts';

/** What was found out about declarations: true as long as no document and no file changes. */
export class KnownDeclarations {
    readonly needs: Needs = new Map();
    readonly #files: FileAccess | undefined;
    readonly #problems = new Map<ast.Declaration, readonly Problem[]>();
    /** Those without problems, and whole. */
    readonly #sound = new Set<ast.Declaration>();
    readonly #foreign = new Map<LangiumDocument, readonly ForeignClause[]>();
    readonly #documents = new Map<LangiumDocument, DocumentProblems>();

    constructor(files: FileAccess | undefined) {
        this.#files = files;
    }

    /** Syntax, names, checks and files of what is needed: errors and warnings. */
    problemsOf(needed: readonly ast.Declaration[]): readonly Problem[] {
        const documents = new Set(
            [...new Set(needed.map((node) => node.$container))].map((spec) => AstUtils.getDocument(spec)),
        );
        const known = [...documents].map((document) => this.#ofDocument(document));
        const syntax = known.flatMap(({ syntax: all, document }) => syntaxNear(all, document, needed));
        const unsound = needed.filter((node) => !this.#isSound(node));
        const problems = [
            ...(syntax.length > 0 ? syntax : unsound.flatMap(incomplete)),
            ...known.flatMap(({ version }) => version),
            ...unsound.flatMap((node) => this.#look(node)),
        ];
        const foreign = (document: LangiumDocument) => remembered(this.#foreign, document, foreignClauses);
        return [...documents].reduce(
            (left: readonly Problem[], document) => withoutHabits(document, left, foreign),
            problems,
        );
    }

    /** Most declarations are whole and have no problem: they are no work from the second time on. */
    #isSound(node: ast.Declaration): boolean {
        if (this.#sound.has(node)) return true;
        if (!isWhole(node) || this.#look(node).length > 0) return false;
        this.#sound.add(node);
        return true;
    }

    #look(declaration: ast.Declaration): readonly Problem[] {
        return remembered(this.#problems, declaration, (one) => this.#find(one));
    }

    #find(declaration: ast.Declaration): readonly Problem[] {
        const document = this.#ofDocument(AstUtils.getDocument(declaration));
        return [
            ...(document.hasUnknownNames ? unknownNames(declaration, document) : []),
            ...checkDeclaration(declaration),
            ...(this.#files ? checkFiles(declaration, this.#files) : []),
        ].filter(isSerious);
    }

    #ofDocument(document: LangiumDocument): DocumentProblems {
        return remembered(this.#documents, document, problemsOfDocument);
    }
}

function isSerious({ severity }: Problem): boolean {
    return severity === 'error' || severity === 'warning';
}

interface DocumentProblems {
    readonly document: LangiumDocument;
    readonly syntax: readonly Problem[];
    /** A version that is not known changes what everything in the file means. */
    readonly version: readonly Problem[];
    readonly hasUnknownNames: boolean;
    /** Errors that the checks of the whole document found, if they have been run: all, and the first of each place. */
    readonly errors: readonly Problem[];
    readonly errorAt: ReadonlyMap<string, Problem>;
}

function problemsOfDocument(document: LangiumDocument): DocumentProblems {
    const { version } = document.parseResult.value as ast.Spec;
    const uri = document.uri.toString();
    const diagnostics = (document.diagnostics ?? []).map((diagnostic) => toProblem(uri, diagnostic));
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    return {
        document,
        syntax: syntaxProblems(document),
        version: version ? checkVersion(version) : [],
        hasUnknownNames: document.references.some(({ error }) => error !== undefined),
        errors,
        errorAt: new Map([...errors].reverse().map((problem) => [startOf(problem.where), problem])),
    };
}

/** Errors of syntax within what is needed. Others are reported where they are; they don't prevent it. */
function syntaxNear(
    problems: readonly Problem[],
    document: LangiumDocument,
    needed: readonly ast.Declaration[],
): readonly Problem[] {
    if (problems.length === 0) return [];
    const ranges = needed.filter((node) => AstUtils.getDocument(node) === document).map((node) => placeOf(node));
    return problems.filter(({ where }) =>
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
function unknownNames(declaration: ast.Declaration, { errors, errorAt }: DocumentProblems): readonly Problem[] {
    const problems: Problem[] = [];
    for (const node of AstUtils.streamAst(declaration)) {
        for (const { reference, property, index } of AstUtils.streamReferences(node)) {
            if (!reference.error || !reference.$refText) continue;
            const where = placeOf(node, index === undefined ? { property } : { property, index });
            const message = `There is nothing named \`${reference.$refText}\` that fits here.`;
            const borrowed = failedImportOf(reference.$refText, node);
            const unknown: Problem = { code: 'name/unknown', severity: 'error', message, where };
            const said = borrowed && errors.filter((problem) => isWithin(problem.where, placeOf(borrowed)));
            if (said && said.length > 0) problems.push(...said);
            else problems.push((!borrowed && errorAt.get(startOf(where))) || unknown);
        }
    }
    return problems;
}

function isWithin({ start }: Place, whole: Place): boolean {
    const isAfter = ({ line, character }: Position) =>
        start.line > line || (start.line === line && start.character >= character);
    return isAfter(whole.start) && !isAfter(whole.end);
}

function startOf({ start }: Place): string {
    return `${start.line}:${start.character}`;
}
