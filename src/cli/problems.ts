/** Problems on the terminal: where, what, and the line they are in. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Problem } from '../plan/problem.ts';
import { type SpecText, STDIN } from './specs.ts';

/** As compilers write them, `file:line:column severity code: message`, with the line and a mark beneath. */
export function describeProblems(problems: readonly Problem[], stdin?: SpecText): string {
    const texts = new Map<string, readonly string[]>();
    const linesOf = (uri: string) => {
        const lines = texts.get(uri) ?? readLines(uri, stdin);
        texts.set(uri, lines);
        return lines;
    };
    return problems.map((problem) => describe(problem, linesOf)).join('\n\n');
}

function describe(
    { where, severity, code, message, fix }: Problem,
    linesOf: (uri: string) => readonly string[],
): string {
    const { line, character } = where.start;
    const head = `${fileName(where.uri)}:${line + 1}:${character + 1} ${severity} ${code}: ${message}`;
    const text = linesOf(where.uri)[line];
    const lines = [head];
    if (text !== undefined)
        lines.push(...marked(text, character, where.end.line === line ? where.end.character : text.length));
    if (fix) lines.push(`    fix: ${fix.title}`);
    return lines.join('\n');
}

/** Of longer lines only the part around the problem is shown. */
const SHOWN = 160;

/** A line, and marks under some of its characters. */
function marked(text: string, start: number, end: number): readonly string[] {
    const from = text.length <= SHOWN ? 0 : Math.max(0, Math.min(start - SHOWN / 4, text.length - SHOWN));
    const to = Math.min(text.length, from + SHOWN);
    const [before, after] = [from > 0 ? '…' : '', to < text.length ? '…' : ''];
    const marks = '^'.repeat(Math.max(1, Math.min(end, to) - start));
    return [
        `    ${before}${text.slice(from, to).replaceAll('\t', ' ')}${after}`,
        `    ${' '.repeat(before.length + start - from)}${marks}`,
    ];
}

/** A file as one would name it here. */
export function fileName(uri: string): string {
    if (!uri.startsWith('file:')) return uri;
    const file = fileURLToPath(uri);
    if (file === STDIN.file) return STDIN.name;
    return relative(process.cwd(), file) || file;
}

/** The lines of a file; none where it can't be read. */
function readLines(uri: string, stdin: SpecText | undefined): readonly string[] {
    if (!uri.startsWith('file:')) return [];
    const file = fileURLToPath(uri);
    try {
        const text = stdin && file === stdin.file ? stdin.text : readFileSync(file, 'utf8');
        return text.split(/\r?\n/);
    } catch {
        return [];
    }
}
