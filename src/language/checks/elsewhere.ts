/** Clauses as other tools write them: one problem with the clause that is meant, in the place of several about its pieces. */
import type { LangiumDocument } from 'langium';
import type { Fix, Place, Problem } from '../../plan/problem.ts';
import { placeAt } from '../place.ts';
import type { Meant } from './habit.ts';
import { HABITS } from './habits.ts';

/** What is said of pieces of clauses that the language does not have. */
const PIECES: ReadonlySet<string> = new Set([
    'syntax/character',
    'syntax/unexpected',
    'string/unclosed',
    'setting/unknown',
    'setting/value',
    'declaration/unknown',
    'name/unknown',
    'name/kind',
]);

/** A clause that another tool would take, where it is, and what is said of it. */
export interface ForeignClause {
    readonly where: Place;
    readonly problem: Problem;
}

/** The problems, with those about pieces of a foreign clause replaced by one about all of it. */
export function withoutHabits(
    document: LangiumDocument,
    problems: readonly Problem[],
    foreign: (document: LangiumDocument) => readonly ForeignClause[] = foreignClauses,
): readonly Problem[] {
    if (!problems.some(({ code }) => PIECES.has(code))) return problems;
    let left = problems;
    for (const { where, problem } of foreign(document)) {
        if (!left.some((one) => PIECES.has(one.code) && isWithin(one, where))) continue;
        left = [...left.filter((one) => !isWithin(one, where)), problem];
    }
    return left;
}

/** All that looks like a clause of another tool; some of it may be right where it is. */
export function foreignClauses(document: LangiumDocument): readonly ForeignClause[] {
    const written = document.textDocument.getText();
    const text = blanked(written);
    const uri = document.uri.toString();
    return HABITS.flatMap(({ pattern, meant }) =>
        [...text.matchAll(pattern)].flatMap((match) => {
            const said = meant(match, written.slice(match.index, match.index + match[0].length));
            if (!said) return [];
            const placeTo = (length: number) =>
                placeAt(uri, {
                    start: document.textDocument.positionAt(match.index),
                    end: document.textDocument.positionAt(match.index + length),
                });
            const { length } = match[0];
            return [{ where: placeTo(length), problem: problemOf(said, placeTo(said.length ?? length)) }];
        }),
    );
}

function problemOf({ code = 'setting/elsewhere', message, newText }: Meant, where: Place): Problem {
    const short = newText?.trim();
    const fix: Fix | undefined = newText === undefined ? undefined : { title: `Write \`${short}\``, where, newText };
    const more = newText === undefined || message.endsWith('?') ? '' : ` Write \`${short}\`.`;
    return { code, severity: 'error', message: message + more, where, ...(fix ? { fix } : {}) };
}

function isWithin({ where }: Problem, { uri, start, end }: Place): boolean {
    if (where.uri !== uri) return false;
    const after =
        where.start.line > start.line || (where.start.line === start.line && where.start.character >= start.character);
    const before =
        where.start.line < end.line || (where.start.line === end.line && where.start.character <= end.character);
    return after && before;
}

/** The inside of strings and comments as spaces, so that their words are no clauses. What is not closed keeps its opening. */
function blanked(text: string): string {
    const spaces = (part: string) => part.replace(/[^\n]/g, ' ');
    return text.replace(/"""[\s\S]*?(?:"""|$)|"(?:\\.|[^"\\\n])*"?|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (found) => {
        if (found.startsWith('"""') && !(found.length >= 6 && found.endsWith('"""')))
            return `"""${spaces(found.slice(3))}`;
        if (found.startsWith('/*') && !(found.length >= 4 && found.endsWith('*/')))
            return `/*${spaces(found.slice(2))}`;
        if (!found.startsWith('"') || found.length < 2) return spaces(found);
        return `"${spaces(found.slice(1, -1))}${found.at(-1)}`;
    });
}
