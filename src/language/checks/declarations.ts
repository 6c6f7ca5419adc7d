/** Declarations: names that are taken, names that no one uses, words that are the library's. */

import { type AstNode, AstUtils, type IndexManager } from 'langium';
import * as ast from '../generated/ast.ts';
import { weightSetsByParam } from '../meaning/param-values.ts';
import { isWhole } from '../meaning/whole.ts';
import { type Report, removeLine } from '../place.ts';
import type { Checks } from './check.ts';

export const declarationChecks: Checks = {
    Spec: reportTaken,
    Layer: (layer, report) => libraryOnly(layer, 'Layers', report),
    Sampler: (sampler, report) => libraryOnly(sampler, 'Samplers', report),
    Schedule: (schedule, report) => libraryOnly(schedule, 'Schedules', report),
    Prompt: (prompt, report) => {
        if (prompt.phrases.length > 0) return;
        report('prompt/empty', 'warning', 'This prompt has no words: write them in quotes.', prompt, {
            property: 'name',
        });
    },
};

function reportTaken(spec: ast.Spec, report: Report): void {
    const taken = new Map<string, string>();
    const take = (name: string | undefined, what: string, node: AstNode, property: string) => {
        if (!name) return;
        const before = taken.get(name);
        if (before) {
            const message = `The name \`${name}\` is taken: ${before}. Choose another one.`;
            report('name/taken', 'error', message, node, { property });
        } else taken.set(name, `${what} ${lineOf(node)}`);
    };
    for (const { names } of spec.imports) {
        for (const name of names.filter(isWhole)) {
            take(name.alias ?? name.target.$refText, 'it is imported in line', name, name.alias ? 'alias' : 'target');
        }
    }
    for (const declaration of spec.declarations) {
        if (ast.isUnknownDeclaration(declaration)) continue;
        take(declaration.name, 'it is declared in line', declaration, 'name');
    }
}

function lineOf(node: AstNode): string {
    return String((node.$cstNode?.range.start.line ?? 0) + 1);
}

/**
 * Ingredients that nothing in their file and in the files that import it uses. Files that declare no runnable are there
 * to be imported: nothing in them counts as unused.
 */
export function checkUnused(spec: ast.Spec, index: IndexManager, report: Report): void {
    if (!spec.declarations.some(ast.isRunnable)) return;
    const used = new Set<AstNode>();
    const usedNames = new Set<string>();
    for (const reference of AstUtils.getDocument(spec).references) {
        if (!('ref' in reference) || reference.$refNode?.astNode.$type === 'ImportedName') continue;
        usedNames.add(reference.$refText);
        if (reference.ref) used.add(reference.ref);
    }
    for (const node of AstUtils.streamAst(spec)) for (const set of weightSetsByParam(node)) used.add(set);
    for (const declaration of spec.declarations) {
        if (!ast.isIngredient(declaration) || !declaration.name || ast.isParam(declaration)) continue;
        if (used.has(declaration) || isImported(declaration, index)) continue;
        const message = `\`${declaration.name}\` is not used.`;
        report('name/unused', 'hint', message, declaration, {
            property: 'name',
            fix: removeLine(`Remove \`${declaration.name}\``, declaration),
        });
    }
    for (const borrowed of spec.imports) {
        for (const name of borrowed.names.filter(isWhole)) {
            if (usedNames.has(name.alias ?? name.target.$refText)) continue;
            const message = `\`${name.alias ?? name.target.$refText}\` is imported, but not used.`;
            const fix = borrowed.names.length === 1 ? removeLine('Remove the import', borrowed) : undefined;
            report('name/unused', 'hint', message, name, fix ? { fix } : {});
        }
    }
}

/** Whether another file that is open or in the workspace names the declaration. */
function isImported(declaration: ast.Ingredient, index: IndexManager): boolean {
    const path = `/declarations@${declaration.$containerIndex}`;
    return index.findAllReferences(declaration, path).some(({ local }) => !local);
}

function libraryOnly(node: AstNode, what: string, report: Report): void {
    if (AstUtils.getDocument(node).uri.scheme === 'builtin') return;
    report('library/only', 'error', `${what} are declared by the built-in library: use the ones that it has.`, node);
}
