/** A runnable spelled out as one spec: inheritance flattened, defaults written, imports and params filled, explained in comments. */

import { type AstNode, AstUtils, GrammarUtils } from 'langium';
import { isBuiltin } from '../../plan/companions.ts';
import { stepsOf } from '../../plan/curve.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import { stepsRun } from '../../plan/steps.ts';
import * as ast from '../generated/ast.ts';
import { sourceWords } from '../grammar/text.ts';
import { summaryOf } from '../library/layers.ts';
import { isGlob, relativePath, specFolderOf } from '../linking/paths.ts';
import type { ParamValue } from '../lower/changes.ts';
import { forMade, type Lowering, paramValue, valuesIn } from '../lower/context.ts';
import { windowOf } from '../lower/curve.ts';
import { picturePlan } from '../lower/picture/picture.ts';
import { boundBy } from '../meaning/bindings.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { effective, extendedBy, settingOf } from '../meaning/inherit.ts';
import { layerWeights, sitesOf } from '../meaning/layers.ts';
import { weightSetsByParam } from '../meaning/param-values.ts';
import { windowsOf } from '../meaning/read-phrases.ts';
import { neededBy } from '../meaning/uses.ts';
import { curveText, oneLine, quote } from './value-text.ts';

/** Hex sha256 of a file by its path relative to the spec; undefined for what is no file. */
export type DigestOfFile = (path: string) => string | undefined;

/**
 * The spec of one runnable and of all that it needs, which runs to the same plan. Paths are relative to its own folder;
 * comments have the digests of files, the steps of windows, and what layers are.
 */
export function spelledOut(
    runnable: ast.Runnable,
    context: Lowering,
    digestOf: DigestOfFile = () => undefined,
): string {
    const needed = neededBy(runnable);
    const names = namesOf(runnable, needed);
    // What the runnable sets by `with` is what its params are declared with here.
    const subject = ast.isSweep(runnable) ? runnable.subject.ref : runnable;
    const writer: Writer = {
        names,
        context: ast.isGenerate(subject) ? { ...context, bound: boundBy(subject) } : context,
        digestOf,
        defaultModel: freeName('sketch', new Set(names.values())),
        isSwept: ast.isSweep(runnable) && runnable.items.some(ast.isSamplerAxis),
    };
    const parts = ordered(runnable).map((declaration) =>
        declarationText(declaration, declaration === runnable, writer),
    );
    const usesDefault = parts.some((text) => new RegExp(`^    use ${writer.defaultModel}$`, 'm').test(text));
    const isDeclared = needed.some((one) => names.get(one) === writer.defaultModel);
    const model = usesDefault && !isDeclared ? [`model ${writer.defaultModel} = ${quote('builtin:sketch')}\n`] : [];
    return [...model, ...parts].join('\n');
}

interface Writer {
    readonly names: ReadonlyMap<AstNode, string>;
    readonly context: Lowering;
    readonly digestOf: DigestOfFile;
    /** What the model is called that is used where none is named. */
    readonly defaultModel: string;
    /** Whether samplers are what the runnable varies. */
    readonly isSwept: boolean;
}

/** Declarations keep their names in the runnable's own file: labels of sweeps are made of them. Others make room. */
function namesOf(runnable: ast.Runnable, needed: readonly ast.Declaration[]): ReadonlyMap<AstNode, string> {
    const names = new Map<AstNode, string>();
    const spec = AstUtils.getContainerOfType(runnable, ast.isSpec);
    const aliases = new Map(
        spec?.imports.flatMap(({ names: all }) => all.map(({ target, alias }) => [target?.ref, alias] as const)),
    );
    const taken = new Set<string>();
    const near = (one: ast.Declaration) => AstUtils.getContainerOfType(one, ast.isSpec) === spec || aliases.has(one);
    for (const declaration of [...needed].sort((a, b) => Number(near(b)) - Number(near(a)))) {
        const name = freeName(aliases.get(declaration) ?? nameIn(declaration), taken);
        taken.add(name);
        names.set(declaration, name);
    }
    return names;
}

function nameIn(declaration: ast.Declaration): string {
    return 'name' in declaration && declaration.name ? declaration.name : 'unnamed';
}

