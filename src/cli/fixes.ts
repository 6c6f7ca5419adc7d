/** Quick fixes from the command line: made where they help, never where they make a file worse. */
import { fileURLToPath } from 'node:url';
import { editsOf, type Fix, type Place, type Problem, type TextChange } from '../plan/problem.ts';
import type { SpecText } from './specs.ts';

export interface Fixed {
    readonly text: string;
    /** The problems whose fixes were made, in the places that they had. */
    readonly made: readonly Problem[];
    /** What is left. */
    readonly problems: readonly Problem[];
}

/** One fix may make room for another, but not for ever. */
const MAX_ROUNDS = 20;

/**
 * Applies the fixes of errors and warnings, round by round, as long as fewer problems are left than before and no more
 * errors. `check` returns all problems of a text.
 */
export async function fixAll(spec: SpecText, check: (spec: SpecText) => Promise<readonly Problem[]>): Promise<Fixed> {
    let now: Fixed = { text: spec.text, made: [], problems: await check(spec) };
    for (let round = 0; round < MAX_ROUNDS; round++) {
        const fixable = now.problems.filter(
            (one) => isSerious(one) && one.fix && editsOf(one.fix).every(({ where }) => isIn(spec.file, where)),
        );
        const attempts = [apart(fixable), ...fixable.map((one) => [one])];
        let better: Fixed | undefined;
        for (const attempt of attempts) {
            if (attempt.length === 0) continue;
            const text = withFixes(
                now.text,
                attempt.map(({ fix }) => fix!),
            );
            const problems = await check({ ...spec, text });
            if (!isBetter(problems, now.problems)) continue;
            better = { text, made: [...now.made, ...attempt], problems };
            break;
        }
        if (!better) return now;
        now = better;
    }
    return now;
}

function isIn(file: string, { uri }: Place): boolean {
    return uri.startsWith('file:') && fileURLToPath(uri) === file;
}

function isSerious({ severity }: Problem): boolean {
    return severity === 'error' || severity === 'warning';
}

function isBetter(after: readonly Problem[], before: readonly Problem[]): boolean {
    const errors = (problems: readonly Problem[]) => problems.filter(({ severity }) => severity === 'error').length;
    const all = (problems: readonly Problem[]) => problems.filter(isSerious).length;
    return errors(after) <= errors(before) && all(after) < all(before);
}

/** Those whose edits do not touch each other, the first of each place. */
function apart(problems: readonly Problem[]): readonly Problem[] {
    const chosen: Problem[] = [];
    for (const problem of problems) {
        const isFree = ({ where }: TextChange) =>
            chosen.every((one) => editsOf(one.fix!).every((edit) => !overlap(edit.where, where)));
        if (editsOf(problem.fix!).every(isFree)) chosen.push(problem);
    }
    return chosen;
}

function overlap(a: Place, b: Place): boolean {
    return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: Place['start'], b: Place['start']): boolean {
    return a.line < b.line || (a.line === b.line && a.character < b.character);
}

function withFixes(text: string, fixes: readonly Fix[]): string {
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    const offset = ({ line, character }: Place['start']) =>
        line < starts.length ? starts[line]! + character : text.length;
    // From the end; of two in one place the first stays before the second.
    return fixes
        .flatMap(editsOf)
        .reverse()
        .sort((a, b) => offset(b.where.start) - offset(a.where.start))
        .reduce(
            (now, { where, newText }) => now.slice(0, offset(where.start)) + newText + now.slice(offset(where.end)),
            text,
        );
}
