/** Problems of a document, in Langium's stages: syntax and names at once, checks on each change, files when idle. */
import {
    Cancellation,
    type DocumentValidator,
    interruptAndCheck,
    type LangiumCoreServices,
    type LangiumDocument,
    type ValidationOptions,
} from 'langium';
import type { Fix, Problem, Severity } from '../plan/problem.ts';
import { checkFiles, checkSpec } from './checks/all.ts';
import { withoutHabits } from './checks/elsewhere.ts';
import { nameProblems } from './checks/names.ts';
import { syntaxProblems } from './checks/syntax.ts';
import { isSpec } from './generated/ast.ts';
import type { FileAccess } from './host/files.ts';
import { LIBRARY_SCHEME } from './library/library.ts';
import { reported } from './place.ts';

type Diagnostic = Awaited<ReturnType<DocumentValidator['validateDocument']>>[number];

/** What the language's services need beyond Langium's: the files, where there are any. */
export interface SpecAddedServices {
    readonly spec: { readonly Files: FileAccess | undefined };
}

/** Beside the code, what a quick fix needs. */
export interface ProblemData {
    readonly code: string;
    readonly fix?: Fix;
}

export class SpecValidator implements DocumentValidator {
    readonly #services: LangiumCoreServices & SpecAddedServices;

    constructor(services: LangiumCoreServices & SpecAddedServices) {
        this.#services = services;
    }

    async validateDocument(
        document: LangiumDocument,
        { categories = ['built-in', 'fast', 'slow'] }: ValidationOptions = {},
        cancel = Cancellation.CancellationToken.None,
    ): Promise<Diagnostic[]> {
        const spec = document.parseResult.value;
        if (document.uri.scheme === LIBRARY_SCHEME || !isSpec(spec)) return [];
        const problems: Problem[] = [];
        if (categories.includes('built-in')) {
            problems.push(...syntaxProblems(document), ...nameProblems(document, this.#services));
        }
        await interruptAndCheck(cancel);
        if (categories.includes('fast')) problems.push(...checkSpec(spec, this.#services.shared));
        await interruptAndCheck(cancel);
        const files = this.#services.spec.Files;
        if (categories.includes('slow') && files) problems.push(...checkFiles(spec, files));
        return reported(withoutHabits(document, problems)).map(toDiagnostic);
    }
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'information', 'hint'];

function toDiagnostic({ code, severity, message, where, fix }: Problem): Diagnostic {
    const data: ProblemData = { code, ...(fix ? { fix } : {}) };
    return {
        code,
        message,
        severity: (SEVERITIES.indexOf(severity) + 1) as 1 | 2 | 3 | 4,
        range: { start: where.start, end: where.end },
        source: 'sdspec',
        // Editors grey out what is unused.
        ...(code === 'name/unused' ? { tags: [1] } : {}),
        data,
    };
}

export function toProblem(uri: string, { code, message, severity = 1, range, data }: Diagnostic): Problem {
    const fix = (data as ProblemData | undefined)?.fix;
    return {
        code: String(code ?? 'syntax/unexpected'),
        severity: SEVERITIES[severity - 1] ?? 'error',
        message: typeof message === 'string' ? message : message.value,
        where: { uri, start: range.start, end: range.end },
        ...(fix ? { fix } : {}),
    };
}
