/** Params: which of them a run can give values to, by which names, and the values that are given. */
import { AstUtils } from 'langium';
import type { Problem } from '../../plan/problem.ts';
import * as ast from '../generated/ast.ts';
import { nearest } from '../linking/nearest.ts';
import { literalValue, wordSourceNamed, wordsNamedIn } from '../meaning/param-values.ts';
import { neededBy } from '../meaning/uses.ts';
import { placeOf } from '../place.ts';
import type { ParamValue } from './changes.ts';

/** A param that a runnable needs, by the name that it has for the runnable's file. */
export interface NeededParam {
    readonly name: string;
    readonly value: ParamValue;
}

/** The params that have a say in a runnable: those of its own file, and those that it takes from others. */
export function paramsOf(runnable: ast.Runnable): readonly NeededParam[] {
    const needed = new Set(neededBy(runnable).filter(ast.isParam));
    const names = new Map<ast.Param, string>();
    for (const [name, param] of knownTo(runnable, [...needed])) if (needed.has(param)) names.set(param, name);
    return [...names].map(([param, name]) => ({ name, value: literalValue(param.value) }));
}

/** Params given from outside: by the names of the runnable's own file first, then of any that it needs. */
export function givenParams(
    runnable: ast.Runnable,
    needed: readonly ast.Declaration[],
    values: Readonly<Record<string, string>>,
    problems: Problem[],
): ReadonlyMap<ast.Param, ParamValue> {
    if (Object.keys(values).length === 0) return new Map();
    const known = knownTo(runnable, needed.filter(ast.isParam));
    const given = new Map<ast.Param, ParamValue>();
    for (const [name, text] of Object.entries(values)) {
        const param = known.get(name);
        if (!param) {
            const near = nearest(name, known.keys());
            const names = [...known.keys()].map((k) => `\`${k}\``).join(', ');
            const hint = near
                ? `Did you mean \`${near}\`?`
                : names
                  ? `The params here are ${names}.`
                  : 'The spec has no params.';
            const message = `\`${runnable.name}\` has no param \`${name}\`. ${hint}`;
            problems.push({
                code: 'param/unknown',
                severity: 'error',
                message,
                where: placeOf(runnable, { property: 'name' }),
            });
        } else if (ast.isNumberLiteral(param.value) && (text.trim() === '' || !Number.isFinite(Number(text)))) {
            const message = `The param \`${name}\` is a number, but "${text}" was given.`;
            problems.push({
                code: 'param/number',
                severity: 'error',
                message,
                where: placeOf(param, { property: 'value' }),
            });
        } else {
            for (const word of wordsNamedIn(text)) reportWord(word, param, problems);
            given.set(param, ast.isNumberLiteral(param.value) ? Number(text) : text);
        }
    }
    return given;
}

function reportWord(word: string, param: ast.Param, problems: Problem[]): void {
    if (ast.isNumberLiteral(param.value) || wordSourceNamed(word, param)) return;
    const message = `There is no learned word \`${word}\` in the file of \`${param.name}\`: \`<${word}>\` is read as these characters. Declare it with \`embedding\` or \`learn\`.`;
    problems.push({ code: 'param/word', severity: 'warning', message, where: placeOf(param, { property: 'value' }) });
}

/** All params that may be given, the same name meaning what it means in the runnable's own file. */
function knownTo(runnable: ast.Runnable, needed: readonly ast.Param[]): ReadonlyMap<string, ast.Param> {
    const known = new Map<string, ast.Param>();
    const spec = AstUtils.getContainerOfType(runnable, ast.isSpec);
    for (const param of needed) known.set(param.name, param);
    for (const { target, alias } of spec?.imports.flatMap(({ names }) => names) ?? []) {
        if (target && ast.isParam(target.ref)) known.set(alias ?? target.ref.name, target.ref);
    }
    // A param of the file that has no say here hides none that has.
    for (const param of spec?.declarations.filter(ast.isParam) ?? []) {
        if (needed.includes(param) || !known.has(param.name)) known.set(param.name, param);
    }
    return known;
}