/** A name that a spec has is one that it may have. */
function freeName(wanted: string, taken: ReadonlySet<string>): string {
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`;
    return name;
}

/** What is needed comes before what needs it; bases whose settings are written out where they are inherited are left out. */
function ordered(runnable: ast.Runnable): readonly ast.Declaration[] {
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
    const nodes: readonly AstNode[] = ast.isGenerate(declaration) ? clausesOf(declaration, true) : [declaration];
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

function declarationText(declaration: ast.Declaration, isRun: boolean, writer: Writer): string {
    const name = writer.names.get(declaration) ?? nameIn(declaration);
    if (ast.isGenerate(declaration)) return generateText(declaration, name, isRun, writer);
    if (ast.isParam(declaration)) {
        const value = paramValue(declaration, writer.context);
        return `param ${name} = ${valueText(declaration, value)}\n`;
    }
    const text = textOf(declaration, writer, name);
    if (ast.isImage(declaration) && isGlob(declaration.source ?? ''))
        return `${digestsOfSet(declaration, writer)}${text}\n`;
    const digest = 'source' in declaration && !declaration.digest ? digestText(declaration, writer) : '';
    return `${text}${digest}\n`;
}

const MEASURE = /^\d+(\.\d+)?(x\d+(\.\d+)?(cm|mm|in)?|px|cm|mm|in|%)$|^\d+dpi$/;

/** Sizes, lengths, percentages and densities without quotes, learned words as they were written. */
function valueText({ value: declared }: ast.Param, value: ParamValue): string {
    if (typeof value === 'number' || MEASURE.test(value)) return String(value);
    const isTemplate = ast.isTextLiteral(declared) && declared.template !== undefined;
    return isTemplate ? quote(value).replace(/\\<(?=[A-Za-z_][\w-]*>)/g, '<') : quote(value);
}

/** The digest of a file that the spec does not pin. */
function digestText(declaration: ast.Declaration, { context, digestOf }: Writer): string {
    const source = 'source' in declaration && typeof declaration.source === 'string' ? declaration.source : '';
    if (source === '' || isBuiltin(source) || source.includes(':')) return '';
    const sha256 = digestOf(relativePath(source, specFolderOf(declaration), context.home));
    return sha256 ? ` // sha256:${sha256}` : '';
}

/** The digests of the pictures of a set, a comment each. */
function digestsOfSet(image: ast.Image, { context, digestOf }: Writer): string {
    const folder = specFolderOf(image);
    const found = context.files?.glob(folder.toString(), image.source!) ?? [];
    const lines = found.flatMap((path) => {
        const file = relativePath(path, folder, context.home);
        const sha256 = digestOf(file);
        return sha256 ? [`// ${oneLine(file)} sha256:${sha256}\n`] : [];
    });
    return lines.join('');
}

// ── Generates ──────────────────────────────────────────────────────────

const DEFAULT_CLAUSES = [
    'UseClause',
    'SizeClause',
    'StepsClause',
    'SamplerClause',
    'GuidanceClause',
    'SeedClause',
    'NoiseClause',
] as const;

/** What a generate is made with, whichever of its bases wrote it. */
function clausesOf(generate: ast.Generate, isRun: boolean): readonly ast.Setting[] {
    return effective(generate)
        .filter(({ setting, from }) => !ast.isExpectClause(setting) || (isRun && from === generate))
        .map(({ setting }) => setting);
}

/** An outpainting without a picture of its own widens that of its base. */
function widens(generate: ast.Generate): boolean {
    const settings = effective(generate);
    return (
        settingOf(settings, ast.isOutpaintClause) !== undefined && settingOf(settings, ast.isStartClause) === undefined
    );
}

function generateText(generate: ast.Generate, name: string, isRun: boolean, outer: Writer): string {
    const writer: Writer = { ...outer, context: { ...outer.context, bound: boundBy(generate) } };
    const clauses = clausesOf(generate, isRun);
    const plan = picturePlan(generate, forMade(writer.context));
    const written = new Set<string>(clauses.map(({ $type }) => $type));
    const missing = DEFAULT_CLAUSES.filter((type) => !written.has(type));
    const lines = [
        ...missing.map((type) => ({ type, text: `    ${defaultText(type, plan, writer)}\n` })),
        ...clauses.map((clause) => ({
            type: clause.$type,
            text: `${notesOf(clause, plan, writer.context)}    ${textOf(clause, writer)}${endOf(clause)}\n`,
        })),
    ].sort((one, other) => placeOfClause(one.type) - placeOfClause(other.type));
    const base = widens(generate) ? extendedBy(generate) : undefined;
    const head = base ? ` extends ${writer.names.get(base) ?? base.name}` : '';
    return `generate ${name}${head} {\n${lines.map(({ text }) => text).join('')}}\n`;
}

/** What is painted with, what it shows and how come first; the others keep their order. */
const FIRST = ['UseClause', 'PromptClause', 'NegativeClause', ...DEFAULT_CLAUSES.slice(1)] as const;

function placeOfClause(type: string): number {
    const at = (FIRST as readonly string[]).indexOf(type);
    return at < 0 ? FIRST.length : at;
}

function defaultText(
    type: (typeof DEFAULT_CLAUSES)[number],
    plan: PicturePlan,
    { defaultModel, isSwept }: Writer,
): string {
    switch (type) {
        case 'UseClause':
            return `use ${defaultModel}`;
        case 'SizeClause':
            return `size ${plan.size.width}x${plan.size.height}`;
        case 'StepsClause':
            return `steps ${DEFAULTS.steps}`;
        case 'SamplerClause':
            // A schedule that is written would be that of swept samplers too.
            return isSwept
                ? `sampler ${DEFAULTS.sampler.name}`
                : `sampler ${DEFAULTS.sampler.name} on ${DEFAULTS.sampler.schedule}`;
        case 'GuidanceClause':
            return `guidance ${curveText(DEFAULTS.guidance.scale)}`;
        case 'SeedClause':
            return `seed ${DEFAULTS.seed}`;
        case 'NoiseClause':
            return `noise ${DEFAULTS.noise.kind}`;
    }
}

