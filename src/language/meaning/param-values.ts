/** What params are named for besides numbers: words, paths, sizes, samplers, schedules and sets of weights. */
import { type AstNode, AstUtils } from 'langium';
import { SAMPLERS, SCHEDULES, samplerFacts } from '../../plan/samplers.ts';
import { LATENT_FACTOR } from '../../plan/topology.ts';
import * as ast from '../generated/ast.ts';
import { sourceWords, wordsOf } from '../grammar/text.ts';
import type { ParamValue } from '../lower/changes.ts';
import { LARGEST_SIDE } from './ranges.ts';
import { isWhole } from './whole.ts';

/** The value of a param: in a run, or as it is declared. */
export type ValueOf = (param: ast.Param) => ParamValue;

export const declaredValue: ValueOf = ({ value }) => literalValue(value);

/** A value as it is written, or no words where it is not written yet; learned words are `<name>` in it. */
export function literalValue(literal: ast.Literal | undefined): ParamValue {
    if (!literal) return '';
    if (ast.isNumberLiteral(literal)) return literal.value;
    return literal.template ? sourceWords(literal.template) : (literal.value ?? '');
}

/** What is wrong with a param's value in its place, and what to write instead. */
export interface WrongValue {
    readonly code: string;
    readonly message: string;
    /** Which part of the clause, where it has several. */
    readonly property?: string;
}

/** The size that a clause has; the text of a param that is none is reported. */
export function sizeTextOf({ value, param }: ast.SizeClause, valueIn: ValueOf = declaredValue): string {
    return param?.ref ? String(valueIn(param.ref)) : (value ?? '');
}

/** What a clause has in place of a name of the library: that name, or the value of a param. */
export function libraryName(
    reference: ast.SamplerClause['sampler'] | ast.SamplerClause['schedule'],
    valueIn: ValueOf = declaredValue,
): string | undefined {
    const target = reference?.ref;
    return ast.isParam(target) ? String(valueIn(target)) : reference?.$refText;
}

/** The set of weights that a clause names, itself or by a param. */
export function weightSetOf(
    { weights }: ast.InfuseClause | ast.ScaleClause,
    valueIn: ValueOf = declaredValue,
): ast.WeightSet | undefined {
    const target = weights?.ref;
    return ast.isParam(target) ? weightSetNamed(String(valueIn(target)), target) : target;
}

/** The set of weights with this name in the file of a param, or that it imports. */
export function weightSetNamed(name: string, param: ast.Param): ast.WeightSet | undefined {
    return weightSetsAround(param).find((one) => one.name === name)?.set;
}

/** The sets of weights that the value of a param may name: those of its file, and those that it imports. */
function weightSetsAround(param: ast.Param): readonly { readonly name: string; readonly set: ast.WeightSet }[] {
    const spec = AstUtils.getContainerOfType(param, ast.isSpec);
    const own = spec?.declarations.filter(ast.isWeightSet).filter(({ name }) => Boolean(name)) ?? [];
    const imported = spec?.imports.flatMap(({ names }) => names) ?? [];
    return [
        ...own.map((set) => ({ name: set.name, set })),
        ...imported.flatMap(({ target, alias }) =>
            ast.isWeightSet(target?.ref) ? [{ name: alias ?? target.ref.name, set: target.ref }] : [],
        ),
    ];
}

/** The names between angle brackets in the value of a param. */
export function wordsNamedIn(value: string): readonly string[] {
    return [...value.matchAll(/<([A-Za-z_]\w*(?:-\w+)*)>/g)].map(([, name]) => name!);
}

/** The learned word with this name in the file of a param, or that it imports. */
export function wordSourceNamed(name: string, param: ast.Param): ast.WordSource | undefined {
    const spec = AstUtils.getContainerOfType(param, ast.isSpec);
    const own = spec?.declarations.find((one) => ast.isWordSource(one) && one.name === name);
    const imported = spec?.imports.flatMap(({ names }) => names) ?? [];
    const target = own ?? imported.find((one) => (one.alias ?? one.target?.$refText) === name)?.target?.ref;
    return ast.isWordSource(target) ? target : undefined;
}

