/** Where a seed is written into the text of a `generate`. */
import { GrammarUtils } from 'langium';
import * as ast from '../generated/ast.ts';

/** A piece of the document's text, by offsets, and what is there with the seed. */
export interface SeedEdit {
    readonly start: number;
    readonly end: number;
    readonly text: string;
}

/** In place of the seeds that the declaration states, else as a clause of its own at its end; undefined where it has no text. */
export function pinSeed(generate: ast.Generate, seed: number): SeedEdit | undefined {
    const node = generate.$cstNode;
    if (!node) return undefined;
    const items = generate.settings.filter(ast.isSeedClause).flatMap((clause) => {
        const own = clause.items.flatMap(({ $cstNode }) => ($cstNode ? [$cstNode] : []));
        return own.length > 0 ? [own] : [];
    })[0];
    if (items) return { start: items[0]!.offset, end: items.at(-1)!.end, text: String(seed) };
    const text = node.root.fullText;
    // While it is being written the declaration may have no brace yet.
    const brace = GrammarUtils.findNodeForKeyword(node, '}')?.offset ?? node.end;
    const line = text.lastIndexOf('\n', brace - 1) + 1;
    // The closing brace has a line of its own, or the whole declaration is one line.
    if (line > node.offset && text.slice(line, brace).trim() === '')
        return { start: line, end: line, text: `    seed ${seed}\n` };
    const before = /\s$/.test(text.slice(0, brace)) ? '' : ' ';
    return { start: brace, end: brace, text: `${before}seed ${seed} ` };
}
