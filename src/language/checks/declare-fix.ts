/** The declaration that a name lacks, as a fix: written above the declaration that uses the name. */
import { type AstNode, AstUtils } from 'langium';
import type { Fix } from '../../plan/problem.ts';
import * as ast from '../generated/ast.ts';
import { BUILTIN_MODELS } from '../meaning/models.ts';
import { exampleFor } from '../meaning/quantities.ts';
import { placeAt } from '../place.ts';
import { declarationStart } from '../write/new-declaration.ts';

/** Declares `name` as what is needed there; undefined for kinds of which nothing can be guessed. */
export function declareFix(kind: string, name: string, user: AstNode): Fix | undefined {
    const text = kind === 'param' ? paramFor(name, user) : declarationOf(kind, name);
    const declaration = AstUtils.getContainerOfType(user, ast.isDeclaration);
    if (!text || !declaration?.$cstNode) return undefined;
    const document = AstUtils.getDocument(user);
    const at = document.textDocument.positionAt(declarationStart(user));
    const gap = ast.isRunnable(declaration) || /\n/.test(declaration.$cstNode.text) ? '\n\n' : '\n';
    return {
        title: `Declare ${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${text.split(' ')[0]} \`${name}\``,
        where: placeAt(document.uri.toString(), { start: at, end: at }),
        newText: `${text}${gap}`,
    };
}

/** With a value that fits where the param is used. */
function paramFor(name: string, user: AstNode): string {
    const value = ast.isQuantity(user)
        ? exampleFor(user)
        : ast.isParamAmount(user)
          ? '1'
          : ast.isSizeClause(user)
            ? '512x512'
            : ast.isGridClause(user)
              ? '16x16'
              : ast.isPaperClause(user)
                ? '30x40cm'
                : `"${name.replaceAll('-', ' ')}"`;
    return `param ${name} = ${value}`;
}

function declarationOf(kind: string, name: string): string | undefined {
    switch (kind) {
        case 'model':
            return `model ${name} = "builtin:${name in BUILTIN_MODELS ? name : 'sketch'}"`;
        case 'image or generate':
        case 'image':
            return `image ${name} = "./${name}.png"`;
        case 'prompt or ensemble':
        case 'prompt':
            return `prompt ${name} = "${name.replaceAll('-', ' ')}"`;
        case 'set of weights':
            return `weights ${name} {\n    mid 0.1\n}`;
        case 'set of layers':
            return `layers ${name} = mid`;
        default:
            return undefined;
    }
}
