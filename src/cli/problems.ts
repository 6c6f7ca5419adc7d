/** Problems on the terminal: where, what, and the line they are in. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Problem } from '../plan/problem.ts';

/** As compilers write them, `file:line:column severity code: message`, with the line and a mark beneath. */
export function describeProblems(problems: readonly Problem[]): string {
    return problems.map(describe).join('\n\n');
}

function describe({ where, severity, code, message, fix }: Problem): string {
    const { line, character } = where.start;
    const file = where.uri.startsWith('file:') ? fileURLToPath(where.uri) : where.uri;
    const head = `${relative(process.cwd(), file) || file}:${line + 1}:${character + 1} ${severity} ${code}: ${message}`;
    const text = lineOf(file, line);
    const lines = [head];
    if (text !== undefined) {
        const end = where.end.line === line ? where.end.character : text.length;
        lines.push(`    ${text}`, `    ${' '.repeat(character)}${'^'.repeat(Math.max(1, end - character))}`);
    }
    if (fix) lines.push(`    fix: ${fix.title}`);
    return lines.join('\n');
}

function lineOf(file: string, line: number): string | undefined {
    try {
        return readFileSync(file, 'utf8').split(/\r?\n/)[line]?.replaceAll('\t', ' ');
    } catch {
        return undefined;
    }
}
