/** Clauses that are written into the text of a `generate`, with the ingredients that they need. */
import { type AstNode, GrammarUtils } from 'langium';
import * as ast from '../generated/ast.ts';
import { declarationStart } from './new-declaration.ts';
import type { SeedEdit } from './pin-seed.ts';

/** A clause that is to be written. */
export interface NewClause {
    /** Its text, one line. */
    readonly clause: string;
    /** Declarations that it needs, one per line. */
    readonly declarations: readonly string[];
}

/**
 * The edits that write a clause: in the place of the declaration's own clause of its kind where there can be only one, within
 * `expect` where there is one, else at the end of the block; the ingredients above the declaration.
 */
export function addClause(generate: ast.Generate, { clause, declarations }: NewClause): readonly SeedEdit[] {
    const node = generate.$cstNode;
    if (!node) return [];
    const start = declarationStart(generate);
    const above = declarations.length > 0 ? [{ start, end: start, text: `${declarations.join('\n')}\n\n` }] : [];
    return [...above, ...within(generate, clause)];
}

/** Clauses of which a later one replaces the one before. */
const SINGLE: Readonly<Record<string, (node: unknown) => boolean>> = {
    start: ast.isStartClause,
    mask: ast.isMaskClause,
    steps: ast.isStepsClause,
    guidance: ast.isGuidanceClause,
};

function within(generate: ast.Generate, clause: string): readonly SeedEdit[] {
    const [word = ''] = clause.split(' ');
    const old = generate.settings.find((one) => SINGLE[word]?.(one))?.$cstNode;
    if (old) return [{ start: old.offset, end: old.end, text: clause }];
    const expected = word === 'expect' ? generate.settings.find(ast.isExpectClause) : undefined;
    if (expected?.$cstNode) {
        const inner = /\{\s*(.*?)\s*\}/s.exec(clause)?.[1] ?? '';
        return appendToBlock(expected, inner, '        ');
    }
    return appendToBlock(generate, clause, '    ');
}

/** The edit that writes a line at the end of a block: on its own, or before the brace where the whole block is one line. */
export function appendToBlock(block: AstNode, line: string, indent: string): readonly SeedEdit[] {
    const node = block.$cstNode;
    if (!node) return [];
    const text = node.root.fullText;
    // While it is being written it may have no brace yet.
    const brace = GrammarUtils.findNodesForKeyword(node, '}').at(-1)?.offset ?? node.end;
    const begin = text.lastIndexOf('\n', brace - 1) + 1;
    if (begin > node.offset && text.slice(begin, brace).trim() === '') {
        return [{ start: begin, end: begin, text: `${indent}${line}\n` }];
    }
    const before = /\s$/.test(text.slice(0, brace)) ? '' : ' ';
    return [{ start: brace, end: brace, text: `${before}${line} ` }];
}
