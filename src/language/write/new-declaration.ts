/** Declarations that are put into a text: a name that is free, and the place before another declaration. */
import { type AstNode, AstUtils } from 'langium';
import * as ast from '../generated/ast.ts';

/** A name that the file does not use yet. */
export function unusedName(wanted: string, { declarations, imports }: ast.Spec): string {
    const taken = new Set<string>([
        ...declarations.flatMap((one) => ('name' in one && one.name ? [one.name] : [])),
        ...imports.flatMap(({ names }) => names.map(({ alias, target }) => alias ?? target.$refText)),
    ]);
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
    return name;
}

/** Where the declaration that a node is in begins: a comment directly above belongs to it. */
export function declarationStart(node: AstNode): number {
    const declaration = AstUtils.getContainerOfType(node, ast.isDeclaration)!;
    const { offset } = declaration.$cstNode!;
    const before = AstUtils.getDocument(node).textDocument.getText().slice(0, offset);
    const comment = /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/|\/\/[^\n]*)\s*$/.exec(before);
    return comment && !/\n\s*\n/.test(comment[0].slice(comment[1]!.length)) ? comment.index : offset;
}
