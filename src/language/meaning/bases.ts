/** What a generate extends: another generate, and named settings. */
import type { Reference } from 'langium';
import * as ast from '../generated/ast.ts';

/** The generate that another one extends. */
export function extendedBy(generate: ast.Generate | undefined): ast.Generate | undefined {
    return generate?.bases.map(({ ref }) => ref).find(ast.isGenerate);
}

/** Where it is named. */
export function baseReference(generate: ast.Generate | undefined): Reference<ast.Base> | undefined {
    return generate?.bases.find(({ ref }) => ast.isGenerate(ref)) ?? generate?.bases[0];
}