/** Sets of weights that a node may name by the values of params. */
export function weightSetsByParam(node: AstNode): readonly ast.WeightSet[] {
    if (!(ast.isInfuseClause(node) || ast.isScaleClause(node)) || !ast.isParam(node.weights?.ref)) return [];
    return weightSetsAround(node.weights.ref).map(({ set }) => set);
}

/** Something with a path, which may have params in it. */
export interface HasPath {
    readonly source?: string | undefined;
    readonly template?: ast.TemplateText | undefined;
}

/** The path that is written, its params filled in; undefined for a picture that is derived. */
export function writtenPath({ source, template }: HasPath, valueIn: ValueOf = declaredValue): string | undefined {
    if (!template) return source;
    return wordsOf(template, ({ hole }) => (ast.isParam(hole.target.ref) ? String(valueIn(hole.target.ref)) : ''));
}

// ── Whether values fit ─────────────────────────────────────────────────

export function wrongSize(clause: ast.SizeClause, valueIn: ValueOf = declaredValue): WrongValue | undefined {
    if (!clause.param?.ref || !isWhole(clause.param.ref)) return undefined;
    const text = sizeTextOf(clause, valueIn);
    const sides = /^(\d+)x(\d+)$/.exec(text)?.slice(1).map(Number);
    if (sides?.every((side) => side > 0 && side % LATENT_FACTOR === 0 && side <= LARGEST_SIDE)) return undefined;
    const message = `\`${clause.param.$refText}\` is ${shown(text)} here, but a size is needed: width and height in pixels, multiples of ${LATENT_FACTOR} up to ${LARGEST_SIDE}, as in \`512x768\`.`;
    return { code: 'param/size', message };
}

export function wrongSampler(clause: ast.SamplerClause, valueIn: ValueOf = declaredValue): WrongValue | undefined {
    for (const [reference, kind, names] of [
        [clause.sampler, 'sampler', Object.keys(SAMPLERS) as readonly string[]],
        [clause.schedule, 'schedule', SCHEDULES],
    ] as const) {
        const param = reference?.ref;
        const name = libraryName(reference, valueIn);
        if (!ast.isParam(param) || !isWhole(param) || !name || (names as readonly string[]).includes(name)) continue;
        const message = `\`${param.name}\` is ${shown(name)} here, but the name of a ${kind} is needed: ${names.map((one) => `"${one}"`).join(', ')}.`;
        return { code: `param/${kind}`, message, property: kind };
    }
    const [name, schedule] = [libraryName(clause.sampler, valueIn), libraryName(clause.schedule, valueIn)];
    const byParam = ast.isParam(clause.sampler?.ref) || ast.isParam(clause.schedule?.ref);
    const facts = byParam ? samplerFacts(name ?? '') : undefined;
    if (!facts || schedule === undefined || (facts.schedules as readonly string[]).includes(schedule)) return undefined;
    const message = `With these params the sampler is \`${name}\`, which can't follow \`${schedule}\`: it follows ${facts.schedules.map((one) => `\`${one}\``).join(', ')}.`;
    return { code: 'param/schedule', message, property: 'schedule' };
}

export function wrongWeights(
    clause: ast.InfuseClause | ast.ScaleClause,
    valueIn: ValueOf = declaredValue,
): WrongValue | undefined {
    const param = clause.weights?.ref;
    if (!ast.isParam(param) || !isWhole(param) || weightSetOf(clause, valueIn)) return undefined;
    const names = weightSetsAround(param).map(({ name }) => `"${name}"`);
    const instead = names.length > 0 ? `: ${names.join(', ')}` : ', and its file has none: declare one with `weights`';
    const message = `\`${param.name}\` is ${shown(String(valueIn(param)))} here, but the name of a set of weights is needed${instead}.`;
    return { code: 'param/weights', message };
}

function shown(text: string): string {
    return /^[\d.x]+$/.test(text) ? text : `"${text}"`;
}
