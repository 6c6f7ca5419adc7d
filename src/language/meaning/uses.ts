/** Uses: which declarations a runnable needs, across files. */
import { type AstNode, AstUtils } from 'langium';
import * as ast from '../generated/ast.ts';
import { remembered } from '../remembered.ts';
import { weightSetsByParam } from './param-values.ts';

/** Which declarations each one names itself, as far as they were looked up; true while no document changes. */
export type Needs = Map<ast.Declaration, ReadonlySet<ast.Declaration>>;

/** A runnable, or another declaration, and every declaration that it needs, directly or by way of others, but for the library's. */
export function neededBy(runnable: ast.Declaration, needs: Needs = new Map()): readonly ast.Declaration[] {
    const found = new Set<ast.Declaration>([runnable]);
    for (const declaration of found) {
        for (const one of remembered(needs, declaration, (one) => namedIn(one))) found.add(one);
    }
    return [...found];
}

/**
 * Some declarations and all that they read, directly or by way of others that are followed: a param that is only set, by
 * `with`, is not read.
 */
export function readBy(
    declarations: readonly ast.Declaration[],
    isFollowed: (one: ast.Declaration) => boolean = () => true,
): ReadonlySet<ast.Declaration> {
    const found = new Set(declarations);
    for (const declaration of found)
        for (const one of namedIn(declaration, (node) => !ast.isParamBinding(node)))
            if (isFollowed(one)) found.add(one);
    return found;
}

function namedIn(
    declaration: ast.Declaration,
    names: (node: AstNode) => boolean = () => true,
): ReadonlySet<ast.Declaration> {
    const found = new Set<ast.Declaration>();
    for (const node of AstUtils.streamAst(declaration)) {
        if (!names(node)) continue;
        for (const set of weightSetsByParam(node)) found.add(set);
        for (const { reference } of AstUtils.streamReferences(node)) {
            const target = 'ref' in reference ? declarationOf(reference.ref) : undefined;
            if (target && !ast.isCatalogue(target)) found.add(target);
        }
    }
    return found;
}

/** The declaration that a node is in, or is. */
export function declarationOf(node: AstNode | undefined): ast.Declaration | undefined {
    let at = node;
    while (at && !ast.isSpec(at.$container)) at = at.$container;
    return ast.isDeclaration(at) ? at : undefined;
}
