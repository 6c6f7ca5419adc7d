/** Whole nodes: what the parser could read to its end. While somebody types, trees have holes that their types deny. */
import { type AstNode, AstUtils } from 'langium';
import { reflection } from './generated/ast.ts';

const KNOWN = new WeakMap<AstNode, boolean>();

/** Whether a node and all that it contains have everything that their types promise. */
export function isWhole(node: AstNode): boolean {
    const known = KNOWN.get(node);
    if (known !== undefined) return known;
    const whole = reflection.isComplete(node) && AstUtils.streamContents(node).every(isWhole);
    KNOWN.set(node, whole);
    return whole;
}

/** Whether a node itself has what its type promises; what it contains may have holes. */
export function isComplete(node: AstNode): boolean {
    return reflection.isComplete(node);
}
