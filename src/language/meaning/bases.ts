/** What a generate extends: another generate, and named settings. */
import type { Reference } from 'langium';
import * as ast from '../generated/ast.ts';

/** The generate that another one extends. Completion asks about generates that are being typed, which have no bases yet. */
export function extendedBy(generate: ast.Generate | undefined): ast.Generate | undefined {
    const bases: readonly Reference<ast.Base>[] = generate?.bases ?? [];
    return bases.map(({ ref }) => ref).find(ast.isGenerate);
}

/** Where it is named. */
export function baseReference(generate: ast.Generate | undefined): Reference<ast.Base> | undefined {
    return generate?.bases.find(({ ref }) => ast.isGenerate(ref)) ?? generate?.bases[0];
}
