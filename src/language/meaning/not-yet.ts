/** What the language has and the runtime does not carry out yet. The one list: an entry goes when its feature comes. */
import type { AstNode } from 'langium';

export type NotYet = string;

interface Entry {
    readonly what: NotYet;
    readonly is: (node: AstNode) => boolean;
    /** What is missing, and what to do meanwhile. */
    readonly message: string;
}

export const NOT_YET: readonly Entry[] = [];

/** Why a node can't be run yet; undefined where it can. */
export function notYet(node: AstNode): Entry | undefined {
    return NOT_YET.find(({ is }) => is(node));
}
