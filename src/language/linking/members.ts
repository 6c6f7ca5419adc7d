/** What a generate has by name: the members of its ensemble and its clauses with names, found along `extends`. */

import {
    type Generate,
    isControlClause,
    isEnsemble,
    isInfuseClause,
    isNamedSettings,
    isPromptClause,
    isWithoutClause,
    type Member,
    type NamedClause,
} from '../generated/ast.ts';
import { extendedBy } from '../meaning/inherit.ts';

export function membersOf(generate: Generate | undefined): readonly Member[] {
    for (const at of upwards(generate)) {
        const clause = at.settings.filter(isPromptClause).at(-1);
        if (!clause) continue;
        const source = clause.source?.ref;
        return isEnsemble(source) ? source.members : [];
    }
    return [];
}

/** The clauses in force that have names. Reads no reference but those to bases: names are not linked yet. */
export function namedClausesOf(generate: Generate | undefined): readonly NamedClause[] {
    const named = new Map<string, NamedClause>();
    for (const at of [...upwards(generate)].reverse()) {
        const settings = [...at.bases.flatMap(({ ref }) => (isNamedSettings(ref) ? ref.settings : [])), ...at.settings];
        for (const clause of settings.filter(isWithoutClause)) named.delete(clause.clause?.$refText ?? '');
        for (const setting of settings) {
            if ((isInfuseClause(setting) || isControlClause(setting)) && setting.name) named.set(setting.name, setting);
        }
    }
    return [...named.values()];
}

/** The generate and its bases, the nearest first. */
function* upwards(generate: Generate | undefined): Iterable<Generate> {
    const seen = new Set<Generate>();
    for (let at = generate; at && !seen.has(at); at = extendedBy(at)) {
        seen.add(at);
        yield at;
    }
}
