/** Quick fixes: the edits that problems bring along. */
import type { CodeAction, Diagnostic } from 'vscode-languageserver';
import { CodeActionKind } from 'vscode-languageserver';
import type { Fix } from '../../../plan/problem.ts';
import type { ProblemData } from '../../validator.ts';

/** One action for each problem that can be mended. */
export function fixes(diagnostics: readonly Diagnostic[]): readonly CodeAction[] {
    return diagnostics.flatMap((diagnostic) => {
        const fix = fixOf(diagnostic);
        return fix ? [action(fix, diagnostic)] : [];
    });
}

export function fixOf({ data }: Diagnostic): Fix | undefined {
    return (data as ProblemData | undefined)?.fix;
}

function action({ title, where, newText }: Fix, diagnostic: Diagnostic): CodeAction {
    return {
        title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic],
        isPreferred: true,
        edit: { changes: { [where.uri]: [{ range: { start: where.start, end: where.end }, newText }] } },
    };
}
