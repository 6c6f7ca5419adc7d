/** The members of the ensemble that a generate paints, found along `extends`. */
import { type Generate, isEnsemble, isPromptClause, type Member } from '../generated/ast.ts';

export function membersOf(generate: Generate | undefined): readonly Member[] {
    const seen = new Set<Generate>();
    for (let at = generate; at && !seen.has(at); at = at.base?.ref) {
        seen.add(at);
        const clause = at.settings.filter(isPromptClause).at(-1);
        if (!clause) continue;
        const source = clause.source?.ref;
        return isEnsemble(source) ? source.members : [];
    }
    return [];
}
