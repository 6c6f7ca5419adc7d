/** What a runnable needs, in the order to write it in: the settings in force, and the declarations that they name. */
import { type AstNode, AstUtils } from 'langium';
import * as ast from '../../generated/ast.ts';
import { effective, extendedBy, settingOf } from '../../meaning/inherit.ts';
import { weightSetsByParam } from '../../meaning/param-values.ts';

/** What is needed comes before what needs it; bases whose settings are written out where they are inherited are left out. */
export function ordered(runnable: ast.Runnable): readonly ast.Declaration[] {
    const done = new Set<ast.Declaration>();
    const begun = new Set<ast.Declaration>();
    const visit = (declaration: ast.Declaration) => {
        if (begun.has(declaration)) return;
        begun.add(declaration);
        for (const one of directly(declaration)) visit(one);
        done.add(declaration);
    };
    visit(runnable);
    return [...done];
}

/** The declarations that one names; of a generate those of its settings in force. */
function directly(declaration: ast.Declaration): readonly ast.Declaration[] {
    const nodes: readonly AstNode[] = ast.isGenerate(declaration) ? clausesInForce(declaration, true) : [declaration];
    const own =
        ast.isGenerate(declaration) && widens(declaration)
            ? [extendedBy(declaration)].filter((one) => one !== undefined)
            : [];
    const named = nodes
        .flatMap((node) => AstUtils.streamAst(node).flatMap(AstUtils.streamReferences).toArray())
        .map(({ reference }) => ('ref' in reference ? reference.ref : undefined))
        .concat(nodes.flatMap((node) => AstUtils.streamAst(node).flatMap(weightSetsByParam).toArray()))
        .filter((node): node is ast.Declaration => ast.isDeclaration(node) && !ast.isCatalogue(node));
    return [...own, ...named];
}

/** What a generate is made with, whichever of its bases wrote it. */
export function clausesInForce(generate: ast.Generate, isRun: boolean): readonly ast.Setting[] {
    return effective(generate)
        .filter(({ setting, from }) => !ast.isExpectClause(setting) || (isRun && from === generate))
        .map(({ setting }) => setting);
}

/** An outpainting without a picture of its own widens that of its base. */
export function widens(generate: ast.Generate): boolean {
    const settings = effective(generate);
    return (
        settingOf(settings, ast.isOutpaintClause) !== undefined && settingOf(settings, ast.isStartClause) === undefined
    );
}
