/** Quick fixes: the edits that problems bring along. */
import type { CodeAction, Diagnostic, TextEdit } from 'vscode-languageserver';
import { CodeActionKind } from 'vscode-languageserver';
import { editsOf, type Fix, type TextChange } from '../../../plan/problem.ts';
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

function action(fix: Fix, diagnostic: Diagnostic): CodeAction {
    return {
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [diagnostic],
        isPreferred: true,
        edit: { changes: { [fix.where.uri]: editsOf(fix).map(edit) } },
    };
}

function edit({ where: { start, end }, newText }: TextChange): TextEdit {
    return { range: { start, end }, newText };
}
