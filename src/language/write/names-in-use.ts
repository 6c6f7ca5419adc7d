/** The names that a parsed text has in use, for what is written to join it. */
import { CstUtils, GrammarUtils } from 'langium';
import * as ast from '../generated/ast.ts';
import type { NameInUse } from './ingredients.ts';

/** Names of all declarations and imports; where an ingredient is one line, also its value as `Ingredients` writes it. */
export function namesInUse(spec: ast.Spec): readonly NameInUse[] {
    const borrowed = spec.imports.flatMap(({ names }) =>
        names.flatMap(({ target, alias }) => [target?.$refText, alias].filter(isThere).map((name) => ({ name }))),
    );
    return [...borrowed, ...spec.declarations.flatMap(ofDeclaration)];
}

function ofDeclaration(node: ast.Declaration): readonly NameInUse[] {
    if (ast.isUnknownDeclaration(node)) return node.word ? [{ name: node.word }] : [];
    if (!isThere(node.name)) return [];
    const value = declaredValue(node);
    return [{ name: node.name, ...(value && { declares: value }) }];
}

/** The keyword and what is behind the `=`, its tokens a space apart; undefined where the declaration is a block. */
function declaredValue(node: ast.Declaration): string | undefined {
    const equals = GrammarUtils.findNodeForKeyword(node.$cstNode, '=');
    if (!node.$cstNode || !equals) return undefined;
    const tokens = CstUtils.flattenCst(node.$cstNode)
        .filter(({ hidden }) => !hidden)
        .toArray();
    const value = tokens.filter(({ offset }) => offset >= equals.end);
    return [tokens[0], ...value].map((token) => token?.text).join(' ');
}

function isThere(name: string | undefined): name is string {
    return name !== undefined && name !== '';
}
