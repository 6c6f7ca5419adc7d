/** Problems on the terminal: where, what, and the line they are in. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Problem } from '../plan/problem.ts';
import { type SpecText, STDIN } from './specs.ts';

/** As compilers write them, `file:line:column severity code: message`, with the line and a mark beneath. */
export function describeProblems(problems: readonly Problem[], stdin?: SpecText): string {
    return problems.map((problem) => describe(problem, stdin)).join('\n\n');
}

function describe({ where, severity, code, message, fix }: Problem, stdin: SpecText | undefined): string {
    const { line, character } = where.start;
    const head = `${fileName(where.uri)}:${line + 1}:${character + 1} ${severity} ${code}: ${message}`;
    const text = lineOf(where.uri, line, stdin);
    const lines = [head];
    if (text !== undefined) {
        const end = where.end.line === line ? where.end.character : text.length;
        lines.push(`    ${text}`, `    ${' '.repeat(character)}${'^'.repeat(Math.max(1, end - character))}`);
    }
    if (fix) lines.push(`    fix: ${fix.title}`);
    return lines.join('\n');
}

/** A file as one would name it here. */
export function fileName(uri: string): string {
    if (!uri.startsWith('file:')) return uri;
    const file = fileURLToPath(uri);
    if (file === STDIN.file) return STDIN.name;
    return relative(process.cwd(), file) || file;
}

function lineOf(uri: string, line: number, stdin: SpecText | undefined): string | undefined {
    if (!uri.startsWith('file:')) return undefined;
    const file = fileURLToPath(uri);
    try {
        const text = stdin && file === stdin.file ? stdin.text : readFileSync(file, 'utf8');
        return text.split(/\r?\n/)[line]?.replaceAll('\t', ' ');
    } catch {
        return undefined;
    }
}