/** Options that have defaults and are not written. */
function endOf(clause: ast.Setting): string {
    return ast.isStartClause(clause) && !clause.strength ? ` strength ${DEFAULTS.strength}` : '';
}

/** What a clause means in numbers, in comments above it. */
function notesOf(clause: ast.Setting, { steps, start }: PicturePlan, context: Lowering): string {
    const notes: string[] = [];
    const run = stepsRun(steps, start?.strength);
    for (const { window, valueIn } of windowsOf(clause, valuesIn(context))) {
        const text = window.$cstNode?.text ?? '';
        // What a run gives wins over what is set where something is used.
        const { first, end } = stepsOf(
            windowOf(window, (param) => context.params.get(param) ?? valueIn(param)),
            run,
        );
        notes.push(
            end > first
                ? `during ${text}: steps ${first + 1} to ${end} of ${run}`
                : `during ${text}: none of ${run} steps`,
        );
    }
    if (
        ast.isInfuseClause(clause) ||
        ast.isScaleClause(clause) ||
        ast.isControlClause(clause) ||
        ast.isApplyClause(clause)
    ) {
        const lines = ast.isInfuseClause(clause) || ast.isScaleClause(clause) ? layerWeights(clause) : clause.layers;
        const sites = new Set(lines.flatMap(({ selectors }) => sitesOf(selectors)));
        notes.push(...[...sites].map((site) => `${site}: ${summaryOf(site)}`));
    }
    return [...new Set(notes)].map((note) => `    // ${note}\n`).join('');
}

// ── Text as it is written, with other names and paths ──────────────────

interface Edit {
    readonly from: number;
    readonly to: number;
    readonly text: string;
}

/** Properties that are paths, by the type of their node. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
    Model: ['source', 'vae'],
    Lora: ['source'],
    Embedding: ['source'],
    ControlNet: ['source'],
    Upscaler: ['source'],
    Image: ['source'],
    NoiseClause: ['file'],
    PaperClause: ['profile'],
};

function isNetwork(node: AstNode): node is ast.Lora | ast.Embedding | ast.ControlNet | ast.Upscaler {
    return ast.isLora(node) || ast.isEmbedding(node) || ast.isControlNet(node) || ast.isUpscaler(node);
}

/** The source of a node with every name as it is called here, and every path relative to here. */
function textOf(node: AstNode, writer: Writer, name?: string): string {
    const cst = node.$cstNode;
    if (!cst) return '';
    const edits: Edit[] = [];
    const replace = (part: { readonly offset: number; readonly end: number } | undefined, text: string) => {
        if (part) edits.push({ from: part.offset - cst.offset, to: part.end - cst.offset, text });
    };
    if (name !== undefined) replace(GrammarUtils.findNodeForProperty(cst, 'name'), name);
    for (const one of AstUtils.streamAst(node)) {
        for (const { reference } of AstUtils.streamReferences(one)) {
            const target = 'ref' in reference ? reference.ref : undefined;
            const called = target && writer.names.get(target);
            if (called !== undefined && called !== reference.$refText) replace(reference.$refNode, called);
        }
        // What a run gives wins over what is set where something is used.
        const given = ast.isParamBinding(one) && one.param.ref && writer.context.params.get(one.param.ref);
        if (given !== undefined && given !== false && ast.isParamBinding(one) && one.param.ref)
            replace(one.value.$cstNode, valueText(one.param.ref, given));
        const template = ast.isImage(one) || isNetwork(one) ? one.template : undefined;
        const written = template && sourceWords(template);
        const filled = written && relativePath(written, specFolderOf(one), writer.context.home);
        if (filled !== written) replace(template?.$cstNode, `"${/^\.{0,2}\//.test(filled!) ? filled : `./${filled}`}"`);
        for (const property of PATHS[one.$type] ?? []) {
            const path = (one as unknown as Readonly<Record<string, unknown>>)[property];
            if (typeof path !== 'string' || /^[a-z]+:/i.test(path)) continue;
            const moved = relativePath(path, specFolderOf(one), writer.context.home);
            const part = GrammarUtils.findNodeForProperty(one.$cstNode, property);
            if (moved !== path) replace(part, quote(/^\.{0,2}\//.test(moved) ? moved : `./${moved}`));
        }
    }
    return [...edits]
        .sort((a, b) => b.from - a.from)
        .reduce((text, { from, to, text: other }) => text.slice(0, from) + other + text.slice(to), cst.text);
}
