/** Comments, messages and docs are plain technical English: the words below have plainer ones. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** What not to write, and what to write instead. */
const WORDS: readonly (readonly [RegExp, string])[] = [
    [/\b(tells?|told|telling)\b/i, 'say, report, print, show'],
    [/\b(hears?|heard)\b/i, 'receive, handle'],
    [/\b(stands?|stood)\b(?! for\b)/i, 'is'],
    [/\b(lies?)\b(?! (between|inside|within)\b)/i, 'is, is stored in'],
    [/\bwhoever\b/i, 'callers, the user'],
    [/\b(somebody|nobody)\b/i, 'the user, no one, or the passive'],
    [/\banew\b/i, 'again'],
    [/\blest\b/i, 'otherwise'],
    [/\b(go|goes|went|gone) on\b/i, 'continue; running'],
    [/\bwhat came is kept\b/i, 'the part already downloaded is kept'],
    [
        /\b(one|two|rows|pictures|calls|seconds|passes) an? (seed|picture|row|batch|cell|second|file|line|word)\b/i,
        'one per seed',
    ],
    [/\b(breathes?|thereof|hereby|wherein|betwixt|ere|naught)\b/i, 'a plain word'],
];

/** Tests of words have to write them. */
const ITSELF = 'test/words.test.ts';

interface Text {
    readonly line: number;
    readonly text: string;
}

function linesOf(text: string, first: number): readonly Text[] {
    return text.split('\n').map((one, index) => ({ line: first + index, text: one }));
}

/** Comments and strings of a TypeScript file. */
function proseOf(file: string, source: string): readonly Text[] {
    const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
    const lineOf = (position: number) => parsed.getLineAndCharacterOfPosition(position).line + 1;
    const found: Text[] = [];
    const seen = new Set<number>();
    const visit = (node: ts.Node) => {
        for (const comment of ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []) {
            if (seen.has(comment.pos)) continue;
            seen.add(comment.pos);
            found.push(...linesOf(source.slice(comment.pos, comment.end), lineOf(comment.pos)));
        }
        const isImport = node.parent && (ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent));
        if ((ts.isStringLiteral(node) && !isImport) || ts.isTemplateLiteralToken(node) || ts.isJsxText(node)) {
            // Single words are names of commands, settings and classes.
            if (/\s/.test(node.text.trim())) found.push(...linesOf(node.text, lineOf(node.getStart())));
        }
        node.getChildren(parsed).forEach(visit);
    };
    visit(parsed);
    return found;
}

const FILES = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter((file) => /^(src|scripts|test|training)\/.*\.(tsx?|mjs)$|^(docs\/.*|[A-Z]+)\.md$/.test(file))
    .filter((file) => !file.includes('/generated/') && file !== ITSELF);

it('are plain', () => {
    const found = FILES.flatMap((file) => {
        const source = readFileSync(join(ROOT, file), 'utf8');
        const prose = file.endsWith('.md') ? linesOf(source, 1) : proseOf(file, source);
        return prose.flatMap(({ line, text }) =>
            WORDS.filter(([word]) => word.test(text)).map(
                ([word, instead]) => `${file}:${line}: "${word.exec(text)![0]}" (write: ${instead})`,
            ),
        );
    });
    expect(found).toEqual([]);
});
