/** Problems as annotations of GitHub Actions: one line each, which the pull request shows at its place. */
import type { Problem, Severity } from '../plan/problem.ts';
import { fileName } from './problems.ts';

const LEVELS: Readonly<Record<Severity, string>> = {
    error: 'error',
    warning: 'warning',
    information: 'notice',
    hint: 'notice',
};

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
export function githubLines(problems: readonly Problem[]): string {
    return problems.map(lineOf).join('\n');
}

function lineOf({ where: { uri, start, end }, severity, code, message, fix }: Problem): string {
    const properties = {
        file: fileName(uri),
        line: start.line + 1,
        // Columns are of one line only.
        ...(end.line === start.line
            ? { col: start.character + 1, endColumn: Math.max(end.character, start.character + 1) }
            : { endLine: end.line + 1 }),
        title: code,
    };
    const list = Object.entries(properties).map(([name, value]) => `${name}=${escaped(`${value}`, /[%\r\n:,]/g)}`);
    const hint = fix ? ` (${fix.title})` : '';
    return `::${LEVELS[severity]} ${list.join(',')}::${escaped(message + hint, /[%\r\n]/g)}`;
}

function escaped(text: string, signs: RegExp): string {
    return text.replace(signs, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
